"""Is this webhook from our Evolution? Evolution signs no bodies: it repeats a header we gave it, or a JWT made with it.

The JWT is made once per event and not renewed on its retries, which go on for about half an hour, so an expired one is
accepted for 35 minutes more: refusing it (401) would end the retries and lose the message.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from channels.whatsapp.loose_json import decimal, mapping
from kit.clock import business_now

LEEWAY = timedelta(minutes=35)
_TOKEN_LIMIT = 8_192


def authentic(headers: Mapping[str, str], secret: str, *, now: datetime | None = None) -> bool:
    """True for `Authorization: Bearer <secret>` or a bearer HS256 JWT keyed with `secret`. An empty secret admits nobody."""
    header = next((value for key, value in headers.items() if key.lower() == "authorization"), "")
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if not secret or scheme.lower() != "bearer" or not 0 < len(token) <= _TOKEN_LIMIT:
        return False
    if hmac.compare_digest(token.encode("utf-8", "replace"), secret.encode("utf-8", "replace")):
        return True
    return _signed(token, secret, business_now(now))


def _signed(token: str, secret: str, now: datetime) -> bool:
    head, _, rest = token.partition(".")
    claims, _, signature = rest.partition(".")
    # The algorithm is ours to choose, never the token's: "none" and every other one are refused.
    if mapping(_json(head)).get("alg") != "HS256":
        return False
    key = secret.encode("utf-8", "replace")
    expected = hmac.new(key, f"{head}.{claims}".encode("utf-8", "replace"), hashlib.sha256).digest()
    if not hmac.compare_digest(_base64url(signature), expected):
        return False
    expires = decimal(mapping(_json(claims)).get("exp"))
    return expires is not None and now.timestamp() <= expires + LEEWAY.total_seconds()


def _json(segment: str) -> Any:
    try:
        return json.loads(_base64url(segment))
    except (ValueError, RecursionError):
        return None


def _base64url(segment: str) -> bytes:
    try:
        return base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
