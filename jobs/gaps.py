"""The gap audit: what a wire's history has and our inbox had not is stored, answered, and counted aloud."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Literal
from uuid import UUID

from channels.base import Echo, Event, Inbound, Sender, TooMuch
from channels.registry import BadChannel
from clinic.conversations import gaps_store, inbox
from clinic.conversations.cases import notices
from clinic.conversations.events_store import Unstorable, storable
from clinic.conversations.handover import takeover
from clinic.conversations.models import QuietWindow
from clinic.tenants import rails_store
from clinic.tenants.rails_store import DOWN, OPEN, Rail
from clinic.tenants.service import clinic_for
from db.pool import Pool
from db.session import clinic_session
from jobs.arrivals import arrival_of, said_of
from jobs.senders import Senders
from kit.clock import utc_now
from kit.errors import Unavailable
from kit.ids import is_sandbox
from kit.log import bound, get_logger

log = get_logger(__name__)

EVERY = timedelta(minutes=10)
OVERLAP = timedelta(minutes=10)  # looked at again: a server may learn late of what was said while it was away
LAG = timedelta(minutes=2)  # of now, left alone: those webhooks may still come
_HISTORY_SECONDS = 20.0
_RUN_SECONDS = 30.0  # then the span under way is the last of this run
_SHORTEST = timedelta(seconds=1)  # as finely as a wire tells when something was said


@dataclass(frozen=True, slots=True)
class Found:
    """What one audit found that no webhook told."""

    recovered: int = 0
    lost: int = 0  # it could not be stored
    echoes: int = 0  # a person's answers from the phone

    def __add__(self, other: Found) -> Found:
        return Found(self.recovered + other.recovered, self.lost + other.lost, self.echoes + other.echoes)


async def audit(
    pool: Pool, senders: Senders, clinic_id: UUID, account_id: UUID, *, quiet: QuietWindow, lag: timedelta = LAG
) -> Found | None:
    """Compares one wire's history with the inbox, if it is time to. None: it was not, or the wire cannot tell.

    A long history is compared span by span, each written down as it is done, for a bounded time: the next run goes on.
    What was said before a wire was first audited is not looked for: it was not said to Carol.
    """
    if is_sandbox(clinic_id):
        return None
    async with clinic_session(pool, clinic_id) as s:
        rail = await rails_store.rail(s, account_id)
        if rail is None or not _is_time(rail, lag):
            return None
        until = rail.now - lag
        if rail.audited_until is None:
            await rails_store.audited(s, account_id, until)
            return None
    with bound(clinic_id=str(clinic_id), account_id=str(account_id)):
        sender = await _teller(pool, senders, clinic_id, account_id)
        if sender is None:
            return None
        run = _Audit(pool, clinic_id, account_id, quiet)
        try:
            return await run.spans(sender, rail.audited_until, until)
        finally:  # what was found is in the inbox by now: a run that is cut short tells it too, the next one will not find it
            await _told_of(pool, clinic_id, run.found, key=f"{account_id}:{until.isoformat(timespec='seconds')}")


async def _told_of(pool: Pool, clinic_id: UUID, found: Found, *, key: str) -> None:
    """The team hears of what was missing, if anything was."""
    if found.recovered or found.lost:
        log.error("gap", recovered=found.recovered, lost=found.lost, echoes=found.echoes)
        clinic = await clinic_for(pool, clinic_id)
        async with clinic_session(pool, clinic_id) as s:
            await notices.gap(s, clinic, key=key, found=found.recovered + found.lost, lost=found.lost)


def _is_time(rail: Rail, lag: timedelta) -> bool:
    """Every ten minutes, and after each reconnection until the audit has passed it. One that is down is asked later."""
    if rail.state in DOWN:
        return False
    if rail.audited_until is None or rail.now - lag - rail.audited_until >= EVERY:
        return True
    return rail.state == OPEN and rail.state_since is not None and rail.state_since > rail.audited_until


async def _teller(pool: Pool, senders: Senders, clinic_id: UUID, account_id: UUID) -> Sender | None:
    """Who can be asked what was said on this wire."""
    try:
        _, sender = await senders.of(pool, clinic_id, account_id)
    except BadChannel as error:
        log.warning("history_silent", error=type(error).__name__)
        return None
    if sender.capabilities.history:
        return sender
    if account_id not in senders.unaudited:
        log.info("no_history_to_audit")
        senders.unaudited.add(account_id)
    return None


async def _told(sender: Sender, since: datetime, until: datetime) -> Sequence[Event] | Literal["too_much", "slow"] | None:
    """What was said in a span; None: the wire is silent."""
    try:
        async with asyncio.timeout(_HISTORY_SECONDS):
            return await sender.history(since=since, until=until)
    except TooMuch:
        return "too_much"
    except TimeoutError:
        log.warning("history_slow", seconds=round((until - since).total_seconds()))
        return "slow"
    except Unavailable as error:
        log.warning("history_silent", error=type(error).__name__)
        return None


@dataclass(slots=True)
class _Audit:
    pool: Pool
    clinic_id: UUID
    account_id: UUID
    quiet: QuietWindow
    found: Found = Found()  # so far

    async def spans(self, sender: Sender, cursor: datetime, target: datetime) -> Found | None:
        """From the cursor on, in spans that the wire tells whole: shorter ones where much was said. None: it told nothing.

        However little time it has, a run does at least one span, unless the wire is silent.
        """
        compared, ends = False, monotonic() + _RUN_SECONDS
        since, step = cursor - OVERLAP, target - cursor
        while cursor < target and (not compared or monotonic() < ends):
            until = min(cursor + step, target)
            told = await _told(sender, since, until)
            if told is None or (told == "slow" and step <= OVERLAP):
                break
            if told == "slow":
                step = OVERLAP
                continue
            if told == "too_much":
                if step > _SHORTEST:
                    step = max(step / 4, _SHORTEST)
                    continue
                if since < cursor:
                    since = cursor
                    continue
                log.error("history_passed_over", since=since.isoformat(), seconds=_SHORTEST.total_seconds())
                told = ()
            await self.of(told)
            compared = True
            async with clinic_session(self.pool, self.clinic_id) as s:
                await rails_store.audited(s, self.account_id, until)
            cursor = since = until
            step = 2 * step
        return self.found if compared else None

    async def of(self, events: Sequence[Event]) -> None:
        said = [event for event in events if isinstance(event, Inbound | Echo)]
        async with clinic_session(self.pool, self.clinic_id) as s:
            known = await gaps_store.known(s, self.account_id, [event.provider_id for event in said])
        for event in said:
            if event.provider_id not in known:
                known.add(event.provider_id)
                if counted := await self._store(event):
                    self.found += Found(**{counted: 1})

    async def _store(self, event: Inbound | Echo) -> str | None:
        """What it counts as: recovered, lost or echoes; None for what another one stored meanwhile."""
        try:
            async with storable():
                return await self._inbound(event) if isinstance(event, Inbound) else await self._echo(event)
        except Unstorable as error:
            log.error("event_not_storable", kind=type(event).__name__, reason=str(error))
            if isinstance(event, Echo):
                return None
            async with clinic_session(self.pool, self.clinic_id) as s:
                await gaps_store.note(s, self.account_id, event.provider_id, sent_at=event.sent_at, recovered=False)
            return "lost"

    async def _inbound(self, event: Inbound) -> str | None:
        arrival = arrival_of(event, self.account_id, request_id=None)
        async with clinic_session(self.pool, self.clinic_id) as s:
            stored = await inbox.receive(s, arrival, now=utc_now(), quiet=self.quiet)
            if not stored.new:
                return None
            await gaps_store.note(s, self.account_id, event.provider_id, sent_at=event.sent_at, recovered=True)
        log.warning("message_recovered", conversation_id=str(stored.conversation_id), kind=event.kind)
        return "recovered"

    async def _echo(self, event: Echo) -> str | None:
        said = said_of(event, self.account_id, request_id=None)
        async with clinic_session(self.pool, self.clinic_id) as s:
            heard = await takeover.hear_echo(s, said, now=utc_now())
        log.info("echo", heard=heard.value, by="audit")
        return "echoes" if heard in (takeover.Heard.TAKEN, takeover.Heard.KEPT) else None
