"""What somebody of a family is answered who writes back to a report of a shift: fixed words, and a person where one is needed.

No model reads it: what it could say of the patient would be made up.
"""

from __future__ import annotations

from datetime import timedelta

from agent.guardrails import families
from agent.guardrails.families import Said
from agent.guardrails.leaving import Leaving
from clinic.reports import recipients_store
from db.session import clinic_session
from graphs.state import Turn

HEARD = timedelta(days=7)  # for so long what is written may be about the last report

_NOTED = {
    Said.STOP: Leaving.ASK,
    Said.STAYS: Leaving.STAY,
    Said.STOPPED: Leaving.REPORTS_OUT,
    Said.STRANGER: Leaving.REPORTS_STRANGER,
    Said.AGAIN: Leaving.REPORTS_IN,
}


async def heard(turn: Turn) -> Said | None:
    """What is said to a report, and noted of it; None: this turn is like any other.

    It is said to a report when that was the last thing said to them but for fixed texts, and nothing of the agenda waits.
    """
    ctx = turn.ctx
    if ctx.clinic.policies.reports.source is None or not "\n".join(ctx.said_now).strip():
        return None
    async with clinic_session(ctx.pool, ctx.clinic.id) as s:
        reader = await recipients_store.reader(s, turn.desk.contact.id, since=ctx.now - HEARD)
    if reader is None:
        return None
    if not reader.reads:
        said = Said.AGAIN if reader.stopped and families.wants_again(ctx.said_now) else None
    elif not reader.told or ctx.proposal is not None or ctx.offers:
        said = None
    else:
        said = families.read(turn.desk.contact, ctx.said_now, names=reader.names, now=ctx.now)
    if said is None or said is Said.OTHER:
        return None
    turn.leaving = _NOTED.get(said)
    return said
