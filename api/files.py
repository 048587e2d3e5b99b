"""Stored files as HTTP gives them: shown as what they are, never run, and in parts where a player asks for parts."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_SHOWN = re.compile(r"(image/(?!svg)|audio/)[a-z0-9.+-]+", re.ASCII)


def file_response(request: Request, data: bytes, *, media_type: str, name: str) -> Response:
    """The file, or the one range of it that was asked for (206; 416 when it has no such part)."""
    kind = media_type.partition(";")[0].strip().lower()
    shown = _SHOWN.fullmatch(kind) is not None
    headers = {
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": ("inline" if shown else "attachment") + _named(name),
        "Cache-Control": "no-store",  # a patient's photo must not outlive its row in a shared computer
    }
    content_type = (
        media_type if re.fullmatch(r"[\x20-\x7e]{3,100}", media_type) and "/" in media_type else "application/octet-stream"
    )
    # Several ranges at once may be answered with the whole file, and so may a unit that is not ours.
    part = _part(request.headers.get("range", "").strip(), len(data))
    if part is None:
        return Response(data, 200, headers, content_type)
    first, last = part
    if first > last:
        return Response(b"", 416, headers | {"Content-Range": f"bytes */{len(data)}"}, content_type)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], 206, headers, content_type)


def _part(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte, both included (the first after the last: there are none). None: no part was asked for."""
    asked = _RANGE.fullmatch(header)
    start, end = asked.groups() if asked else ("", "")
    if start and end and int(end) < int(start):
        return None
    if start:
        return int(start), min(int(end), size - 1) if end else size - 1
    return (max(0, size - int(end)), size - 1) if end else None


def _named(name: str) -> str:
    """The file's name for a download, in the one encoding every browser reads; nothing when it has none."""
    return f"; filename*=UTF-8''{quote(name, safe='')}" if name else ""
