"""Texts out through the Cloud API. Each carries our reference as `biz_opaque_callback_data`, which statuses echo back."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import httpx

from channels.base import Outgoing, SendResult
from channels.plain import PlainSender
from channels.whatsapp import phone, posting
from channels.whatsapp.cloud import errors
from channels.whatsapp.loose_json import identifier, integer, items, mapping

DEFAULT_BASE_URL = "https://graph.facebook.com/v26.0"
_WA_ID = re.compile(r"[0-9]{5,20}", re.ASCII)
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}", re.ASCII)


class CloudSender(PlainSender):
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
        self._url = f"{base_url.rstrip('/')}/{quote(phone_number_id, safe='')}/messages"
        self._headers = {"Authorization": f"Bearer {access_token}"}
        self._timeout = timeout

    async def send(self, message: Outgoing) -> SendResult:
        """One text, to a wa_id or a BSUID. An undeliverable number is tried once more in its other ninth-digit form."""
        text = posting.text_of(message)
        if isinstance(text, SendResult):
            return text
        if _BSUID.fullmatch(message.to):
            return (await self._post({"recipient": message.to}, text, message.reference))[0]
        if not _WA_ID.fullmatch(message.to):
            return posting.failed("bad_address")
        result, code = await self._post({"to": message.to}, text, message.reference)
        if code in errors.OTHER_FORM_MAY_WORK and (other := phone.other_form(message.to)) is not None:
            return (await self._post({"to": other}, text, message.reference))[0]
        return result

    async def _post(self, address: dict[str, str], text: str, reference: str) -> tuple[SendResult, int | None]:
        payload = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **address,
            "type": "text",
            "text": {"body": text, "preview_url": False},
            "biz_opaque_callback_data": reference,
        }
        reply = await posting.post(self._http, self._url, headers=self._headers, payload=payload, timeout=self._timeout)
        return (reply, None) if isinstance(reply, SendResult) else _result(reply)


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
