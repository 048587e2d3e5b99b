"""Which image or audio may be sent in a rehearsal, and what of it is kept. Pure; a picture costs its decoding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kit import images
from kit.file_types import file_type
from kit.metadata import stripped

MOST = 16 * 2**20  # bytes, as on WhatsApp


@dataclass(frozen=True, slots=True)
class Kind:
    """What a message that carries the file is, and the file's own type."""

    message: Literal["image", "audio"]
    media_type: str


def kind_of(data: bytes) -> Kind | None:
    """The image or audio these bytes are; None for anything else, films included."""
    found = file_type(data)
    return Kind(found.kind, found.media_type) if found and (found.kind == "image" or found.kind == "audio") else None


def cleaned(data: bytes, kind: Kind) -> bytes:
    """The file without place, camera or author. Raises ValueError when it is not whole."""
    return images.clean(data, kind.media_type) if kind.message == "image" else stripped(data, kind.media_type)
