"""What may be kept of a file that a patient sends, and how long it is tried. Pure; checking a picture costs its decoding."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from kit import images
from kit.errors import Invalid
from kit.file_types import file_name, file_type
from kit.metadata import stripped

KINDS = frozenset({"audio", "image", "video", "document", "sticker"})
TRIES = 40  # over some eight hours: a store or a provider may be away for a night
HEARINGS = 7  # over two minutes: who is told that nobody could listen is not answered hours later
_DIED = 8  # tries that a death of whoever was at it counts for: what kills its reader is left alone soon
_WAIT_MOST = 900.0  # seconds
_OPUS_PER_SECOND = 48_000


class Problem(StrEnum):
    """Why a file could not be kept or heard."""

    TOO_LARGE = "too_large"
    NOT_TAKEN = "not_taken"  # a type we do not take, or not the one it was sent as
    BROKEN = "broken"
    GONE = "gone"  # the wire has it no more
    UNREACHABLE = "unreachable"  # tried for hours
    TOO_LONG = "too_long"  # an audio nobody but a person should sit through
    NO_EARS = "no_ears"  # nothing here can hear
    NOT_HEARD = "not_heard"  # the ear failed, or it will not take this file
    NO_WORDS = "no_words"  # nothing could be made out


class MediaRefused(Invalid):
    """This file is not kept."""

    code = "media_refused"

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"refused: {problem}")
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest file of each kind, in bytes, and the longest audio, in seconds."""

    image: int = 10 * 2**20
    audio: int = 16 * 2**20
    video: int = 32 * 2**20
    document: int = 32 * 2**20
    seconds: float = 600.0

    def most(self, kind: str) -> int:
        """The largest file that a message of this kind may bring."""
        return int(getattr(self, "image" if kind == "sticker" else kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as the wire that brought its message names it. Nothing of it is believed, but `source` fetches it."""

    kind: str
    media_type: str
    name: str
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file that somebody is at. `data`: it came with its row; `store_key`: it is kept already."""

    id: UUID
    message_id: UUID
    conversation_id: UUID
    account_id: UUID
    kind: str
    source: Mapping[str, Any]
    attempts: int
    data: bytes | None = field(repr=False)
    store_key: str | None
    media_type: str
    settled: bool  # heard, or known not to be hearable
    late: bool  # it came so long after it was sent that nobody answers it by itself


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept, as it is kept."""

    media_type: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def file_of(payload: Mapping[str, Any]) -> File | None:
    """The file that came with a message, by its payload; None when it names none that could be fetched."""
    named = payload.get("file")
    if not isinstance(named, Mapping) or named.get("kind") not in KINDS or not isinstance(named.get("source"), Mapping):
        return None
    return File(
        kind=str(named["kind"]),
        media_type=str(named.get("media_type") or "")[:100],
        name=file_name(str(named.get("name") or "")),
        source=dict(named["source"]),
    )


def checked(data: bytes, kind: str, limits: Limits) -> Checked:
    """The file as it may be kept: of a type we take, within its limits, without metadata. Raises MediaRefused."""
    found = file_type(data)
    if found is None or (kind == "audio") != (found.kind == "audio" and kind != "document"):
        raise MediaRefused(Problem.NOT_TAKEN)
    if len(data) > min(limits.most(found.kind), limits.most(kind)):
        raise MediaRefused(Problem.TOO_LARGE)
    try:
        kept = images.clean(data, found.media_type) if found.kind == "image" else stripped(data, found.media_type)
    except ValueError as error:
        raise MediaRefused(Problem.BROKEN) from error
    return Checked(found.media_type, kept)


def seconds_of(data: bytes, media_type: str) -> float | None:
    """How long a voice note is, as its last page says; None for containers that must be decoded to know."""
    last = data.rfind(b"OggS") if media_type == "audio/ogg" else -1
    if last < 0 or len(data) < last + 14:
        return None
    samples = int(struct.unpack_from("<q", data, last + 6)[0])
    return max(0.0, samples / _OPUS_PER_SECOND)


def again_in(attempts: int) -> timedelta:
    """How long a failed try waits for the next: 2, 4, 8 … seconds, at most a quarter of an hour."""
    return timedelta(seconds=min(2.0 ** min(max(attempts, 1), 20), _WAIT_MOST))


def weight(*, died: bool) -> int:
    """How many tries a claim counts for."""
    return _DIED if died else 1
