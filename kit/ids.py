"""Identifiers. The only place that draws random ids, so that a test can find every draw."""

from __future__ import annotations

import os
import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """A time-ordered id (UUIDv7 layout): rows that arrive together stay together in an index."""
    millis = time.time_ns() // 1_000_000
    raw = bytearray(millis.to_bytes(6, "big") + os.urandom(10))
    raw[6] = (raw[6] & 0x0F) | 0x70
    raw[8] = (raw[8] & 0x3F) | 0x80
    return UUID(bytes=bytes(raw))


def new_token() -> UUID:
    """An unguessable token, for leases and fencing."""
    return UUID(bytes=secrets.token_bytes(16), version=4)
