"""The team is told: cases climb their ladder, and each notice leaves once, by whichever WhatsApp of the clinic is open.

One that no wire was given is sent by whoever comes next. One whose answer never came may be on the phone: the wire is asked
for it, and it is sent again only when the wire has it not; where the wire cannot tell, only if it is urgent, and once: an
urgent notice rather arrives twice than never.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from uuid import UUID

from channels.base import Outgoing, Sender, SendOutcome, SendResult
from channels.registry import BadChannel
from clinic.conversations.cases import notices, notices_store
from clinic.conversations.cases.case_store import TELL
from clinic.conversations.cases.notices_store import Claimed
from clinic.tenants.service import clinic_for
from db import system
from db.listening import hear
from db.pool import Pool
from db.session import clinic_session
from jobs.reconcile import Look, look, next_look
from jobs.senders import Senders
from kit.errors import CarolError
from kit.ids import is_sandbox
from kit.log import bound, get_logger
from kit.tasks import end

log = get_logger(__name__)

_AT_ONCE = 50
_SEND_SECONDS = 15.0
_LEASE = timedelta(seconds=_SEND_SECONDS + 15)
_TRIES, _MOST = 5, 20
_PATIENCE = 3600.0  # seconds; older news is in the console, and the ladder has climbed
_NO_WIRE_AGAIN = 30.0
_GRACE = 60.0  # seconds for a wire to say whether it has what it was given
_LOOK_SECONDS = 10.0
_TWICE = 2  # an urgent notice is given to wires that cannot tell so often
_REFUSED_FIRST, _REFUSED_MOST = 5.0, 60.0  # seconds until one that was refused is tried again: half its age, between these
_SLOW = 5.0  # seconds that one clinic's notices take of a run, and the one under way then
_CLINICS_AT_ONCE = 8


async def tell_due(pool: Pool, senders: Senders, *, base: str) -> int:
    """Climbs every case that is due and sends every notice that is; how many were tried. `base`: the pages' address."""
    for clinic_id, case_id in await system.climbing_cases(pool, limit=_AT_ONCE):
        await _apart(_climb(pool, clinic_id, case_id), clinic_id=clinic_id, case_id=case_id)

    async def send(clinic_id: UUID, notice_id: UUID) -> None:
        await _apart(_send(pool, senders, clinic_id, notice_id, base), clinic_id=clinic_id, notice_id=notice_id)

    return await clinic_by_clinic(await system.due_notices(pool, limit=_AT_ONCE), send)


async def clinic_by_clinic(
    due: Sequence[tuple[UUID, UUID]], work: Callable[[UUID, UUID], Awaitable[None]], *, slow: float = _SLOW
) -> int:
    """One after the other in a clinic, clinics side by side; how many. A clinic whose wire is slow leaves the rest of its
    own to the next run, which so comes soon for all the others."""
    by_clinic: dict[UUID, list[UUID]] = {}
    for clinic_id, notice_id in due:
        by_clinic.setdefault(clinic_id, []).append(notice_id)
    places, tried = asyncio.Semaphore(_CLINICS_AT_ONCE), 0

    async def one(clinic_id: UUID, notices_due: Sequence[UUID]) -> None:
        nonlocal tried
        async with places:
            ends = monotonic() + slow
            for notice_id in notices_due:
                await work(clinic_id, notice_id)
                tried += 1
                if monotonic() > ends:
                    return

    await asyncio.gather(*(one(*each) for each in by_clinic.items()))
    return tried


async def _apart(work: Awaitable[None], **ids: UUID) -> None:
    """One that cannot be told now keeps no other waiting: its row is still there."""
    with bound(**{name: str(value) for name, value in ids.items()}):
        try:
            await work
        except CarolError as error:
            log.warning("notice_interrupted", error=error.code)
        except Exception as error:
            log.error("notice_broke", error=type(error).__name__, exc_info=True)


