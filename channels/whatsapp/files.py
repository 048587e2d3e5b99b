"""Which files WhatsApp takes, whichever wire carries them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from channels.base import File, SendResult
from channels.whatsapp import posting

CAPTION_MAX = 1024  # characters
_MB = 2**20


def refusal(file: File, caption: str, *, sizes: Mapping[str, int], types: Mapping[str, frozenset[str]]) -> SendResult | None:
    """Why this file cannot go, before any network: its kind, its type, its size (megabytes) or its caption. None: it can."""
    if file.kind not in sizes or not file.data:
        return posting.failed(posting.UNSUPPORTED)
    allowed = types.get(file.kind)
    if allowed is not None and bare_type(file) not in allowed:
        return posting.failed(posting.UNSUPPORTED)
    if file.kind == "audio" and caption.strip():
        return posting.failed(posting.UNSUPPORTED)  # an audio shows no words: they would be lost
    if len(file.data) > sizes[file.kind] * _MB:
        return posting.failed("too_large")
    return posting.failed("too_long") if len(caption) > CAPTION_MAX else None


def bare_type(file: File) -> str:
    """The media type without its parameters, lower case."""
    return file.media_type.partition(";")[0].strip().lower()
