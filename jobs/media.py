"""Files that came with messages: fetched from the wire, checked, heard and kept, apart from the message and its answer.

A message never waits for its file to be stored, and is never lost with it. Whoever finds a row due does it: a worker in
each API process, and a sweep should every one of them be down.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from agent.hearing import Ears
from agent.transcripts import NoWords, Sound, TooLong, Unheard, prompt_for
from channels.base import MediaGone, MediaTooLarge
from channels.registry import BadChannel
from clinic.conversations.cases import case_store, handoff
from clinic.conversations.files import media, media_store
from clinic.conversations.files.media import Checked, Limits, MediaRefused, Problem, Waiting
from clinic.conversations.models import CaseKind
from clinic.tenants.service import clinic_for
from db import system
from db.listening import hear
from db.pool import Pool
from db.session import clinic_session
from jobs.senders import Senders
from kit.blobs import Blobs, NoBlob
from kit.clock import utc_now
from kit.errors import CarolError, Unavailable
from kit.ids import is_sandbox
from kit.log import bound, get_logger
from kit.settings import Settings
from kit.tasks import end

log = get_logger(__name__)

LEASE = timedelta(seconds=60)  # held on to while it is at it
AT_ONCE = 4  # files in each process
_POLL = 2.0  # seconds


@dataclass(slots=True, kw_only=True)
class Keeper:
    """What keeping a file needs. `ears` None: nobody here can hear."""

    pool: Pool
    senders: Senders
    blobs: Blobs
    ears: Ears | None
    limits: Limits

    async def keep(self, clinic_id: UUID, media_id: UUID) -> bool:
        """Takes one file as far as it goes now. False: it was not due, or somebody is at it."""
        async with clinic_session(self.pool, clinic_id) as s:
            waiting = await media_store.claim(s, media_id, lease=LEASE)
        if waiting is None:
            return False
        with bound(clinic_id=str(clinic_id), media_id=str(media_id)):
            if waiting.attempts > media.TRIES:
                await self._give_up(clinic_id, waiting, Problem.UNREACHABLE, refused=False)
                return True
            beat = asyncio.create_task(self._hold(clinic_id, waiting))
            try:
                await self._kept(clinic_id, waiting)
            except MediaRefused as refused:
                await self._give_up(clinic_id, waiting, refused.problem, refused=True)
            except (MediaGone, NoBlob):
                await self._give_up(clinic_id, waiting, Problem.GONE, refused=False)
            except CarolError as error:
                log.warning("media_tries_again", code=error.code, reason=str(error), attempts=waiting.attempts)
                async with clinic_session(self.pool, clinic_id) as s:
                    await media_store.set_back(s, waiting, media.again_in(waiting.attempts))
            finally:
                await end([beat])
        return True

    async def _hold(self, clinic_id: UUID, waiting: Waiting) -> None:
        """A long note is heard for longer than a lease lasts."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            async with clinic_session(self.pool, clinic_id) as s:
                await media_store.hold(s, waiting, LEASE)

    async def _kept(self, clinic_id: UUID, waiting: Waiting) -> None:
        """Fetched and checked; then heard and stored side by side: an answer waits for no store."""
        if waiting.store_key:
            data = await self.blobs.get(clinic_id, waiting.store_key)
            kept = Checked(waiting.media_type, data)
        else:
            raw = waiting.data if waiting.data is not None else await self._fetched(clinic_id, waiting)
            kept = await asyncio.to_thread(media.checked, raw, waiting.kind, self.limits)
        done = await asyncio.gather(
            self._heard(clinic_id, waiting, kept), self._stored(clinic_id, waiting, kept), return_exceptions=True
        )
        for failure in done:
            if isinstance(failure, BaseException):
                raise failure
        async with clinic_session(self.pool, clinic_id) as s:
            await media_store.settle(s, waiting)
        log.info("media_kept", kind=waiting.kind, bytes=len(kept.data))

    async def _fetched(self, clinic_id: UUID, waiting: Waiting) -> bytes:
        if is_sandbox(clinic_id):
            raise MediaGone  # no wire of a rehearsal is real
        try:
            _, sender = await self.senders.of(self.pool, clinic_id, waiting.account_id)
        except BadChannel as error:
            raise Unavailable(f"wire: {error.code}") from None
        try:
            fetched = await sender.fetch(waiting.source, most=self.limits.most(waiting.kind))
        except MediaTooLarge:
            raise MediaRefused(Problem.TOO_LARGE) from None
        return fetched.data

    async def _stored(self, clinic_id: UUID, waiting: Waiting, kept: Checked) -> None:
        if waiting.store_key or waiting.data is not None:
            return
        key = await self.blobs.put(clinic_id, waiting.id, kept.data)
        async with clinic_session(self.pool, clinic_id) as s:
            await media_store.note_stored(s, waiting, key, kept)

    async def _heard(self, clinic_id: UUID, waiting: Waiting, kept: Checked) -> None:
        """What a voice note says becomes its message. Raises Unavailable when the ear may hear it later."""
        if waiting.kind != "audio" or waiting.settled:
            return
        try:
            text = await self._transcript(clinic_id, kept)
        except NoWords:
            problem = Problem.NO_WORDS
        except TooLong:
            problem = Problem.TOO_LONG
        except Unheard as error:
            problem = Problem.NO_EARS if self.ears is None else Problem.NOT_HEARD
            log.warning("not_heard", reason=str(error))
        except Unavailable as error:
            if waiting.attempts < media.HEARINGS:
                raise
            problem = Problem.NOT_HEARD
            log.error("not_heard", reason=str(error))
        else:
            async with clinic_session(self.pool, clinic_id) as s:
                flag = await media_store.note_heard(s, waiting, text)
            log.info("heard", characters=len(text), red_flag=flag)
            return
        async with clinic_session(self.pool, clinic_id) as s:
            await media_store.note_problem(s, waiting, problem)

    async def _transcript(self, clinic_id: UUID, kept: Checked) -> str:
        if self.ears is None:
            raise Unheard("no ears")
        seconds = media.seconds_of(kept.data, kept.media_type)
        if seconds is not None and seconds > self.limits.seconds:
            raise TooLong
        clinic = await clinic_for(self.pool, clinic_id)
        return await self.ears.hear(Sound(kept.data, kept.media_type), prompt_for(clinic))

    async def _give_up(self, clinic_id: UUID, waiting: Waiting, problem: Problem, *, refused: bool) -> None:
        """The next turn says so; where the patient was answered already, a person does."""
        log.warning("media_given_up", problem=problem.value, refused=refused)
        clinic = await clinic_for(self.pool, clinic_id)
        now = utc_now()
        async with clinic_session(self.pool, clinic_id) as s:
            if await media_store.give_up(s, waiting, problem, refused=refused):
                due = handoff.deadline(clinic, CaseKind.FAILURE, now=now)
                await case_store.open_case(
                    s, waiting.conversation_id, CaseKind.FAILURE, reason="media_lost", brief="", due_at=due, at=now
                )