async def _climb(pool: Pool, clinic_id: UUID, case_id: UUID) -> None:
    clinic = await clinic_for(pool, clinic_id)
    async with clinic_session(pool, clinic_id) as s:
        told = await notices.climb(s, clinic, case_id)
    if told is None:
        log.error("nobody_to_tell", reason="no_member")
    elif told:
        log.info("team_told", members=told)


async def _send(pool: Pool, senders: Senders, clinic_id: UUID, notice_id: UUID, base: str) -> None:
    if is_sandbox(clinic_id):
        return
    async with clinic_session(pool, clinic_id) as s:
        claimed = await notices_store.claim(s, notice_id, lease=_LEASE, base=base)
        if claimed is None:
            return
        accounts = await notices_store.wires(s)
    if claimed.attempts > _MOST:  # it kills whoever takes it
        await _settle(pool, clinic_id, claimed, "failed", error="sender_died")
        log.error("notice_failed", kind=claimed.kind, code="sender_died", attempt=claimed.attempts)
        return
    if claimed.asked is not None and not await _again(pool, senders, clinic_id, claimed):
        return
    found = await _open_wire(pool, senders, clinic_id, accounts)
    if found is None:
        await _without_wire(pool, clinic_id, claimed)
        return
    account_id, sender = found
    async with clinic_session(pool, clinic_id) as s:
        await notices_store.leaves_by(s, claimed, account_id)
    await _note(pool, senders, clinic_id, account_id, claimed, await _ask(sender, _message(claimed)))


def _message(claimed: Claimed) -> Outgoing:
    return Outgoing(to=claimed.destination.lstrip("+"), text=claimed.text, reference=str(claimed.id))


async def _again(pool: Pool, senders: Senders, clinic_id: UUID, claimed: Claimed) -> bool:
    """Whether one that a wire was given, and that may have arrived, is sent again now."""
    found = await _look(pool, senders, clinic_id, claimed)
    if isinstance(found, str):
        await _settle(pool, clinic_id, claimed, "sent", provider_id=found)
        log.info("notice_found", kind=claimed.kind)
        return False
    if (wait := next_look(claimed.asked_ago, _GRACE)) is not None:
        await _settle(pool, clinic_id, claimed, "sending", error="no_answer", again_in=wait)
        return False
    given = claimed.attempts - 1
    if given < _TRIES if found is Look.ABSENT else claimed.urgent and given < _TWICE:
        log.warning("notice_sent_again", kind=claimed.kind, wire=found.value)
        return True
    await _settle(pool, clinic_id, claimed, "unknown", error="no_answer")
    log.error("notice_unknown", kind=claimed.kind, code="no_answer", attempt=given)
    return False


async def _look(pool: Pool, senders: Senders, clinic_id: UUID, claimed: Claimed) -> str | Look:
    if claimed.account_id is None or claimed.asked is None:
        return Look.SILENT
    try:
        _, sender = await senders.of(pool, clinic_id, claimed.account_id)
    except BadChannel:
        return Look.SILENT
    async with clinic_session(pool, clinic_id) as s:
        but = await notices_store.other_ids(s, claimed)
    return await look(sender, _message(claimed), queued_at=claimed.asked, but=but, timeout=_LOOK_SECONDS)


async def _settle(
    pool: Pool,
    clinic_id: UUID,
    claimed: Claimed,
    status: str,
    *,
    provider_id: str | None = None,
    error: str | None = None,
    again_in: float | None = None,
) -> None:
    """After a look: the wire was given nothing."""
    async with clinic_session(pool, clinic_id) as s:
        await notices_store.settle(s, claimed, status, provider_id=provider_id, error=error, again_in=again_in, tried=False)


async def _open_wire(pool: Pool, senders: Senders, clinic_id: UUID, accounts: list[UUID]) -> tuple[UUID, Sender] | None:
    for account_id in accounts:
        if senders.circuits.rest_of(account_id, monotonic()):
            continue
        try:
            _, sender = await senders.of(pool, clinic_id, account_id)
        except BadChannel as error:
            log.error("channel_unusable", account_id=str(account_id), reason=str(error))
            continue
        return account_id, sender
    return None


