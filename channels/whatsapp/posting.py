"""One POST to a provider, with every way it can end told apart: surely not sent, perhaps sent, or answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from channels.base import Outgoing, SendOutcome, SendResult
from channels.whatsapp.loose_json import mapping, words

TEXT_MAX = 4096  # characters, both rails
# The read timeout is the long one: giving up while the provider still works makes the result unknown.
TIMEOUT = httpx.Timeout(connect=5.0, write=10.0, read=20.0, pool=5.0)
SOON, LATER, LONG = 5.0, 60.0, 3600.0  # seconds to wait: a hiccup, a limit or an outage, a person must act

UNSUPPORTED = "unsupported_content"  # what goes with the text is nothing this wire can express

_NOT_WRITTEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answered. `body` is any JSON value, None when it was not JSON."""

    status: int
    body: Any
    retry_after: float | None

    @property
    def fields(self) -> Mapping[str, Any]:
        return mapping(self.body)


def text_of(message: Outgoing) -> str | SendResult:
    """The text as it may travel (no NUL, no lone surrogate), or FAILED for one no provider takes, before any network."""
    if len(message.text) > TEXT_MAX:
        return failed("too_long")
    text = words(message.text)
    return text if text.strip() else failed("empty_text")


async def post(
    http: httpx.AsyncClient, url: str, *, headers: Mapping[str, str], payload: Mapping[str, Any], timeout: httpx.Timeout
) -> Reply | SendResult:
    """The provider's reply, or RETRY when the request never left, or UNKNOWN when it may have arrived."""
    content = json.dumps(payload).encode("ascii")
    headers = {**headers, "Content-Type": "application/json"}
    return await ask(http, "POST", url, content=content, headers=headers, timeout=timeout)


async def ask(http: httpx.AsyncClient, method: str, url: str, **request: Any) -> Reply | SendResult:
    """The provider's reply to any request (httpx's words), or RETRY when it never left, or UNKNOWN when it may have arrived."""
    try:
        response = await http.request(method, url, follow_redirects=False, **request)
    except _NOT_WRITTEN as error:
        return retry("unreachable", after=SOON, detail=type(error).__name__)
    except httpx.InvalidURL:
        return retry("bad_url", after=LONG, alarm=True)
    except httpx.HTTPError as error:
        return unknown("no_answer", detail=type(error).__name__)
    return Reply(response.status_code, _json(response), _retry_after(response))


def sent(provider_id: str) -> SendResult:
    return SendResult(outcome=SendOutcome.SENT, provider_id=provider_id)


def retry(code: str, *, after: float, detail: str | None = None, alarm: bool = False) -> SendResult:
    return SendResult(outcome=SendOutcome.RETRY, error_code=code, error_detail=detail, retry_after=after, alarm=alarm)


def failed(code: str, *, detail: str | None = None, alarm: bool = False) -> SendResult:
    return SendResult(outcome=SendOutcome.FAILED, error_code=code, error_detail=detail, alarm=alarm)


def unknown(code: str, *, detail: str | None = None) -> SendResult:
    return SendResult(outcome=SendOutcome.UNKNOWN, error_code=code, error_detail=detail)


def unexplained(reply: Reply) -> SendResult:
    """The result of an HTTP status when the body says nothing we know. Only a refusal at the door is surely not sent."""
    detail = f"HTTP {reply.status}"
    match reply.status:
        case 401 | 403:
            return retry("unauthorized", after=reply.retry_after or LONG, detail=detail, alarm=True)
        case 404 | 405:
            return retry("not_found", after=LONG, detail=detail, alarm=True)
        case 408 | 425 | 429:
            return retry("rate_limited", after=reply.retry_after or LATER, detail=detail)
        case 503:
            return retry("unavailable", after=reply.retry_after or LATER, detail=detail)
        case status if 300 <= status < 400:
            return retry("redirected", after=LONG, detail=detail, alarm=True)
        case status if 400 <= status < 500:
            return failed("refused", detail=detail)
        case _:
            return unknown("unclear_answer", detail=detail)


def _json(response: httpx.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _retry_after(response: httpx.Response) -> float | None:
    header = response.headers.get("Retry-After", "")
    return min(float(header), LONG) if header.isascii() and header.isdigit() else None
