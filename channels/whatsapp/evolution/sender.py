"""The verbs of an Evolution server. It knows no idempotency key: a send whose answer is lost is UNKNOWN, and can be looked for.

Evolution wraps whatever fails *after* the WhatsApp send (its own database, say) in a 400 or 500 too, so only the errors
known to come before the send count as "surely not sent".
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from channels.base import Capabilities, Event, Fetched, LinkState, MediaGone, MediaTooLarge, Outgoing, SendResult, TooMuch
from channels.plain import PlainSender
from channels.whatsapp import downloads, posting
from channels.whatsapp.evolution import bodies, history
from channels.whatsapp.loose_json import identifier, integer, items, mapping, words
from kit import phone
from kit.errors import Unavailable

_ADDRESS = re.compile(r"[0-9]{8,20}(@lid)?", re.ASCII)
_SESSION_DOWN = re.compile(r"connection (closed|lost|failure|terminated)|timed out|precondition required", re.IGNORECASE)
_BEFORE_SENDING = re.compile(r"requires property|is not of a type|does not meet|\[object Object\]", re.IGNORECASE)
_MEDIA_GONE = re.compile(r"status code (403|404|410)|not of the media type|media type", re.IGNORECASE)
_SESSION_WAIT = 30.0
_COURTESY = httpx.Timeout(5.0)
_TYPING = 1200  # milliseconds, while which the server holds the call
_STATES = {"open": LinkState.OPEN, "connecting": LinkState.CONNECTING, "close": LinkState.CLOSED, "refused": LinkState.CLOSED}
_SKEW = timedelta(seconds=30)  # between the server's clock and ours
_SOUGHT = timedelta(days=1)
_ENVELOPE = 65_536  # bytes around a file in the JSON that brings it


class EvolutionSender(PlainSender):
    capabilities = Capabilities(history=True, pair_rate=3.0)

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        instance: str,
        api_key: str,
        media_host: str = "",
        timeout: httpx.Timeout = posting.TIMEOUT,
    ) -> None:
        self._http = http
        self._base = base_url.rstrip("/")
        self._instance = instance
        self._headers = {"apikey": api_key}
        self._media_host = media_host
        self._timeout = timeout

    async def send(self, message: Outgoing) -> SendResult:
        """One message. A number unknown to WhatsApp is tried once more in its other ninth-digit form."""
        if not _ADDRESS.fullmatch(message.to):
            return posting.failed("bad_address")
        call = bodies.call_of(message)
        if isinstance(call, SendResult):
            return call
        verb, body_for = call
        result = await self._send(verb, body_for(message.to))
        if result.error_code == "not_on_whatsapp" and (other := phone.other_form(message.to)) is not None:
            return await self._send(verb, body_for(other))
        return result

    async def mark_read(self, to: str, provider_id: str, *, typing: bool) -> None:
        """Marks one message as read, and shows for a moment that somebody writes."""
        key = {"id": provider_id, "fromMe": False, "remoteJid": bodies.jid(to)}
        with suppress(Exception):
            await self._call("chat/markMessageAsRead", {"readMessages": [key]}, timeout=_COURTESY)
            if typing:
                sign = {"number": to, "presence": "composing", "delay": _TYPING}
                await self._call("chat/sendPresence", sign, timeout=_COURTESY)

    async def fetch(self, source: Mapping[str, Any], *, most: int) -> Fetched:
        """From its bucket, when the webhook named one at an allowed host; else, or when that fails, by its message's key."""
        digest = words(source.get("sha256"), 64) or None
        url = words(source.get("url"), 4096)
        if url and self._allowed.admits(url):
            with suppress(MediaGone, Unavailable):
                return await downloads.download(self._http, url, allowed=self._allowed, headers={}, most=most, sha256=digest)
        return await self._by_key(mapping(source.get("key")), most, digest)

    async def find(self, message: Outgoing, *, since: datetime, but: Collection[str] = ()) -> str | None:
        """Looks through what the server sent since then. Raises Unavailable when it does not answer."""
        since, until = since - _SKEW, since + _SOUGHT
        records = await self._records(since, until, mine=True, most=history.MOST_PAGES)
        said = history.events(self._instance, records, since=since, until=until)
        return history.sent_as(message, said, but=but)

    async def history(self, *, since: datetime, until: datetime) -> list[Event]:
        """Both directions, from the server's own store. Raises Unavailable when it does not answer, TooMuch."""
        records = await self._records(since, until, mine=False, most=history.SPAN_PAGES)
        return list(history.events(self._instance, records, since=since, until=until))

    async def state(self) -> LinkState:
        """As the server believes: it may say open while its session is dead."""
        url = self._url("instance/connectionState")
        reply = await posting.ask(self._http, "GET", url, headers=self._headers, timeout=_COURTESY)
        if isinstance(reply, SendResult):
            return LinkState.UNKNOWN
        if 200 <= reply.status < 300:
            said = mapping(reply.fields.get("instance")).get("state")
            return _STATES.get(said, LinkState.UNKNOWN) if isinstance(said, str) else LinkState.UNKNOWN
        return LinkState.CLOSED if _result(reply).error_code in ("instance_missing", "license_required") else LinkState.UNKNOWN

    # --- the calls behind them ----------------------------------------------------------------------------------------

    def _url(self, route: str) -> str:
        return f"{self._base}/{route}/{quote(self._instance, safe='')}"

    async def _call(
        self, route: str, payload: Mapping[str, Any], *, timeout: httpx.Timeout | None = None
    ) -> posting.Reply | SendResult:
        return await posting.post(
            self._http, self._url(route), headers=self._headers, payload=payload, timeout=timeout or self._timeout
        )

    async def _send(self, verb: str, payload: Mapping[str, Any]) -> SendResult:
        reply = await self._call(f"message/{verb}", payload)
        return reply if isinstance(reply, SendResult) else _result(reply)

    async def _records(self, since: datetime, until: datetime, *, mine: bool, most: int) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for page in range(1, history.MOST_PAGES + 1):
            reply = await self._call("chat/findMessages", history.query(page, since=since, until=until, mine=mine))
            if isinstance(reply, SendResult):
                raise Unavailable(f"history: {reply.error_code}")
            told = mapping(reply.fields.get("messages"))
            if not 200 <= reply.status < 300 or not isinstance(told.get("records"), list):
                raise Unavailable(f"history: HTTP {reply.status}")
            records = [mapping(record) for record in items(told.get("records"))]
            found += records
            if len(records) < history.PAGE:
                return found
            # The number of pages is known from the first on; it is believed of a server that keeps to the span.
            if max(page, integer(told.get("pages")) or 0) > most and history.keeps(records, since=since, until=until):
                raise TooMuch("history: too much of it")
        raise Unavailable("history: too much of it")

    @property
    def _allowed(self) -> downloads.Allowed:
        own = downloads.origin(self._base)
        assert own is not None  # the registry checked it
        named = {(self._media_host, 443), (self._media_host, 80)} if self._media_host else set()
        if ":" in self._media_host:
            host, _, port = self._media_host.rpartition(":")
            named = {(host, int(port))} if port.isdigit() else set()
        return downloads.Allowed(own=own, named=frozenset(named))

    async def _by_key(self, key: Mapping[str, Any], most: int, digest: str | None) -> Fetched:
        message_id = identifier(key.get("id"))
        if message_id is None:
            raise MediaGone("no message id")
        payload = json.dumps({"message": {"key": {"id": message_id}}, "convertToMp4": False}).encode()
        headers = {**self._headers, "Content-Type": "application/json"}
        url = self._url("chat/getBase64FromMediaMessage")
        try:
            request = self._http.build_request("POST", url, content=payload, headers=headers, timeout=downloads.TIMEOUT)
            response = await self._http.send(request, stream=True, follow_redirects=False)
            try:
                raw = await downloads.read(response, most * 4 // 3 + _ENVELOPE)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"media: {type(error).__name__}") from None
        return _media(response.status_code, raw, most, digest)


def _media(status: int, raw: bytes, most: int, digest: str | None) -> Fetched:
    try:
        told = mapping(json.loads(raw))
    except (ValueError, RecursionError):
        told = {}
    if not 200 <= status < 300:
        said = " | ".join(one for one in _complaints(told.get("response")) if isinstance(one, str))
        raise MediaGone(f"HTTP {status}") if _MEDIA_GONE.search(said) else Unavailable(f"media: HTTP {status}")
    try:
        data = base64.b64decode(told.get("base64") or "", validate=True)
    except (TypeError, binascii.Error, ValueError):
        raise Unavailable("media: no base64") from None
    if len(data) > most:
        raise MediaTooLarge
    downloads.check(data, digest)
    media_type = words(told.get("mimetype"), 200) or "application/octet-stream"
    return Fetched(data=data, media_type=media_type, name=words(told.get("fileName"), 200))


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
