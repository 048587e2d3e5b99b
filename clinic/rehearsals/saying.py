"""Saying something in a rehearsal: the same inbox as a wire's, with a clock, a choice of model, and played mishaps."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from clinic.conversations import service
from clinic.conversations.lanes import lane_store
from clinic.conversations.models import QuietWindow, Stored
from clinic.conversations.service import AT_ONCE, OtherWords
from clinic.rehearsals import media, media_store
from clinic.rehearsals.store import still_there
from db.pool import Pool
from db.session import Session, clinic_session
from kit.clock import utc_now
from kit.errors import Invalid
from kit.file_types import file_name
from kit.ids import new_id

_BETWEEN = 0.4  # seconds between the messages of a burst
_BURST_LEAST = 1.5  # seconds of quiet that a burst needs, whatever the settings say


class UnknownMedia(Invalid):
    """Neither an image nor an audio that we know."""

    code = "media_unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a message is said: by whom, at what instant of the rehearsal, with which model asked for, waiting for more or not."""

    rehearsal_id: UUID
    person: str
    at: datetime | None = None
    mind: str | None = None
    quiet: QuietWindow = AT_ONCE
    request_id: str | None = None


async def say(pool: Pool, voice: Voice, text: str, *, message_id: str) -> Stored:
    """Stores one message. Raises RehearsalOver and what `conversations.service.say` raises."""
    async with clinic_session(pool, voice.rehearsal_id) as s:
        return await _stored(s, voice, text, message_id=message_id)


async def show(pool: Pool, voice: Voice, data: bytes, *, name: str, message_id: str, hears: timedelta | None = None) -> Stored:
    """Stores an image or an audio as a message, without its metadata. An audio is heard as a patient's would be, for at most
    `hears`; None: nobody here can. Raises UnknownMedia, and what `say` raises."""
    found = media.kind_of(data)
    if found is None:
        raise UnknownMedia
    try:
        kept = await asyncio.to_thread(media.cleaned, data, found)
    except ValueError:
        raise UnknownMedia from None
    came, hear = hashlib.sha256(data).hexdigest(), hears is not None and found.message == "audio"
    media_id = new_id()
    async with clinic_session(pool, voice.rehearsal_id) as s:
        stored = await _stored(s, voice, "", message_id=message_id, kind=found.message, more={"media": [str(media_id)]})
        if stored.new:
            if hear and hears is not None:
                await lane_store.hears(s, stored.conversation_id, utc_now() + hears)
            await media_store.keep(s, media_id, stored.message_id, found, name=file_name(name), data=kept, came=came, hear=hear)
        elif not await media_store.came_with(s, stored.message_id, came):
            raise OtherWords
    return stored


async def _stored(
    s: Session, voice: Voice, text: str, *, message_id: str, kind: str = "text", more: Mapping[str, Any] = MappingProxyType({})
) -> Stored:
    with still_there():
        return await service.say(
            s,
            voice.person,
            text,
            message_id=message_id,
            at=voice.at,
            now=utc_now(),
            request_id=voice.request_id,
            quiet=voice.quiet,
            kind=kind,
            payload={"mind": voice.mind, **more} if voice.mind else more,
        )


async def burst(pool: Pool, voice: Voice, texts: Sequence[str], *, window: QuietWindow) -> list[Stored]:
    """Says the texts one after the other, each within the quiet window of the one before; none when one cannot be said."""
    texts = [service.words(text) for text in texts]
    seconds = max(window.seconds, _BURST_LEAST)
    cap = max(window.cap, seconds + _BETWEEN * len(texts))
    hurried = replace(voice, quiet=QuietWindow(seconds, cap))
    stored = [await say(pool, hurried, texts[0], message_id=new_id().hex)]
    for text in texts[1:]:
        await asyncio.sleep(_BETWEEN)
        stored.append(await say(pool, hurried, text, message_id=new_id().hex))
    return stored


async def duplicate(pool: Pool, voice: Voice, text: str) -> list[Stored]:
    """Delivers one message twice under one id, as wires do."""
    message_id = new_id().hex
    return [await say(pool, voice, text, message_id=message_id) for _ in range(2)]
