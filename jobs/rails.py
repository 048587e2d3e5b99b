"""Fail-over: when a conversation's wire has been down for a while, another wire of the clinic says what waits.

Never what may have arrived already, never to somebody who opted out, never into a window that is closed without a template
to open it. The conversation keeps its wire: what is answered next leaves by whichever the patient wrote to.
"""

from __future__ import annotations

from time import monotonic

from channels.registry import BadChannel
from clinic.conversations.outgoing import leaving, leaving_store, outbox, withholding
from clinic.conversations.outgoing.outbox import Claimed
from clinic.tenants import rails_store
from clinic.tenants.models import Clinic
from clinic.tenants.rails_store import DOWN, OPEN, Rail
from db.pool import Pool
from db.session import clinic_session
from jobs.senders import Senders
from kit.log import get_logger

log = get_logger(__name__)


async def move(pool: Pool, senders: Senders, clinic: Clinic, claimed: Claimed, *, after: float) -> bool:
    """Gives what waits in this conversation to another wire, in its order. False: it stays where it is."""
    if not clinic.policies.messaging.fail_over or claimed.was != "queued" or claimed.unanswered or claimed.moved_from:
        return False
    if "template" in claimed.content:
        return False
    async with clinic_session(pool, clinic.id) as s:
        rail = await rails_store.rail(s, claimed.account_id)
        if rail is None or rail.down_for is None or rail.down_for < after:
            return False
        others = [one for one in await rails_store.rails(s) if one.id != rail.id and one.state not in DOWN]
        standing = await leaving_store.standing(s, claimed.conversation_id, claimed.account_id)
        address = await leaving_store.number_of(s, claimed.conversation_id)
    if address is None or standing.opted_out:
        return False
    for other in sorted(others, key=lambda one: one.state != OPEN):
        if await _speaks(pool, senders, clinic, claimed, other):
            async with clinic_session(pool, clinic.id) as s:
                moved = await outbox.move(s, claimed, account_id=other.id, reply_to=address)
            log.warning("rail_changed", account_id=str(claimed.account_id), to_account=str(other.id), messages=moved)
            return moved > 0
    return False


async def _speaks(pool: Pool, senders: Senders, clinic: Clinic, claimed: Claimed, other: Rail) -> bool:
    """Whether this patient can be written to by that wire now, with free text or with a template that asks them to write."""
    if senders.circuits.rest_of(other.id, monotonic()):
        return False
    try:
        _, sender = await senders.of(pool, clinic.id, other.id)
    except BadChannel:
        return False
    wire = sender.capabilities
    async with clinic_session(pool, clinic.id) as s:
        standing = await leaving_store.standing(s, claimed.conversation_id, other.id)
        if leaving.is_open(standing, wire.window):
            return True
        return wire.templates and await withholding.template_for(s, clinic, other.id) is not None