async def _without_wire(pool: Pool, clinic_id: UUID, claimed: Claimed) -> None:
    late = claimed.age > _PATIENCE
    log.error("nobody_to_tell", reason="no_wire", given_up=late)
    async with clinic_session(pool, clinic_id) as s:
        status = "failed" if late else "sending" if claimed.asked else "queued"
        await notices_store.settle(s, claimed, status, error="no_wire", again_in=_NO_WIRE_AGAIN, tried=False)


async def _ask(sender: Sender, message: Outgoing) -> SendResult:
    try:
        async with asyncio.timeout(_SEND_SECONDS):
            return await sender.send(message)
    except TimeoutError:
        return SendResult(outcome=SendOutcome.UNKNOWN, error_code="no_answer")
    except Exception as error:  # a defect of a sender may not hide that something left
        log.error("sender_broke", error=type(error).__name__, exc_info=True)
        return SendResult(outcome=SendOutcome.UNKNOWN, error_code="sender_broke")


async def _note(pool: Pool, senders: Senders, clinic_id: UUID, account_id: UUID, claimed: Claimed, result: SendResult) -> None:
    code = result.error_code or result.outcome.value
    status, again_in = "sent", None
    match result.outcome:
        case SendOutcome.SENT:
            senders.circuits.note_success(account_id)
        case SendOutcome.RETRY:
            again_in = _refused_for(claimed.age, result)
            senders.circuits.note_failure(account_id, monotonic(), wait=again_in, alarm=result.alarm)
            status = "failed" if claimed.age > _PATIENCE else "queued"
        case SendOutcome.FAILED:
            status = "failed"
        case SendOutcome.UNKNOWN:
            status, again_in = "sending", next_look(0.0, _GRACE)
    async with clinic_session(pool, clinic_id) as s:
        await notices_store.settle(
            s,
            claimed,
            status,
            provider_id=result.provider_id,
            error=None if status == "sent" else code,
            again_in=again_in,
            tried=result.outcome is not SendOutcome.RETRY,  # who was refused was given nothing: only time tells when it ends
        )
    say = log.info if status == "sent" else log.error if status == "failed" else log.warning
    say(
        "notice_unanswered" if status == "sending" else f"notice_{status}",
        kind=claimed.kind,
        code=code,
        attempt=claimed.attempts,
    )


def _refused_for(age: float, result: SendResult) -> float:
    """Seconds until one that surely did not leave is tried again; an alarm waits for a person, and is probed every minute."""
    pause = min(max(_REFUSED_FIRST, age / 2), _REFUSED_MOST)
    return _REFUSED_MOST if result.alarm else max(pause, result.retry_after or 0.0)


class Teller:
    """Tells until stopped: wakes by NOTIFY, looks by itself every poll. Any number may run, in any number of processes."""

    def __init__(self, pool: Pool, *, base: str, listen_url: str, poll: float = 2.0) -> None:
        self._pool, self._base, self._listen_url, self._poll = pool, base, listen_url, poll
        self._bell = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._senders: Senders | None = None

    async def start(self) -> None:
        """Begins to listen and to look."""
        self._senders = Senders()
        self._tasks = [asyncio.create_task(self._look(self._senders)), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        """Tells no more; a notice on its way will be found as one that may have arrived."""
        await end(self._tasks)
        self._tasks = []
        if self._senders is not None:
            await self._senders.aclose()

    async def _look(self, senders: Senders) -> None:
        while True:
            self._bell.clear()
            try:
                await tell_due(self._pool, senders, base=self._base)
            except CarolError as error:
                log.warning("telling_waits", error=error.code)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), self._poll)

    async def _listen(self) -> None:
        async for _ in hear(self._listen_url, TELL):
            self._bell.set()
