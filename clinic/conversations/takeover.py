"""Who speaks for the clinic: a person who answered from their phone takes the conversation; they may give it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from clinic.conversations import outbox, ownership_store
from clinic.conversations.inbox import LANES
from clinic.patients import service as patients
from clinic.patients.models import ContactAlias
from db.session import Session

# A wire that was down may tell an old reply late: it is kept, but Carol is not silenced for it.
_TOO_LATE = timedelta(hours=24)


class Heard(StrEnum):
    """What an echo turned out to be."""

    OURS = "ours"  # our own send, coming back
    KNOWN = "known"  # a person's message, told before
    TAKEN = "taken"  # a person answered: the conversation is theirs
    KEPT = "kept"  # a person's message that changes nothing: a reaction, or one from before


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message the clinic's side sent outside Carol, as a wire tells it."""

    account_id: UUID
    provider_id: str
    aliases: tuple[ContactAlias, ...]  # of the patient, most trusted first
    reply_to: str
    kind: str
    text: str
    sent_at: datetime | None
    request_id: str | None


async def hear_echo(s: Session, said: Said, *, now: datetime) -> Heard:
    """Tells our own echo from a person's answer, whatever came first, it or the answer to our send."""
    if await outbox.sent_by_us(s, said.account_id, said.provider_id):
        return Heard.OURS
    if said.kind == "reaction":
        return Heard.KEPT  # a thumbs-up from the front desk is not an answer
    contact_id = await patients.recognise(s, said.aliases, None)
    standing = await ownership_store.opened(s, said.account_id, contact_id, said.reply_to)
    if (ours := _match(await outbox.perhaps_sent(s, standing.id), said.text)) is not None:
        await outbox.settle(s, ours.id, said.account_id, said.provider_id)
        return Heard.OURS
    new = await ownership_store.said_by_person(
        s,
        standing.id,
        said.account_id,
        provider_id=said.provider_id,
        kind=said.kind,
        text=said.text,
        sent_at=said.sent_at,
        request_id=said.request_id,
        at=standing.clock_at or now,
    )
    if not new:
        return Heard.KNOWN
    if said.sent_at is not None and (
        now - said.sent_at > _TOO_LATE or (standing.owner_since is not None and said.sent_at < standing.owner_since)
    ):
        return Heard.KEPT
    await ownership_store.take(s, standing.id)
    return Heard.TAKEN


async def give_back(s: Session, conversation_id: UUID) -> bool:
    """Carol answers again, beginning with what the person left unanswered. False: the conversation was hers already."""
    if not await ownership_store.give_back(s, conversation_id):
        return False
    await ownership_store.close_answered(s, conversation_id)
    if await ownership_store.make_due_if_waiting(s, conversation_id):
        await s.execute("SELECT pg_notify(%(channel)s, %(id)s)", {"channel": LANES, "id": str(conversation_id)})
    return True


def _match(pending: Sequence[outbox.Pending], text: str) -> outbox.Pending | None:
    """The send an echo with this text is about; wires trim and fold spaces."""
    said = " ".join(text.split())
    return next((one for one in pending if said and " ".join(one.text.split()) == said), None)
