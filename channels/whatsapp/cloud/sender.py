"""The Cloud API's verbs. Each message carries our reference as `biz_opaque_callback_data`, which statuses echo back."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx

from channels.base import (
    Capabilities,
    Fetched,
    File,
    LinkState,
    MediaGone,
    MediaTooLarge,
    Outgoing,
    Reaction,
    SendOutcome,
    SendResult,
)
from channels.plain import PlainSender
from channels.whatsapp import downloads, files, posting
from channels.whatsapp.cloud import bodies, errors
from channels.whatsapp.loose_json import identifier, integer, items, mapping, words
from kit import phone
from kit.errors import Unavailable

DEFAULT_BASE_URL = "https://graph.facebook.com/v26.0"
MEDIA_HOSTS = frozenset({"graph.facebook.com", "lookaside.fbsbx.com"})
_WA_ID = re.compile(r"[0-9]{5,20}", re.ASCII)
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}", re.ASCII)
_MEDIA_ID = re.compile(r"[0-9]{1,40}", re.ASCII)
_COURTESY = httpx.Timeout(5.0)
_SHUT = frozenset({"DISCONNECTED", "BANNED", "RESTRICTED", "DELETED", "UNVERIFIED", "MIGRATED"})


class CloudSender(PlainSender):
    capabilities = Capabilities(buttons=True, templates=True, window=timedelta(hours=24), echoes_reference=True, pair_rate=6.0)

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        phone_number_id: str,
        access_token: str,
        base_url: str = DEFAULT_BASE_URL,
        timeout: httpx.Timeout = posting.TIMEOUT,
    ) -> None:
        self._http = http
        self._base = base_url.rstrip("/")
        self._own = f"{self._base}/{quote(phone_number_id, safe='')}"
        self._number_id = phone_number_id
        self._headers = {"Authorization": f"Bearer {access_token}"}
        self._timeout = timeout

    async def send(self, message: Outgoing) -> SendResult:
        """One message, to a wa_id or a BSUID. An undeliverable number is tried once more in its other ninth-digit form."""
        hidden = _BSUID.fullmatch(message.to) is not None
        if not hidden and not _WA_ID.fullmatch(message.to):
            return posting.failed("bad_address")
        body = bodies.body_of(message)
        if isinstance(body, SendResult):
            return body
        if isinstance(message.content, File):
            media_id = await self._upload(message.content)
            if isinstance(media_id, SendResult):
                return media_id
            body[message.content.kind] |= {"id": media_id}
        if message.quotes and not isinstance(message.content, Reaction):
            body["context"] = {"message_id": message.quotes}
        body["biz_opaque_callback_data"] = message.reference
        if hidden:
            return (await self._post({"recipient": message.to, **body}))[0]
        result, code = await self._post({"to": message.to, **body})
        if code in errors.OTHER_FORM_MAY_WORK and (other := phone.other_form(message.to)) is not None:
            return (await self._post({"to": other, **body}))[0]
        return result

    async def mark_read(self, to: str, provider_id: str, *, typing: bool) -> None:
        """Marks it and what came before as read; the typing sign goes when we answer, or after 25 seconds."""
        payload: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": provider_id}
        payload |= {"typing_indicator": {"type": "text"}} if typing else {}
        with suppress(Exception):
            await posting.post(self._http, f"{self._own}/messages", headers=self._headers, payload=payload, timeout=_COURTESY)

    async def fetch(self, source: Mapping[str, Any], *, most: int) -> Fetched:
        """By media id: its address is asked for, lives five minutes, and is followed only to Meta's hosts (or our base's)."""
        media_id = words(source.get("id"))
        if not _MEDIA_ID.fullmatch(media_id):
            raise MediaGone("no media id")
        told = await self._about(media_id)
        size = integer(told.get("file_size"))
        if size is not None and size > most:
            raise MediaTooLarge
        own = downloads.origin(self._base)
        assert own is not None  # the registry checked it
        allowed = downloads.Allowed(own=own, public=MEDIA_HOSTS)
        digest = _hex(source.get("sha256")) or _hex(told.get("sha256"))
        fetched = await downloads.download(
            self._http, words(told.get("url"), 4096), allowed=allowed, headers=self._headers, most=most, sha256=digest
        )
        return Fetched(data=fetched.data, media_type=words(told.get("mime_type"), 200) or fetched.media_type)

    async def state(self) -> LinkState:
        """Open when Meta answers for this number; closed when it says that number or key are no longer good."""
        reply = await self._get(self._own, {"fields": "id,status"})
        if isinstance(reply, SendResult):
            return LinkState.UNKNOWN
        if 200 <= reply.status < 300 and identifier(reply.fields.get("id")) == self._number_id:
            return LinkState.CLOSED if words(reply.fields.get("status")) in _SHUT else LinkState.OPEN
        result, code = _result(reply)
        return LinkState.CLOSED if code is not None and result.alarm else LinkState.UNKNOWN

    async def _about(self, media_id: str) -> Mapping[str, Any]:
        reply = await self._get(f"{self._base}/{media_id}", {"phone_number_id": self._number_id})
        if isinstance(reply, SendResult):
            raise Unavailable(f"media: {reply.error_code}")
        if 200 <= reply.status < 300 and words(reply.fields.get("url")):
            return reply.fields
        code = integer(mapping(reply.fields.get("error")).get("code"))
        if reply.status in (404, 410) or code in errors.MEDIA_GONE:
            raise MediaGone(f"code {code}")
        raise Unavailable(f"media: HTTP {reply.status}, code {code}")

    async def _get(self, url: str, params: dict[str, str]) -> posting.Reply | SendResult:
        return await posting.ask(self._http, "GET", url, params=params, headers=self._headers, timeout=self._timeout)

    async def _upload(self, file: File) -> str | SendResult:
        """The media id of an uploaded file. Whatever goes wrong here, no message was sent."""
        named = (file.name or "arquivo", file.data, files.bare_type(file))
        form = {"messaging_product": "whatsapp", "type": files.bare_type(file)}
        upload = {"data": form, "files": {"file": named}, "headers": self._headers, "timeout": downloads.TIMEOUT}
        reply = await posting.ask(self._http, "POST", f"{self._own}/media", **upload)
        if isinstance(reply, SendResult):
            return _harmless(reply)
        media_id = identifier(reply.fields.get("id"))
        if 200 <= reply.status < 300 and media_id is not None:
            return media_id
        return _harmless(_result(reply)[0])

    async def _post(self, fields: dict[str, Any]) -> tuple[SendResult, int | None]:
        payload = {"messaging_product": "whatsapp", "recipient_type": "individual", **fields}
        url = f"{self._own}/messages"
        reply = await posting.post(self._http, url, headers=self._headers, payload=payload, timeout=self._timeout)
        return (reply, None) if isinstance(reply, SendResult) else _result(reply)


def _harmless(result: SendResult) -> SendResult:
    """An unclear end of what shows nothing to anybody may simply be tried again."""
    if result.outcome is SendOutcome.UNKNOWN:
        return posting.retry("upload_unanswered", after=posting.SOON, detail=result.error_detail)
    return result


def _hex(digest: Any) -> str | None:
    """A SHA-256 in hex, written so (the media endpoint) or in base64 (the webhook); None when it is neither."""
    written = words(digest, 200)
    if re.fullmatch(r"[0-9a-fA-F]{64}", written):
        return written.lower()
    try:
        raw = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw.hex() if len(raw) == 32 else None


def _result(reply: posting.Reply) -> tuple[SendResult, int | None]:
    if 200 <= reply.status < 300:
        accepted: Any = next(iter(items(reply.fields.get("messages"))), None)
        provider_id = identifier(mapping(accepted).get("id"))
        if provider_id is None:
            return posting.unknown("no_message_id", detail=f"HTTP {reply.status}"), None
        return posting.sent(provider_id), None
    error = mapping(reply.fields.get("error"))
    code = integer(error.get("code"))
    if code is None:
        return posting.unexplained(reply), None
    subcode = integer(error.get("error_subcode"))
    return errors.outcome(reply, code, subcode, is_transient=error.get("is_transient") is True), code
