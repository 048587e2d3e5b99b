"""What a file is, by its bytes alone: what its name or its sender says of it is not believed. Pure."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["image", "audio", "video", "document"]

_HEAD = 4096  # where a container says what it holds
_VIDEO_IN_MP4 = re.compile(rb"hdlr.{8}vide", re.DOTALL)
_VIDEO_IN_WEBM = re.compile(rb"V_(VP8|VP9|AV1|MPEG)")
_STILL = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"avif")  # pictures in a film's clothes: we cannot clean them
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

ZIP_ENTRIES, ZIP_BYTES, ZIP_RATIO = 2_000, 128 * 2**20, 200
_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text",
    b"application/vnd.oasis.opendocument.spreadsheet",
    b"application/vnd.oasis.opendocument.presentation",
}


@dataclass(frozen=True, slots=True)
class FileType:
    kind: Kind
    media_type: str


def file_type(data: bytes) -> FileType | None:
    """What these bytes are, among the types a patient may send; None for anything else, and for what hides a second thing."""
    head = data[:_HEAD]
    if image := _image(head):
        return FileType("image", image)
    if moving := _moving(head, data):
        return moving
    document = _pdf(data) or _packed(data) or _text(data)
    return FileType("document", document) if document else None


def file_name(given: str) -> str:
    """A file's name without folders and without what cannot be written."""
    return _UNWRITABLE.sub("", re.split(r"[/\\]", given)[-1]).strip()[:200]


def _image(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _moving(head: bytes, data: bytes) -> FileType | None:
    if head.startswith(b"OggS"):
        return None if b"theora" in head else FileType("audio", "audio/ogg")
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return FileType("audio", "audio/wav")
    if head[4:8] == b"ftyp":
        if head[8:12] in _STILL:
            return None
        return FileType("video", "video/mp4") if _VIDEO_IN_MP4.search(data) else FileType("audio", "audio/mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):
        if b"webm" not in head[:64]:
            return None
        return FileType("video", "video/webm") if _VIDEO_IN_WEBM.search(head) else FileType("audio", "audio/webm")
    if head.startswith(b"#!AMR"):
        return FileType("audio", "audio/amr")
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return FileType("audio", "audio/aac")
    is_mp3 = len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 != 0
    return FileType("audio", "audio/mpeg") if is_mp3 or head.startswith(b"ID3") else None


def _pdf(data: bytes) -> str | None:
    # From its first byte to its last: what stands before a PDF or after it is another file.
    return "application/pdf" if _is_pdf(data) and data[-1024:].rstrip(b"\0 \t\r\n").endswith(b"%%EOF") else None


def _is_pdf(data: bytes) -> bool:
    return data.startswith(b"%PDF-")


def _packed(data: bytes) -> str | None:
    """An office document without macros, whose parts unpack to a size we would take."""
    if not data.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if not _modest(entries, len(data)):
                return None
            names = {entry.filename for entry in entries}
            if any(name.lower().endswith(("vbaproject.bin", ".exe", ".js", ".vbs")) for name in names):
                return None
            if "[Content_Types].xml" in names:
                return next((kind for part, kind in _OFFICE.items() if part in names), None)
            said = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, KeyError):
        return None
    return said.decode() if said in _OPEN_DOCUMENTS else None


def _modest(entries: Sequence[zipfile.ZipInfo], packed: int) -> bool:
    unpacked = sum(entry.file_size for entry in entries)
    return len(entries) <= ZIP_ENTRIES and unpacked <= min(ZIP_BYTES, max(packed, 1) * ZIP_RATIO)


def _text(data: bytes) -> str | None:
    if _is_pdf(data):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    marked_up = text.lstrip("\ufeff \t\r\n")[:1] == "<"  # a page or a drawing may carry a script
    return "text/plain" if text.strip() and not marked_up and not _CONTROL.search(text) else None
