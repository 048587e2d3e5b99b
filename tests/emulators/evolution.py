"""Evolution API 2.3.7 as Carol meets it: `sendText`, `connectionState`, its errors, and the webhooks it would post."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.emulators.server import Answer, Call, Emulator

OWNER = "553133330000"
_REASONS = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
NOON = 1_773_144_000  # 2026-03-10T12:00:00Z, in seconds


@dataclass(frozen=True, slots=True)
class Sent:
    """A text the server took. `number` as asked, `jid` as WhatsApp knows it."""

    id: str
    number: str
    jid: str
    text: str


class EvolutionEmulator(Emulator):
    """`.sent` holds what was taken; `.absent` numbers are not on WhatsApp; `.connected` and `.licensed` are the session."""

    def __init__(
        self, *, instance: str = "clinica", api_key: str = "chave-de-teste", secret: str = "segredo-do-webhook"
    ) -> None:
        super().__init__()
        self.instance, self.api_key, self.secret = instance, api_key, secret
        self.connected = self.licensed = True
        self.absent: set[str] = set()
        self._sent: list[Sent] = []
        self._serial = itertools.count(1)

    @property
    def sent(self) -> tuple[Sent, ...]:
        with self._lock:
            return tuple(self._sent)

    @property
    def credentials(self) -> dict[str, str]:
        return {"base_url": self.base_url, "instance": self.instance, "api_key": self.api_key}

    def handle(self, call: Call) -> Answer:
        if not self.licensed:
            return Answer(503, {"error": "service not activated", "code": "LICENSE_REQUIRED", "register_url": "http://x.test"})
        if call.headers.get("apikey") != self.api_key:
            return _error(401, "Unauthorized")
        route, _, instance = call.path.rpartition("/")
        if instance != self.instance:
            return _error(404, [f'The "{instance}" instance does not exist'])
        if (call.method, route) == ("GET", "/instance/connectionState"):
            state = "open" if self.connected else "connecting"
            return Answer(200, {"instance": {"instanceName": instance, "state": state}})
        if (call.method, route) != ("POST", "/message/sendText"):
            return _error(404, [f"Cannot {call.method} {call.path}"])
        return self._send_text(call.body if isinstance(call.body, dict) else {})

    def _send_text(self, body: Mapping[str, Any]) -> Answer:
        for wanted in ("number", "text"):
            if not isinstance(body.get(wanted), str) or not body[wanted]:
                return _error(400, [[f'instance requires property "{wanted}"']])
        if not self.connected:
            return _error(400, ["Error: Connection Closed"])
        number = body["number"]
        jid = _jid(number)
        if number in self.absent:
            return _error(400, [{"jid": jid, "exists": False, "number": number}])
        with self._lock:
            sent = Sent(self._new_id(), number, jid, body["text"])
            self._sent.append(sent)
        return Answer(201, self._record(sent.id, sent.jid, sent.text, mine=True))

    def _new_id(self) -> str:
        return f"3EB0{next(self._serial):018X}"

    def _record(
        self, message_id: str, jid: str, text: str, *, mine: bool, name: str = "Você", at: int = NOON
    ) -> dict[str, Any]:
        return {
            "key": {"remoteJid": jid, "fromMe": mine, "id": message_id},
            "pushName": name,
            "status": "PENDING" if mine else "DELIVERY_ACK",
            "message": {"conversation": text},
            "contextInfo": None,
            "messageType": "conversation",
            "messageTimestamp": at,
            "instanceId": "7c1f7f7e-1f2a-4c6e-9a55-0a4f0d1c2b3a",
            "source": "unknown" if mine else "android",
        }

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
        record = self._record(message_id or self._new_id(), _jid(number), text, mine=False, name=name, at=at)
        return self.webhook("messages.upsert", record)

    def staff_reply(self, text: str, *, number: str, message_id: str | None = None, at: int = NOON) -> dict[str, Any]:
        """A person answers from the clinic's phone."""
        record = self._record(message_id or self._new_id(), _jid(number), text, mine=True, at=at)
        return self.webhook("messages.upsert", record)

    def own_echo(self, sent: Sent) -> dict[str, Any]:
        """Our own send comes back as `send.message`."""
        return self.webhook("send.message", self._record(sent.id, sent.jid, sent.text, mine=True))

    def status(self, message_id: str, ack: str, *, number: str = "5531988880001") -> dict[str, Any]:
        """`SERVER_ACK`, `DELIVERY_ACK`, `READ`, `ERROR`… in the flat form; `messageId` is the database's, to be ignored."""
        jid = _jid(number)
        data = {"keyId": message_id, "remoteJid": jid, "fromMe": True, "participant": jid, "status": ack}
        return self.webhook("messages.update", {**data, "instanceId": "7c1f7f7e", "messageId": "cmb0banco0001"})

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
