"""The WhatsApp Cloud API as Carol meets it: messages, media, marks and their errors, and the webhooks it would post."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import hashlib
import hmac
import itertools
import json
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.emulators.cloud_rules import LIMITS, Template, complaint, graph_error, text_of
from tests.emulators.server import COURTESY, Answer, Call, Emulator

__all__ = ["NOON", "CloudEmulator", "Held", "Sent", "Template", "graph_error"]

NOON = 1_773_144_000  # 2026-03-10T12:00:00Z, in seconds


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the API took. `to` is the digits or BSUID as asked; `reference` what we asked it to echo in statuses."""

    id: str
    to: str
    text: str
    reference: str | None
    kind: str = "text"  # the API's own type: text | interactive | template | image | …
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A file the API holds, uploaded by us or sent by a patient."""

    media_type: str
    name: str
    data: bytes = field(repr=False)


class CloudEmulator(Emulator):
    """`.sent` holds what was taken, `.read` the messages marked as read, `.typing` those answered with a typing sign.

    `.absent` recipients answer 131026. To those in `.window_closed` only templates go (131047): at once, or, with
    `.late_window`, taken and told by `failures()`. `.pair_limit` is (messages, seconds) to one person, else 131056.
    """

    prefix = "/v26.0"

    def __init__(
        self,
        *,
        phone_number_id: str = "106500000000001",
        access_token: str = "ficha-de-teste",
        app_secret: str = "segredo-do-aplicativo",
        verify_token: str = "ficha-de-verificacao",
    ) -> None:
        super().__init__()
        self.phone_number_id, self.access_token = phone_number_id, access_token
        self.app_secret, self.verify_token = app_secret, verify_token
        self.business = "102000000000001"
        self.connected = True
        self.absent: set[str] = set()
        self.window_closed: set[str] = set()
        self.late_window = False
        self.pair_limit: tuple[int, float] | None = None
        self.templates: dict[tuple[str, str], Template] = {}
        self.media: dict[str, Held] = {}
        self.media_host = ""  # where downloads are said to be; "" is here
        self.read: list[str] = []
        self.typing: list[str] = []
        self._sent: list[Sent] = []
        self._failures: list[dict[str, Any]] = []
        self._paces: defaultdict[str, list[float]] = defaultdict(list)
        self._serial = itertools.count(1)

    @property
    def sent(self) -> tuple[Sent, ...]:
        with self._lock:
            return tuple(self._sent)

    @property
    def credentials(self) -> dict[str, str]:
        return {"base_url": self.base_url, "phone_number_id": self.phone_number_id, "access_token": self.access_token}

    def kind(self, call: Call) -> str:
        """send | courtesy | upload | media | download | state."""
        last = call.path.rsplit("/", 1)[-1]
        if last == "messages":
            return COURTESY if isinstance(call.body, dict) and "status" in call.body else "send"
        if last == "media":
            return "upload"
        if call.path.startswith("/lookaside/"):
            return "download"
        return "state" if last == self.phone_number_id else "media"

    def handle(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {self.access_token}":
            return graph_error(190, "Error validating access token", status=401, kind="OAuthException")
        own = f"{self.prefix}/{self.phone_number_id}"
        held = self.media.get(call.path.rsplit("/", 1)[-1])
        match call.method:
            case "POST" if call.path == f"{own}/messages":
                return self._message(call.body if isinstance(call.body, dict) else {})
            case "POST" if call.path == f"{own}/media":
                return self._upload(call)
            case "GET" if call.path == own:
                return Answer(200, {"id": self.phone_number_id, "status": "CONNECTED" if self.connected else "PENDING"})
            case "GET" if held is not None and call.path.startswith("/lookaside/"):
                return Answer(200, held.data, {"Content-Type": held.media_type})
            case "GET" if held is not None:
                return self._media(call.path.rsplit("/", 1)[-1], held)
        return graph_error(100, f"Unsupported {call.method.lower()} request.", subcode=33, kind="GraphMethodException")

    def _message(self, body: Mapping[str, Any]) -> Answer:
        if body.get("messaging_product") != "whatsapp":
            return graph_error(100, "(#100) The parameter messaging_product is required.")
        if body.get("status") == "read":
            return self._mark(body)
        to = body.get("to") or body.get("recipient")
        if not isinstance(to, str):
            return graph_error(131008, "(#131008) Required parameter is missing", details="The parameter to is required")
        refusal = complaint(body, templates=self.templates, uploads=self.media) or self._refusal(to, body)
        if refusal is not None:
            return refusal
        with self._lock:
            sent = Sent(self._new_id(), to, text_of(body), body.get("biz_opaque_callback_data"), str(body["type"]), body)
            self._sent.append(sent)
        if self._shut(to, body):
            self._failures.append(self.status(sent.id, "failed", number=to, error=131047))
        named = {"wa_id": _wa_id(to)} if "to" in body else {"user_id": to}
        accepted = {"id": sent.id, "message_status": "accepted"}
        return Answer(200, {"messaging_product": "whatsapp", "contacts": [{"input": to, **named}], "messages": [accepted]})

    def _refusal(self, to: str, body: Mapping[str, Any]) -> Answer | None:
        if to in self.absent:
            return graph_error(131026, "(#131026) Message undeliverable", details="Message Undeliverable.")
        if self._shut(to, body) and not self.late_window:
            return graph_error(131047, "(#131047) Re-engagement message", details="More than 24 hours have passed")
        if self.pair_limit is not None:
            most, seconds = self.pair_limit
            now = time.monotonic()
            with self._lock:
                recent = self._paces[_wa_id(to)] = [at for at in self._paces[_wa_id(to)] if now - at < seconds]
                if len(recent) >= most:
                    return graph_error(131056, "(#131056) (Business Account, Consumer Account) pair rate limit hit")
                recent.append(now)
        return None

    def _shut(self, to: str, body: Mapping[str, Any]) -> bool:
        return body.get("type") != "template" and _wa_id(to) in {_wa_id(number) for number in self.window_closed}

    def _mark(self, body: Mapping[str, Any]) -> Answer:
        with self._lock:
            self.read.append(str(body.get("message_id")))
            if "typing_indicator" in body:
                self.typing.append(str(body.get("message_id")))
        return Answer(200, {"success": True})

    def _upload(self, call: Call) -> Answer:
        head = f"Content-Type: {call.headers.get('content-type', '')}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + call.raw)
        parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
        if not {"messaging_product", "file"} <= set(parts):
            return graph_error(100, "(#100) The parameter file is required.")
        file = parts["file"]
        data = file.get_payload(decode=True)
        assert isinstance(data, bytes)
        media_type = file.get_content_type()
        kind = media_type.split("/")[0]
        if len(data) > LIMITS.get(kind, LIMITS["document"]) * 2**20:
            return graph_error(131052, "(#131052) Media too large")
        return Answer(200, {"id": self.hold(data, media_type, file.get_filename() or "")})

    def hold(self, data: bytes, media_type: str, name: str = "") -> str:
        """Keeps a file, as if a patient had sent it; its media id."""
        with self._lock:
            media_id = f"{next(self._serial):016d}"
            self.media[media_id] = Held(media_type, name, data)
        return media_id

    def _media(self, media_id: str, held: Held) -> Answer:
        here = self.base_url.removesuffix(self.prefix)
        return Answer(
            200,
            {
                "messaging_product": "whatsapp",
                "url": f"{self.media_host or here}/lookaside/{media_id}?ext=1&hash=Af",
                "mime_type": held.media_type,
                "sha256": hashlib.sha256(held.data).hexdigest(),
                "file_size": len(held.data),
                "id": media_id,
            },
        )

    def _new_id(self) -> str:
        return "wamid." + base64.b64encode(f"carol-{next(self._serial):012d}".encode()).decode()

    # --- what it would post to us -------------------------------------------------------------------------------------

    def webhook(self, value: Mapping[str, Any], field: str = "messages") -> dict[str, Any]:
        """One entry with one change."""
        metadata = {"display_phone_number": "553133330000", "phone_number_id": self.phone_number_id}
        full = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        entry = {"id": self.business, "changes": [{"value": full, "field": field}]}
        return {"object": "whatsapp_business_account", "entry": [entry]}

    def inbound(
        self,
        text: str,
        *,
        number: str,
        name: str = "Bruna Teste",
        message_id: str | None = None,
        bsuid: str | None = None,
        at: int = NOON,
    ) -> dict[str, Any]:
        """A patient writes, at epoch second `at`. With `number=""` only the BSUID is told."""
        part = {"type": "text", "text": {"body": text}}
        return self.received(part, number=number, name=name, message_id=message_id, bsuid=bsuid, at=at)

    def received(
        self,
        part: Mapping[str, Any],
        *,
        number: str,
        name: str = "Bruna Teste",
        message_id: str | None = None,
        bsuid: str | None = None,
        quoted: str | None = None,
        at: int = NOON,
    ) -> dict[str, Any]:
        """A patient sends any message: `part` is its `type` and what that names."""
        card: dict[str, Any] = {"profile": {"name": name}}
        message: dict[str, Any] = {"id": message_id or self._new_id(), "timestamp": str(at), **part}
        if number:
            card["wa_id"] = message["from"] = number
        if bsuid:
            card["user_id"] = message["from_user_id"] = bsuid
        if quoted:
            message["context"] = {"from": "553133330000", "id": quoted}
        return self.webhook({"contacts": [card], "messages": [message]})

    def file(
        self, kind: str, data: bytes, media_type: str, *, number: str, caption: str = "", name: str = "", at: int = NOON
    ) -> dict[str, Any]:
        """A patient sends a file, which can be fetched here; an audio is a voice note."""
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        part: dict[str, Any] = {"id": self.hold(data, media_type, name), "mime_type": media_type, "sha256": digest}
        part |= {"caption": caption} if caption else {}
        part |= {"filename": name} if name else {}
        part |= {"voice": True} if kind == "audio" else {}
        return self.received({"type": kind, kind: part}, number=number, at=at)

    def chosen(self, option_id: str, label: str, *, number: str, quoted: str = "", row: bool = False) -> dict[str, Any]:
        """A patient taps a button, or picks a row of a list."""
        kind = "list_reply" if row else "button_reply"
        part = {"type": "interactive", "interactive": {"type": kind, kind: {"id": option_id, "title": label}}}
        return self.received(part, number=number, quoted=quoted or None)

    def staff_reply(self, text: str, *, number: str, message_id: str | None = None, at: int = NOON) -> dict[str, Any]:
        """A person answers in the WhatsApp Business app."""
        echo = {"from": "553133330000", "to": number, "id": message_id or self._new_id(), "timestamp": str(at)}
        return self.webhook({"message_echoes": [{**echo, "type": "text", "text": {"body": text}}]}, "smb_message_echoes")

    def status(self, message_id: str, state: str, *, number: str = "5531988880001", error: int | None = None) -> dict[str, Any]:
        """`sent`, `delivered`, `read` or `failed` of a message of ours, with the reference it was sent with."""
        record: dict[str, Any] = {"id": message_id, "status": state, "timestamp": str(NOON + 1)}
        record["recipient_id"] = _wa_id(number)
        reference = next((sent.reference for sent in self.sent if sent.id == message_id), None)
        if reference is not None:
            record["biz_opaque_callback_data"] = reference
        if error is not None:
            record["errors"] = [{"code": error, "title": "Message failed", "error_data": {"details": "…"}}]
        return self.webhook({"statuses": [record]})

    def failures(self) -> list[dict[str, Any]]:
        """The failed statuses owed for what was taken outside a window; each is told once."""
        with self._lock:
            owed, self._failures = self._failures, []
        return owed

    def template_decided(self, name: str, event: str, *, language: str = "pt_BR", reason: str = "NONE") -> dict[str, Any]:
        """`APPROVED`, `REJECTED`, `PAUSED`, `DISABLED`… It names the business, not a number."""
        value = {"event": event, "message_template_name": name, "message_template_language": language, "reason": reason}
        change = {"value": value, "field": "message_template_status_update"}
        entry = {"id": self.business, "time": NOON, "changes": [change]}
        return {"object": "whatsapp_business_account", "entry": [entry]}

    def moved(self, before: str, after: str, *, at: int = NOON) -> dict[str, Any]:
        """A patient changes their number."""
        system = {"body": f"User A changed from {before} to {after}", "wa_id": after, "type": "user_changed_number"}
        message = {"from": before, "id": self._new_id(), "timestamp": str(at), "type": "system", "system": system}
        return self.webhook({"messages": [message]})

    def signed(self, body: Any) -> tuple[bytes, dict[str, str]]:
        """The bytes (unicode escaped, as Meta does) and headers of a webhook call, for any client."""
        raw = json.dumps(body).encode()
        digest = hmac.new(self.app_secret.encode(), raw, hashlib.sha256).hexdigest()
        return raw, {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={digest}"}

    def post(self, url: str, body: Any) -> httpx.Response:
        """Post a webhook and wait for the answer. Blocks: not for the loop that serves `url`."""
        raw, headers = self.signed(body)
        return httpx.post(url, content=raw, headers=headers, timeout=10)


def _wa_id(number: str) -> str:
    """WhatsApp's own spelling: from area code 31 on, mobiles lose the ninth digit."""
    mobile = re.fullmatch(r"55([0-9]{2})9([6-9][0-9]{7})", number)
    return f"55{mobile[1]}{mobile[2]}" if mobile and int(mobile[1]) >= 31 else number
