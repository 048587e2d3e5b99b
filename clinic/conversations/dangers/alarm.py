"""What may be an emergency is a person's at once: the case is opened with the words themselves, before any turn or model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from clinic.conversations.cases import case_store, handoff
from clinic.conversations.dangers.red_flags import RedFlag
from clinic.conversations.models import CaseKind, OpenCase
from db.session import Session

_IN_HAND = timedelta(minutes=15)  # since a person of the clinic last wrote: they read what comes


async def raise_alarm(
    s: Session, conversation_id: UUID, flags: Sequence[RedFlag], *, text: str, at: datetime
) -> OpenCase | None:
    """Opens the urgent case these words call for, in the transaction that stores them; None without a red flag.

    The team is told after commit, even if no desk runs, and anew when the last danger was answered long ago or nobody
    answers it. The turn that answers finds this case and says its number.
    """
    if not flags:
        return None
    kinds = {flag.kind for flag in flags}
    kind = CaseKind.EMERGENCY if "emergency" in kinds else CaseKind.SELF_HARM
    first = flags[0]
    both = f"+{CaseKind.SELF_HARM}" if kinds == {"emergency", "self_harm"} else ""  # the late promise names both numbers
    since = at - _IN_HAND
    await case_store.close_answered(s, conversation_id, kind, at=at, since=since)
    await case_store.tell_again(s, conversation_id, kind, since=since)
    return await case_store.open_case(
        s, conversation_id, kind, reason=f"{first.kind}:{first.code}{both}", brief=text, due_at=at + handoff.URGENT, at=at
    )