class Keeping:
    """Keeps until stopped: wakes by NOTIFY, looks by itself every poll. Any number may run, in any number of processes."""

    def __init__(self, keeper: Keeper, *, listen_url: str, poll: float = _POLL) -> None:
        self._keeper, self._listen_url, self._poll = keeper, listen_url, poll
        self._bell = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[UUID, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to listen and to look."""
        self._tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        """Leaves what it was at to whoever comes next, when its lease is over."""
        await end([*self._tasks, *self._under_way.values()])
        self._tasks = []

    async def _look(self) -> None:
        while True:
            self._bell.clear()
            try:
                for clinic_id, media_id in await system.waiting_media(self._keeper.pool, limit=4 * AT_ONCE):
                    if media_id not in self._under_way:
                        await self._room.acquire()
                        self._under_way[media_id] = asyncio.create_task(self._one(clinic_id, media_id))
            except CarolError as error:
                log.warning("keeping_interrupted", error=error.code)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), self._poll)

    async def _one(self, clinic_id: UUID, media_id: UUID) -> None:
        try:
            if await self._keeper.keep(clinic_id, media_id):
                self._bell.set()
        except CarolError as error:
            log.warning("keeping_interrupted", error=error.code)
        except Exception as error:  # one file's defect must not keep the others; its tries are counted
            log.error("keeping_broke", error=type(error).__name__, exc_info=True)
        finally:
            self._under_way.pop(media_id, None)
            self._room.release()

    async def _listen(self) -> None:
        """Rings the bell on NOTIFY, and whenever what was told may have been missed."""
        async for _ in hear(self._listen_url, media_store.MEDIA):
            self._bell.set()


def limits_of(settings: Settings) -> Limits:
    """What these settings take."""
    return Limits(
        image=int(settings.media_max_image_mb * 2**20),
        audio=int(settings.media_max_audio_mb * 2**20),
        video=int(settings.media_max_video_mb * 2**20),
        document=int(settings.media_max_document_mb * 2**20),
        seconds=60 * settings.transcription_max_minutes,
    )


async def keep_late(keeper: Keeper, *, late: float, limit: int = 20) -> int:
    """Takes files that have been due for `late` seconds: every worker is down. How many."""
    kept = 0
    for clinic_id, media_id in await system.waiting_media(keeper.pool, limit=limit, late=late):
        kept += await keeper.keep(clinic_id, media_id)
    return kept


async def forget_orphans(
    pool: Pool, blobs: Blobs, *, after: str = "", older_than: timedelta, most: int = 5_000
) -> tuple[int, str]:
    """Deletes files that no row names: their clinic or message is gone. How many, and where to go on; "" at the end.

    A file younger than `older_than` may still get its row; keys that are not ours are left alone.
    """
    before = utc_now() - older_than
    found = await blobs.listed(after=after, most=most)
    by_owner: dict[UUID, list[UUID]] = {}
    for blob in found:
        if blob.owner is not None and blob.name is not None and blob.at < before:
            by_owner.setdefault(blob.owner, []).append(blob.name)
    gone = 0
    for owner, names in by_owner.items():
        async with clinic_session(pool, owner) as s:
            known = await media_store.named(s, names)
        for name in names:
            if name not in known:
                await blobs.delete(owner, f"{owner}/{name}")
                gone += 1
    if gone:
        log.info("orphans_forgotten", files=gone)
    return gone, found[-1].key if len(found) == most else ""
