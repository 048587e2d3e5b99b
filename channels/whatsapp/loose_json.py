"""Reading JSON nobody promised us. Every function accepts any JSON value and never raises."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

TEXT_LIMIT = 65_536
NAME_LIMIT = 256
ID_LIMIT = 512
_OCTETS_LIMIT = 4_096  # keys and hashes, never media
_LATEST = 4_102_444_800  # 2100-01-01, in seconds
_WHOLE = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


def mapping(value: Any) -> Mapping[str, Any]:
    """The object itself, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A list as it is; a lone object as a list of one; anything else as none."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else []


def words(value: Any, limit: int = TEXT_LIMIT) -> str:
    """What a person wrote, verbatim but for what Postgres and UTF-8 cannot hold (NUL, lone surrogates); `""` if no string."""
    if not isinstance(value, str):
        return ""
    return _SURROGATE.sub("\ufffd", value[: limit + 1].replace("\x00", ""))[:limit]


def name(value: Any) -> str | None:
    """A display name of at most 256 characters, or None when empty."""
    return words(value, NAME_LIMIT).strip() or None


def identifier(value: Any) -> str | None:
    """A provider's id (a string or a whole number), or None when it cannot be one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 <= value < 10**30 else None
    if not isinstance(value, str) or not 0 < len(value) <= ID_LIMIT:
        return None
    if _CONTROL.search(value) or _SURROGATE.search(value):
        return None
    return value


def integer(value: Any) -> int | None:
    """A whole number written as a number, as digits, or as the `{low, high, unsigned}` of JavaScript Longs."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 2**64 else None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and abs(value) < 2**64 else None
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    low, high = mapping(value).get("low"), mapping(value).get("high")
    if type(low) is int and type(high) is int:
        whole = ((high & 0xFFFFFFFF) << 32) | (low & 0xFFFFFFFF)
        return whole if mapping(value).get("unsigned") is True or whole < 2**63 else whole - 2**64
    return None


def decimal(value: Any) -> float | None:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        return None
    return float(value) if math.isfinite(value) else None


def instant(value: Any) -> datetime | None:
    """An epoch in seconds (or milliseconds, told by its size) as an aware UTC instant; None when absurd."""
    seconds = integer(value)
    if seconds is None:
        return None
    if seconds > _LATEST:
        seconds //= 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LATEST else None


def octets(value: Any) -> bytes | None:
    """Bytes written as base64, as a list, as `{"type": "Buffer", "data": […]}` or as `{"0": 194, "1": …}`."""
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True) if 0 < len(value) <= _OCTETS_LIMIT else None
        except (binascii.Error, ValueError):
            return None
    if isinstance(value, dict):
        data = value.get("data")
        numbered = [value.get(str(index)) for index in range(len(value))] if len(value) <= _OCTETS_LIMIT else []
        value = data if isinstance(data, list) else numbered
    if not isinstance(value, list) or not 0 < len(value) <= _OCTETS_LIMIT:
        return None
    if not all(type(octet) is int and 0 <= octet <= 255 for octet in value):
        return None
    return bytes(value)


def without_blanks(**extras: Any) -> dict[str, Any]:
    """The keywords that say something (not None, not `""`)."""
    return {key: value for key, value in extras.items() if value is not None and value != ""}
