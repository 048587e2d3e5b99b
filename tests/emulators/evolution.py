"""Evolution API 2.3.7 as Carol meets it: sends, marks, media, history, its errors, and the webhooks it would post."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from tests.emulators.evolution_messages import message_of, missing
from tests.emulators.server import COURTESY, Answer, Call, Emulator

OWNER = "553133330000"
_REASONS = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
NOON = 1_773_144_000  # 2026-03-10T12:00:00Z, in seconds


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the server took. `number` as asked, `jid` as WhatsApp knows it, `route` by which verb."""

    id: str
    number: str
    jid: str
    text: str
    route: str = "sendText"
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)


class EvolutionEmulator(Emulator):
    """`.sent` holds what was taken, `.read` the ids marked as read, `.presences` (jid, presence) in order.

    `.absent` numbers are not on WhatsApp; `.connected` and `.licensed` are the session; `.history` holds every record,
    ours and theirs, oldest first, as `findMessages` tells it: what arrives while a webhook is lost is still there.
    """

    def __init__(
        self, *, instance: str = "clinica", api_key: str = "chave-de-teste", secret: str = "segredo-do-webhook"
    ) -> None:
        super().__init__()
        self.instance, self.api_key, self.secret = instance, api_key, secret
        self.connected = self.licensed = True
        self.state = ""  # what connectionState says, when it lies; "" is the truth
        self.absent: set[str] = set()
        self.read: list[str] = []
        self.presences: list[tuple[str, str]] = []
        self.media: dict[str, tuple[str, str, bytes]] = {}  # message id → (media type, name, bytes)
        self.history: list[dict[str, Any]] = []
        self._sent: list[Sent] = []
        self._serial = itertools.count(1)

    @property
    def sent(self) -> tuple[Sent, ...]:
        with self._lock:
            return tuple(self._sent)

    @property
    def credentials(self) -> dict[str, str]:
        return {"base_url": self.base_url, "instance": self.instance, "api_key": self.api_key}

    def kind(self, call: Call) -> str:
        """send | courtesy | media | history | state."""
        route = call.path.rpartition("/")[0]
        kinds = {
            "/chat/getBase64FromMediaMessage": "media",
            "/chat/findMessages": "history",
            "/instance/connectionState": "state",
        }
        courtesy = route in ("/chat/sendPresence", "/chat/markMessageAsRead")
        return COURTESY if courtesy else kinds.get(route, "media" if route.startswith("/stored") else "send")

    def handle(self, call: Call) -> Answer:
        if call.path.startswith("/stored/"):  # the bucket a mediaUrl points to: presigned, so no key is asked
            _, _, data = self.media.get(call.path.rpartition("/")[2], ("", "", b""))
            return Answer(200, data, {"Content-Type": "application/octet-stream"}) if data else Answer(403, b"<Error/>")
        if not self.licensed:
            return Answer(503, {"error": "service not activated", "code": "LICENSE_REQUIRED", "register_url": "http://x.test"})
        if call.headers.get("apikey") != self.api_key:
            return _error(401, "Unauthorized")
        route, _, instance = call.path.rpartition("/")
        if instance != self.instance:
            return _error(404, [f'The "{instance}" instance does not exist'])
        body = call.body if isinstance(call.body, dict) else {}
        match call.method, route:
            case "GET", "/instance/connectionState":
                state = self.state or ("open" if self.connected else "connecting")
                return Answer(200, {"instance": {"instanceName": instance, "state": state}})
            case "POST", "/chat/sendPresence":
                return self._presence(body)
            case "POST", "/chat/markMessageAsRead":
                return self._mark(body)
            case "POST", "/chat/getBase64FromMediaMessage":
                return self._base64(body)
            case "POST", "/chat/findMessages":
                return self._find(body)
            case "POST", _ if route.startswith("/message/send"):
                return self._send(route.removeprefix("/message/"), body)
        return _error(404, [f"Cannot {call.method} {call.path}"])

    def _send(self, route: str, body: Mapping[str, Any]) -> Answer:
        if (lacks := missing(route, body)) is not None:
            return _error(400, [[f'instance requires property "{lacks}"']])
        if not self.connected:
            return _error(400, ["Error: Connection Closed"])
        number = body["key"]["remoteJid"] if route == "sendReaction" else body["number"]
        jid = _jid(number)
        if number in self.absent:
            return _error(400, [{"jid": jid, "exists": False, "number": number}])
        kind, message, text = message_of(route, body)
        with self._lock:
            sent = Sent(self._new_id(), number, jid, text, route, body)
            self._sent.append(sent)
        record = self._record(sent.id, sent.jid, message, kind, mine=True, at=int(time.time()))
        return Answer(201, record)

    def _new_id(self) -> str:
        return f"3EB0{next(self._serial):018X}"

    def _record(
        self,
        message_id: str,
        jid: str,
        message: Mapping[str, Any],
        kind: str,
        *,
        mine: bool,
        name: str = "Você",
        at: int = NOON,
        quoted: str = "",
    ) -> dict[str, Any]:
        record = {
            "key": {"remoteJid": jid, "fromMe": mine, "id": message_id},
            "pushName": name,
            "status": "PENDING" if mine else "DELIVERY_ACK",
            "message": dict(message),
            "contextInfo": {"stanzaId": quoted, "participant": f"{OWNER}@s.whatsapp.net"} if quoted else None,
            "messageType": kind,
            "messageTimestamp": at,
            "instanceId": "7c1f7f7e-1f2a-4c6e-9a55-0a4f0d1c2b3a",
            "source": "unknown" if mine else "android",
        }
        with self._lock:
            if message_id not in {known["key"]["id"] for known in self.history}:
                self.history.append(record)
        return record

    # --- the other verbs ----------------------------------------------------------------------------------------------

    def _presence(self, body: Mapping[str, Any]) -> Answer:
        if not {"number", "presence", "delay"} <= set(body):
            return _error(400, [['instance requires property "delay"']])
        with self._lock:
            self.presences.append((_jid(body["number"]), body["presence"]))
        self._closing.wait(body["delay"] / 1000)  # the real one answers after the delay, too
        return Answer(201, {"presence": body["presence"]})

    def _mark(self, body: Mapping[str, Any]) -> Answer:
        if not isinstance(body.get("readMessages"), list):
            return _error(400, [['instance requires property "readMessages"']])
        with self._lock:  # keys of hidden ids are dropped in silence, up to 2.3.7
            self.read += [key["id"] for key in body["readMessages"] if key["remoteJid"].endswith("@s.whatsapp.net")]
        return Answer(201, {"message": "Read messages", "read": "success"})

    def _base64(self, body: Mapping[str, Any]) -> Answer:
        message_id = body.get("message", {}).get("key", {}).get("id")
        if message_id not in self.media:
            return _error(400, ["Message not found"])
        media_type, name, data = self.media[message_id]
        return Answer(
            201,
            {
                "mediaType": f"{media_type.split('/')[0]}Message",
                "fileName": name,
                "size": {"fileLength": str(len(data))},
                "mimetype": media_type,
                "base64": base64.b64encode(data).decode(),
                "buffer": None,
            },
        )

    def _find(self, body: Mapping[str, Any]) -> Answer:
        """As 2.3.7 does: newest first; `fromMe: false` and a lone `remoteJid` filter nothing; a span needs both its ends."""
        where = body.get("where") or {}
        key, span = where.get("key") or {}, where.get("messageTimestamp") or {}
        with self._lock:
            found = sorted(self.history, key=lambda record: -record["messageTimestamp"])
        if key.get("fromMe"):
            found = [record for record in found if record["key"]["fromMe"]]
        if key.get("id"):
            found = [record for record in found if record["key"]["id"] == key["id"]]
        if span.get("gte") and span.get("lte"):
            first, last = (math.floor(datetime.fromisoformat(span[end]).timestamp()) for end in ("gte", "lte"))
            found = [record for record in found if first <= record["messageTimestamp"] <= last]
        offset, page = body.get("offset") or 50, body.get("page") or 1
        records = found[offset * (page - 1) : offset * page]
        pages = math.ceil(len(found) / offset)
        return Answer(200, {"messages": {"total": len(found), "pages": pages, "currentPage": page, "records": records}})

    # --- what it would post to us -------------------------------------------------------------------------------------

    def webhook(self, event: str, data: Any) -> dict[str, Any]:
        """The envelope, `sender` being the clinic and `apikey` in clear, as the real one does."""
        return {
            "event": event,
            "instance": self.instance,
            "data": data,
            "destination": "http://carol.test/webhooks/evolution",
            "date_time": "2026-03-10T09:00:00.000Z",
            "sender": f"{OWNER}@s.whatsapp.net",
            "server_url": "http://evolution.test",
            "apikey": "00000000-0000-4000-8000-000000000000",
        }

    def inbound(
        self, text: str, *, number: str, name: str = "Bruna Teste", message_id: str | None = None, at: int = NOON
    ) -> dict[str, Any]:
        """A patient writes, at epoch second `at`. `number` is digits or a whole JID."""
        return self.received("conversation", text, number=number, name=name, message_id=message_id, at=at)

    def received(
        self,
        kind: str,
        part: Any,
        *,
        number: str,
        name: str = "Bruna Teste",
        message_id: str | None = None,
        quoted: str = "",
        at: int = NOON,
        beside: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """A patient sends any message: `kind` is its `messageType`, `part` what that names, `beside` what stands next to it."""
        message_id, message = message_id or self._new_id(), {kind: part, **(beside or {})}
        record = self._record(message_id, _jid(number), message, kind, mine=False, name=name, at=at, quoted=quoted)
        return self.webhook("messages.upsert", record)

    def file(
        self,
        kind: str,
        data: bytes,
        media_type: str,
        *,
        number: str,
        caption: str = "",
        name: str = "",
        at: int = NOON,
        inline: bool = False,
        stored: bool = False,
    ) -> dict[str, Any]:
        """A patient sends a file, which can be fetched here; an audio is a voice note.

        `inline` puts its base64 into the webhook; `stored` gives it a mediaUrl.
        """
        message_id = self._new_id()
        self.media[message_id] = (media_type, name or f"{message_id}.bin", data)
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        part: dict[str, Any] = {"mimetype": media_type, "fileSha256": digest, "fileLength": str(len(data))}
        part |= {"url": "https://mmg.whatsapp.net/v/t62/1.enc", "mediaKey": base64.b64encode(bytes(32)).decode()}
        part |= {"caption": caption} if caption else {}
        part |= {"fileName": name} if name else {}
        part |= {"ptt": True, "seconds": 3} if kind == "audio" else {}
        beside: dict[str, Any] = {"base64": base64.b64encode(data).decode()} if inline else {}
        beside |= {"mediaUrl": f"{self.base_url}/stored/{message_id}"} if stored else {}
        return self.received(f"{kind}Message", part, number=number, message_id=message_id, at=at, beside=beside)

    def staff_reply(self, text: str, *, number: str, message_id: str | None = None, at: int = NOON) -> dict[str, Any]:
        """A person answers from the clinic's phone."""
        message_id, message = message_id or self._new_id(), {"conversation": text}
        return self.webhook(
            "messages.upsert", self._record(message_id, _jid(number), message, "conversation", mine=True, at=at)
        )

    def own_echo(self, sent: Sent) -> dict[str, Any]:
        """Our own send comes back as `send.message`."""
        kind, message, _ = message_of(sent.route, sent.body)
        return self.webhook("send.message", self._record(sent.id, sent.jid, message, kind, mine=True))

    def status(self, message_id: str, ack: str, *, number: str = "5531988880001") -> dict[str, Any]:
        """`SERVER_ACK`, `DELIVERY_ACK`, `READ`, `ERROR`… in the flat form; `messageId` is the database's, to be ignored."""
        jid = _jid(number)
        data = {"keyId": message_id, "remoteJid": jid, "fromMe": True, "participant": jid, "status": ack}
        return self.webhook("messages.update", {**data, "instanceId": "7c1f7f7e", "messageId": "cmb0banco0001"})

    def connection(self, state: str, *, reason: int = 200) -> dict[str, Any]:
        """`open`, `connecting`, `close` or `refused`."""
        return self.webhook("connection.update", {"instance": self.instance, "state": state, "statusReason": reason})

    def signed(self, body: Any) -> tuple[bytes, dict[str, str]]:
        """The bytes and headers of a webhook call, for any client."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.secret}"}
        return json.dumps(body, ensure_ascii=False).encode(), headers

    def post(self, url: str, body: Any) -> httpx.Response:
        """Post a webhook and wait for the answer. Blocks: not for the loop that serves `url`."""
        raw, headers = self.signed(body)
        return httpx.post(url, content=raw, headers=headers, timeout=10)


def _error(status: int, message: Any) -> Answer:
    return Answer(status, {"status": status, "error": _REASONS[status], "response": {"message": message}})


def _jid(number: str) -> str:
    """Evolution's createJid for Brazil: from area code 31 on, mobiles lose the ninth digit."""
    if "@" in number:
        return number
    mobile = re.fullmatch(r"55([0-9]{2})9([7-9][0-9]{7})", number)
    if mobile and int(mobile[1]) >= 31:
        number = f"55{mobile[1]}{mobile[2]}"
    return f"{number}@s.whatsapp.net"
