"""What is looked at by the clock: each task does what rows say is due, whether or not a bell was heard."""

from __future__ import annotations

from datetime import timedelta

from celery import Task, shared_task

from agent import hearing
from clinic.conversations import events_store
from clinic.conversations.models import QuietWindow
from clinic.rehearsals import service as rehearsals
from clinic.scheduling.sweeping_store import drop_abandoned_holds
from db import beats, system
from db.pool import Pool
from db.session import clinic_session
from jobs import gaps, links, media
from jobs.base import Ground, Work, perform
from jobs.delivery import deliver_due
from jobs.evaluating import give_up_lost
from jobs.keeping import slipping
from jobs.lanes import LATE_SECONDS, late_lanes, lost_lanes
from jobs.notices import tell_due
from jobs.reconciling import reconcile_due
from jobs.returning import return_left
from jobs.wires import Round
from kit.blobs import open_blobs
from kit.clock import utc_now
from kit.errors import Unavailable
from kit.log import get_logger
from kit.settings import Settings

log = get_logger(__name__)

KEPT = timedelta(days=30)
# A task has ninety seconds: the last wire that is begun has its own before they are over.
_WATCH = Round("watch", at_once=16, each=15.0, run=70.0)
_AUDIT = Round("audit", at_once=8, each=60.0, run=25.0)


async def expired_holds(pool: Pool) -> int:
    """Drops expired holds, clinic by clinic; how many."""
    dropped = 0
    for clinic_id in await system.clinics_with_expired_holds(pool):
        async with clinic_session(pool, clinic_id) as s:
            dropped += await drop_abandoned_holds(s, utc_now())
    return dropped


async def expired_rehearsals(pool: Pool) -> int:
    """Erases rehearsals whose time is over; how many. One that cannot be erased now keeps no other waiting."""
    ended = 0
    for sandbox in await system.expired_sandboxes(pool):
        try:
            ended += await rehearsals.end(pool, sandbox)
        except Unavailable as error:
            log.warning("rehearsal_not_ended", clinic_id=str(sandbox), reason=str(error))
    return ended


async def old_events(pool: Pool, *, older_than: timedelta = KEPT) -> int:
    """Prunes kept webhooks and statuses that found no message, clinic by clinic; how many."""
    pruned = 0
    for clinic_id, _, _ in await system.clinics(pool):
        async with clinic_session(pool, clinic_id) as s:
            pruned += await events_store.prune(s, older_than=older_than)
    return pruned


_ORPHANS_AFTER = timedelta(hours=24)
_looked_up_to = {"key": ""}  # where this process goes on looking; another one begins anew


def _files_here(settings: Settings) -> bool:
    """Whether this process sees the files that the API serves: a folder nobody ever wrote to is another machine's."""
    folder = settings.home / "media"
    return settings.media_store != "disk" or (folder.is_dir() and any(folder.iterdir()))


async def late_media(ground: Ground) -> int:
    """Takes files of messages that no worker takes; how many."""
    if not _files_here(ground.settings):
        return 0
    ears = hearing.ears(ground.settings)
    keeper = media.Keeper(
        pool=ground.pool,
        senders=ground.senders,
        blobs=open_blobs(ground.settings),
        ears=ears,
        limits=media.limits_of(ground.settings),
    )
    try:
        return await media.keep_late(keeper, late=LATE_SECONDS, limit=5)
    finally:
        if ears is not None:
            await ears.aclose()


async def orphaned_files(ground: Ground) -> int:
    """Deletes stored files that no message names any more; how many."""
    if not _files_here(ground.settings):
        return 0
    gone, _looked_up_to["key"] = await media.forget_orphans(
        ground.pool, open_blobs(ground.settings), after=_looked_up_to["key"], older_than=_ORPHANS_AFTER
    )
    return gone


async def watched_wires(ground: Ground) -> int:
    """Asks every wire how it is; how many."""
    return await _WATCH.go(
        await system.wires(ground.pool), lambda wire: links.watch(ground.pool, ground.senders, wire[0], wire[1])
    )


async def audited_wires(ground: Ground) -> int:
    """Compares with the inbox what was said on the wires whose turn it is; how many were looked at."""
    settings = ground.settings
    quiet = QuietWindow(
        settings.quiet_window_seconds,
        settings.quiet_window_cap_seconds,
        finished=settings.quiet_window_finished_seconds,
    )
    return await _AUDIT.go(
        await system.wires(ground.pool),
        lambda wire: gaps.audit(ground.pool, ground.senders, wire[0], wire[1], quiet=quiet),
    )


def _task(name: str, work: Work) -> None:
    """Gives the work a name that bells and the schedule ring."""

    def run(task: Task) -> None:
        perform(task, work)

    shared_task(name=name, bind=True)(run)


_task("clockwork.beats", lambda ground: beats.note(ground.pool))
_task("notices.due", lambda ground: tell_due(ground.pool, ground.senders, base=ground.settings.base_url))
_task("promises.slipping", lambda ground: slipping(ground.pool, now=utc_now()))
_task("conversations.left", lambda ground: return_left(ground.pool))
_task("delivery.due", lambda ground: deliver_due(ground.pool, ground.senders, ground.settings))
_task("lanes.late", lambda ground: late_lanes(ground.pool))
_task("lanes.lost", lambda ground: lost_lanes(ground.pool))
_task("holds.expired", lambda ground: expired_holds(ground.pool))
_task("rehearsals.expired", lambda ground: expired_rehearsals(ground.pool))
_task("media.late", late_media)
_task("media.orphans", orphaned_files)
_task("wires.watched", watched_wires)
_task("wires.audited", audited_wires)
_task("ledger.reconcile", lambda ground: reconcile_due(ground.pool, now=utc_now()))
_task("evals.lost", lambda ground: give_up_lost(ground.pool))
_task("events.old", lambda ground: old_events(ground.pool))
