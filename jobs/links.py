"""The connection of each wire, watched: what its server says, what it tells by webhook, and what sends prove."""

from __future__ import annotations

import asyncio
from uuid import UUID

from channels.base import LinkState, Sender
from channels.registry import BadChannel
from clinic.conversations.cases import notices
from clinic.conversations.outgoing import outbox
from clinic.tenants import rails_store
from clinic.tenants.rails_store import CLOSED, CONNECTING, DOWN, OPEN, Rail
from clinic.tenants.service import clinic_for
from db.pool import Pool
from db.session import Session, clinic_session
from jobs.senders import Senders
from kit.errors import Unavailable
from kit.ids import is_sandbox
from kit.log import bound, get_logger

log = get_logger(__name__)

CONNECTING_MOST = 120.0  # seconds; a drop that heals by itself is told as nothing but `connecting`
_ASK_SECONDS = 5.0
_SENDS = "send:"  # begins the reason that sends gave


async def watch(pool: Pool, senders: Senders, clinic_id: UUID, account_id: UUID) -> None:
    """Asks one wire how it is, writes it down, and tells the team once when it stays down."""
    if is_sandbox(clinic_id):
        return
    with bound(clinic_id=str(clinic_id), account_id=str(account_id)):
        state, reason = await _state(pool, senders, clinic_id, account_id)
        if state is not LinkState.UNKNOWN:
            await _asked(pool, senders, clinic_id, account_id, state, reason)
        await _alarm(pool, clinic_id, account_id)


async def _state(pool: Pool, senders: Senders, clinic_id: UUID, account_id: UUID) -> tuple[LinkState, str]:
    try:
        _, sender = await senders.of(pool, clinic_id, account_id)
    except BadChannel as error:
        return LinkState.CLOSED, error.code
    return await _ask(sender), "asked"


async def _ask(sender: Sender) -> LinkState:
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            return await sender.state()
    except (TimeoutError, Unavailable):
        return LinkState.UNKNOWN
    except Exception as error:  # a defect of one client must not blind the watch
        log.error("state_broke", error=type(error).__name__, exc_info=True)
        return LinkState.UNKNOWN


async def _asked(pool: Pool, senders: Senders, clinic_id: UUID, account_id: UUID, state: LinkState, reason: str) -> None:
    async with clinic_session(pool, clinic_id) as s:
        rail = await rails_store.rail(s, account_id)
        if rail is None or (state is LinkState.OPEN and await _lies(s, rail)):
            return
        opened = await note(s, account_id, state.value, reason)
    if opened:
        senders.circuits.note_success(account_id)
    (senders.doubted.discard if state is LinkState.OPEN else senders.doubted.add)(account_id)


async def _lies(s: Session, rail: Rail) -> bool:
    """A server may say open while nothing leaves: messages that wait for it know better."""
    return rail.state in DOWN and (rail.reason or "").startswith(_SENDS) and await rails_store.sends_fail(s, rail.id)


async def note(s: Session, account_id: UUID, state: str, reason: str | None) -> bool:
    """Writes down how a wire is. True when it is open again: what waited for it is due at once."""
    changed = await rails_store.note_state(s, account_id, state, reason=reason)
    if changed is None:
        return False
    say = log.warning if state in DOWN else log.info
    say("wire_" + state, account_id=str(account_id), before=changed.before, reason=reason)
    if state != OPEN or changed.before not in DOWN:
        return False
    waiting = await rails_store.hurry(s, account_id)
    await s.execute("SELECT pg_notify(%(channel)s, '')", {"channel": outbox.SENDS})
    log.info("wire_back", account_id=str(account_id), waiting=waiting, alarmed=changed.was_alarmed)
    return True


async def _alarm(pool: Pool, clinic_id: UUID, account_id: UUID) -> None:
    clinic = await clinic_for(pool, clinic_id)
    async with clinic_session(pool, clinic_id) as s:
        rail = await rails_store.rail(s, account_id)
        if rail is None or rail.alarmed_at is not None or not stays_down(rail):
            return
        if await rails_store.note_alarm(s, account_id):
            log.error("wire_down", kind=rail.kind, state=rail.state, reason=rail.reason, seconds=round(rail.down_for or 0.0))
            await notices.wire_down(s, clinic, account_id, kind=rail.kind, since=str(rail.state_since))


def stays_down(rail: Rail) -> bool:
    """Whether a wire is down for so long that people must know."""
    return rail.state == CLOSED or (rail.state == CONNECTING and (rail.down_for or 0.0) > CONNECTING_MOST)


async def proved_open(pool: Pool, senders: Senders, clinic_id: UUID, account_id: UUID) -> None:
    """A message was taken: the wire is open, whatever it says."""
    if account_id in senders.doubted:
        async with clinic_session(pool, clinic_id) as s:
            await note(s, account_id, OPEN, "send")
        senders.doubted.discard(account_id)


async def proved_down(pool: Pool, senders: Senders, clinic_id: UUID, account_id: UUID, code: str, *, alarm: bool) -> None:
    """Several messages in a row were refused, or one that only a person can repair: the wire is down, whatever it says."""
    async with clinic_session(pool, clinic_id) as s:
        rail = await rails_store.rail(s, account_id)
        if rail is not None and (rail.state not in DOWN or (alarm and rail.state != CLOSED)):
            await note(s, account_id, CLOSED if alarm else CONNECTING, f"{_SENDS}{code}")
    senders.doubted.add(account_id)
