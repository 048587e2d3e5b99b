"""Texts out through an Evolution server (`/message/sendText`). No idempotency key exists there: a lost answer is UNKNOWN.

Evolution wraps whatever fails *after* the WhatsApp send (its own database, say) in a 400 or 500 too, so only the errors
known to come before the send count as "surely not sent".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx

from channels.base import Outgoing, SendResult
from channels.plain import PlainSender
from channels.whatsapp import phone, posting
from channels.whatsapp.loose_json import identifier, mapping

_ADDRESS = re.compile(r"[0-9]{8,20}(@lid)?", re.ASCII)
_SESSION_DOWN = re.compile(r"connection (closed|lost|failure|terminated)|timed out|precondition required", re.IGNORECASE)
_BEFORE_SENDING = re.compile(r"requires property|is not of a type|does not meet|\[object Object\]", re.IGNORECASE)
_SESSION_WAIT = 30.0


class EvolutionSender(PlainSender):
    def __init__(
        self, http: httpx.AsyncClient, *, base_url: str, instance: str, api_key: str, timeout: httpx.Timeout = posting.TIMEOUT
    ) -> None:
        self._http = http
        self._url = f"{base_url.rstrip('/')}/message/sendText/{quote(instance, safe='')}"
        self._headers = {"apikey": api_key}
        self._timeout = timeout

    async def send(self, message: Outgoing) -> SendResult:
        """One text. A number unknown to WhatsApp is tried once more in its other ninth-digit form."""
        text = posting.text_of(message)
        if isinstance(text, SendResult):
            return text
        if not _ADDRESS.fullmatch(message.to):
            return posting.failed("bad_address")
        result = await self._send_to(message.to, text)
        if result.error_code == "not_on_whatsapp" and (other := phone.other_form(message.to)) is not None:
            return await self._send_to(other, text)
        return result

    async def _send_to(self, number: str, text: str) -> SendResult:
        payload = {"number": number, "text": text, "linkPreview": False}
        reply = await posting.post(self._http, self._url, headers=self._headers, payload=payload, timeout=self._timeout)
        return reply if isinstance(reply, SendResult) else _result(reply)


def _result(reply: posting.Reply) -> SendResult:
    detail = f"HTTP {reply.status}"
    if 200 <= reply.status < 300:
        provider_id = identifier(mapping(reply.fields.get("key")).get("id"))
        return posting.sent(provider_id) if provider_id else posting.unknown("no_message_id", detail=detail)
    if reply.fields.get("code") == "LICENSE_REQUIRED":
        return posting.retry("license_required", after=posting.LONG, detail=detail, alarm=True)
    complaints = list(_complaints(reply.fields.get("response")))
    if any(isinstance(item, dict) and item.get("exists") is False for item in complaints):
        return posting.failed("not_on_whatsapp", detail=detail)
    said = " | ".join(item for item in complaints if isinstance(item, str))
    if reply.status in (400, 500):
        return _broken(reply.status, said)
    if reply.status == 404 and "instance does not exist" in said:
        return posting.retry("instance_missing", after=posting.LONG, detail=detail, alarm=True)
    return posting.unexplained(reply)


def _broken(status: int, said: str) -> SendResult:
    detail = f"HTTP {status}"
    if _SESSION_DOWN.search(said):
        return posting.retry("session_down", after=_SESSION_WAIT, detail=detail)
    if status == 400 and _BEFORE_SENDING.search(said):
        return posting.failed("invalid_request", detail=detail)
    return posting.unknown("unclear_answer", detail=detail)


def _complaints(response: Any) -> Iterator[Any]:
    """The strings and objects of `response.message`, which is a string, `[str]`, `[[str]]` or `[{exists}]`."""
    message = mapping(response).get("message")
    for item in message if isinstance(message, list) else [message]:
        yield from item if isinstance(item, list) else [item]
