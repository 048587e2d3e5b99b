"""The WhatsApp Cloud API as Carol meets it: `POST /{phone_number_id}/messages`, its errors, and signed webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.emulators.server import Answer, Call, Emulator

NOON = 1_773_144_000  # 2026-03-10T12:00:00Z, in seconds


@dataclass(frozen=True, slots=True)
class Sent:
    """A text the API took. `to` is the digits or BSUID as asked; `reference` what we asked it to echo in statuses."""

    id: str
    to: str
    text: str
    reference: str | None


class CloudEmulator(Emulator):
    """`.sent` holds what was taken; `.absent` recipients answer 131026."""

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
        self.absent: set[str] = set()
        self._sent: list[Sent] = []
        self._serial = itertools.count(1)

    @property
    def sent(self) -> tuple[Sent, ...]:
        with self._lock:
            return tuple(self._sent)

    @property
    def credentials(self) -> dict[str, str]:
        return {"base_url": self.base_url, "phone_number_id": self.phone_number_id, "access_token": self.access_token}

    def handle(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {self.access_token}":
            return graph_error(190, "Error validating access token", status=401, kind="OAuthException")
        if call.path != f"{self.prefix}/{self.phone_number_id}/messages" or call.method != "POST":
            return graph_error(100, f"Unsupported {call.method.lower()} request.", subcode=33, kind="GraphMethodException")
        return self._message(call.body if isinstance(call.body, dict) else {})

    def _message(self, body: Mapping[str, Any]) -> Answer:
        to, text = body.get("to") or body.get("recipient"), body.get("text")
        if body.get("messaging_product") != "whatsapp":
            return graph_error(100, "(#100) The parameter messaging_product is required.")
        if not isinstance(to, str):
            return graph_error(131008, "(#131008) Required parameter is missing", details="The parameter to is required")
        if body.get("type") != "text" or not isinstance(text, dict) or not text.get("body"):
            return graph_error(131009, "(#131009) Parameter value is not valid", details="text.body is required")
        if len(text["body"]) > 4096:
            return graph_error(100, "(#100) Param text['body'] must be at most 4096 characters long.")
        if to in self.absent:
            return graph_error(131026, "(#131026) Message undeliverable", details="Message Undeliverable.")
        with self._lock:
            sent = Sent(self._new_id(), to, text["body"], body.get("biz_opaque_callback_data"))
            self._sent.append(sent)
        named = {"wa_id": _wa_id(to)} if "to" in body else {"user_id": to}
        accepted = {"id": sent.id, "message_status": "accepted"}
        return Answer(200, {"messaging_product": "whatsapp", "contacts": [{"input": to, **named}], "messages": [accepted]})

    def _new_id(self) -> str:
        return "wamid." + base64.b64encode(f"carol-{next(self._serial):012d}".encode()).decode()

    # --- what it would post to us -------------------------------------------------------------------------------------

    def webhook(self, value: Mapping[str, Any], field: str = "messages") -> dict[str, Any]:
        """One entry with one change."""
        metadata = {"display_phone_number": "553133330000", "phone_number_id": self.phone_number_id}
        full = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        entry = {"id": "102000000000001", "changes": [{"value": full, "field": field}]}
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
        card: dict[str, Any] = {"profile": {"name": name}}
        message: dict[str, Any] = {"id": message_id or self._new_id(), "timestamp": str(at), "type": "text"}
        if number:
            card["wa_id"] = message["from"] = number
        if bsuid:
            card["user_id"] = message["from_user_id"] = bsuid
        return self.webhook({"contacts": [card], "messages": [{**message, "text": {"body": text}}]})

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

    def signed(self, body: Any) -> tuple[bytes, dict[str, str]]:
        """The bytes (unicode escaped, as Meta does) and headers of a webhook call, for any client."""
        raw = json.dumps(body).encode()
        digest = hmac.new(self.app_secret.encode(), raw, hashlib.sha256).hexdigest()
        return raw, {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={digest}"}

    def post(self, url: str, body: Any) -> httpx.Response:
        """Post a webhook and wait for the answer. Blocks: not for the loop that serves `url`."""
        raw, headers = self.signed(body)
        return httpx.post(url, content=raw, headers=headers, timeout=10)


def graph_error(
    code: int,
    message: str = "error",
    *,
    status: int = 400,
    subcode: int | None = None,
    details: str = "",
    kind: str = "OAuthException",
    transient: bool | None = None,
) -> Answer:
    """A Graph error body, as a fault (`faults.respond(a.status, a.body)`) or an answer."""
    error: dict[str, Any] = {"message": message, "type": kind, "code": code, "fbtrace_id": "AbCdEfGh"}
    if subcode is not None:
        error["error_subcode"] = subcode
    if transient is not None:
        error["is_transient"] = transient
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return Answer(status, {"error": error})


def _wa_id(number: str) -> str:
    """WhatsApp's own spelling: from area code 31 on, mobiles lose the ninth digit."""
    mobile = re.fullmatch(r"55([0-9]{2})9([6-9][0-9]{7})", number)
    return f"55{mobile[1]}{mobile[2]}" if mobile and int(mobile[1]) >= 31 else number
