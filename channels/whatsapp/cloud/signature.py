"""Is this webhook from Meta? The HMAC is over the bytes as they came: Meta escapes unicode, so JSON written again differs."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

HEADER = "X-Hub-Signature-256"
_PREFIX = "sha256="


def sign(raw: bytes, app_secret: str) -> str:
    """The header Meta would send with these bytes."""
    return _PREFIX + hmac.new(app_secret.encode("utf-8", "replace"), raw, hashlib.sha256).hexdigest()


def verify(raw: bytes, header: str | None, app_secret: str) -> bool:
    """True when `header` signs `raw`. A missing header or an empty secret is refused. Constant time."""
    if not header or not app_secret:
        return False
    return hmac.compare_digest(header.strip().encode("utf-8", "replace"), sign(raw, app_secret).encode())


def challenge(params: Mapping[str, str], verify_token: str) -> str | None:
    """The text to answer to Meta's subscription check, or None to refuse it (403)."""
    given = params.get("hub.verify_token", "").encode("utf-8", "replace")
    known = verify_token.encode("utf-8", "replace")
    if params.get("hub.mode") != "subscribe" or not known or not hmac.compare_digest(given, known):
        return None
    return params.get("hub.challenge") or None
