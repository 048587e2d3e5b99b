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


def new_sandbox_id() -> UUID:
    """The id of a sandbox: time-ordered like any other, and a UUID of version 8, which says what it is."""
    raw = bytearray(new_id().bytes)
    raw[6] = (raw[6] & 0x0F) | 0x80
    return UUID(bytes=bytes(raw))


def is_sandbox(clinic_id: UUID) -> bool:
    """Whether a clinic's id is a sandbox's; the schema enforces that only they have it."""
    return clinic_id.version == 8


def new_token() -> UUID:
    """An unguessable token, for leases and fencing."""
    return UUID(bytes=secrets.token_bytes(16), version=4)
