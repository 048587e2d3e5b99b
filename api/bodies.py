"""Reading what is posted: raw, bounded in size and in time; and what of it may be kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import re
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect, Request

_READ_SECONDS = 20.0
UPLOAD_SECONDS = 180.0  # 10 MB over half a megabit a second
_DRAIN_MOST = 160 * 2**20  # Evolution itself stops at 136 MB
_ASIDE = 256 * 1024  # larger bodies are parsed beside the event loop
_DEEP, _KEEP_MOST, _TEXT_MOST = 40, 65_536, 8_192
_SECRET = re.compile(r"api_?key|token|secret|password|authorization|jwt", re.IGNORECASE)
_FILE = frozenset(
    {"base64", "jpegThumbnail", "thumbnail", "waveform", "buffer", "mediaKey", "directPath", "thumbnailDirectPath"}
)  # a patient's file is kept nowhere but in media
_SIGNED = re.compile(r"(https?://[^\s?]+)\?\S+")  # an address whose query opens it
_UNWELCOME = re.compile("[\x00\ud800-\udfff]")
SCRUBBED = "[removed]"


@dataclass(frozen=True, slots=True)
class Body:
    """`raw` is None when it was over the cap; digest and size tell the whole body all the same."""

    raw: bytes | None
    digest: str
    size: int


class Stalled(Exception):
    """The body stopped coming, or took too long."""


async def read(request: Request, *, most: int, drain: bool, seconds: float = _READ_SECONDS) -> Body:
    """The body, at most `most` bytes of it. Over that it is read on and dropped when `drain`, else left. Raises Stalled."""
    digest, size = hashlib.sha256(), 0
    chunks: list[bytes] | None = []
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                digest.update(chunk)
                if chunks is not None and size <= most:
                    chunks.append(chunk)
                    continue
                chunks = None
                if not drain or size > _DRAIN_MOST:
                    break
    except (TimeoutError, ClientDisconnect):
        raise Stalled from None
    return Body(None if chunks is None else b"".join(chunks), digest.hexdigest(), size)


async def parsed(raw: bytes) -> Any:
    """The JSON value, with NaN and infinities as null; None when it is not JSON."""
    return await asyncio.to_thread(_parse, raw) if len(raw) > _ASIDE else _parse(raw)


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def keepable(value: Any, body: Body) -> Any:
    """A JSON value without secrets, that jsonb can hold; only digest and size when it is too large to be worth keeping."""
    if value is None or body.size > _KEEP_MOST:
        return {"digest": body.digest, "bytes": body.size}
    return _clean(value, _DEEP)


def _clean(value: Any, depth: int) -> Any:
    if depth == 0:
        return "[deep]"
    if isinstance(value, dict):
        return {
            _UNWELCOME.sub("", str(key))[:200]: SCRUBBED if _kept_out(str(key)) else _clean(inner, depth - 1)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_clean(inner, depth - 1) for inner in value]
    if isinstance(value, str):
        return _SIGNED.sub(r"\1?" + SCRUBBED, _UNWELCOME.sub("", value))[:_TEXT_MOST]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _kept_out(key: str) -> bool:
    return key in _FILE or _SECRET.search(key) is not None
