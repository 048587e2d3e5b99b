"""Which image or audio a file is, by its bytes alone: what a browser says of it is not believed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

MOST = 16 * 2**20  # bytes, as on WhatsApp
_VIDEO_IN_MP4 = re.compile(rb"hdlr.{8}vide", re.DOTALL)
_VIDEO_IN_WEBM = re.compile(rb"V_(VP8|VP9|AV1|MPEG)")
_HEAD = 4096  # where a container says what it holds
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a message that carries the file is, and the file's own type."""

    message: Literal["image", "audio"]
    media_type: str


def kind_of(data: bytes) -> Kind | None:
    """The image or audio these bytes are; None for anything else, films included."""
    head = data[:_HEAD]
    image = _image(head)
    audio = None if image else _audio(head, data)
    return Kind("image", image) if image else Kind("audio", audio) if audio else None


def _image(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _audio(head: bytes, data: bytes) -> str | None:
    if head.startswith(b"OggS"):
        return None if b"theora" in head else "audio/ogg"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp":
        return None if _VIDEO_IN_MP4.search(data) else "audio/mp4"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "audio/webm" if b"webm" in head[:64] and not _VIDEO_IN_WEBM.search(head) else None
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    is_mp3 = len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 != 0
    return "audio/mpeg" if is_mp3 or head.startswith(b"ID3") else None


def file_name(given: str) -> str:
    """A file's name without folders and without what cannot be written."""
    return _UNWRITABLE.sub("", re.split(r"[/\\]", given)[-1]).strip()[:200]
