"""Who speaks for the clinic: a person who answers, from their phone or our pages, takes the conversation; they may give
it back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from clinic.conversations import service
from clinic.conversations.cases import case_store, notices_store
from clinic.conversations.handover import ownership_store, returning
from clinic.conversations.handover.ownership_store import Standing
from clinic.conversations.lanes.lane_store import ring
from clinic.conversations.models import Owner
from clinic.conversations.outgoing import outbox
from clinic.patients import service as patients
from clinic.patients.models import ContactAlias
from db.session import Session
from kit.clock import business_now
from kit.errors import Invalid
from kit.text import strip_hidden

# A wire that was down may tell an old reply late: it is kept, but Carol is not silenced for it.
_TOO_LATE = timedelta(hours=24)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


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
    phones = [alias.value for alias in said.aliases if alias.kind == "phone"]
    if await notices_store.is_ours(s, said.account_id, said.provider_id, said.text, phones=phones):
        return Heard.OURS
    if said.kind == "reaction":
        return Heard.KEPT  # a thumbs-up from the front desk is not an answer
    contact_id = await patients.recognise(s, said.aliases, None)
    standing = await ownership_store.opened(s, said.account_id, contact_id, said.reply_to)
    if (ours := _match(await outbox.perhaps_sent(s, standing.id), said.text)) is not None:
        await outbox.settle(s, ours.id, said.account_id, said.provider_id)
        return Heard.OURS
    if await outbox.sent_by_us(s, said.account_id, said.provider_id):
        return Heard.OURS  # the answer to our send was noted while we waited for the conversation
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
    if said.sent_at is not None and (now - said.sent_at > _TOO_LATE or await _from_before(s, standing, said.sent_at)):
        return Heard.KEPT
    at = standing.clock_at or now
    await ownership_store.take(s, standing.id)
    await _theirs(s, standing, None, at=at)
    await case_store.note_answered(s, standing.id, at=at, said_at=said.sent_at)
    return Heard.TAKEN


class BadName(Invalid):
    """Who signs needs a name."""

    code = "bad_name"


async def take(s: Session, conversation_id: UUID, *, by: str) -> None:
    """A person speaks from now on; what Carol is thinking is dropped. Theirs already: the last name stands.

    Raises BadName or NoConversation.
    """
    await _take(s, await _locked(s, conversation_id), signature(by))


async def reply(
    s: Session, conversation_id: UUID, text: str, *, by: str, message_id: str, request_id: str | None = None
) -> int:
    """Says something as a person of the clinic, through the outbox, at the conversation's clock; its seq.

    Carol's conversation becomes theirs. The same message id again is the same message.
    Raises EmptyMessage, LongMessage, BadMessageId, OtherWords, BadName or NoConversation.
    """
    text, name = service.words(text), signature(by)
    key = f"person:{conversation_id}:{service.known_id(message_id)}"
    standing = await _locked(s, conversation_id)
    before = await ownership_store.said_under(s, key)
    if before is not None:
        if before.text != text:
            raise service.OtherWords
        return before.seq
    await _take(s, standing, name)
    at = business_now(standing.clock_at)
    said = await ownership_store.say(s, standing, text, by=name, request_id=request_id, at=at)
    await case_store.note_answered(s, standing.id, at=at)
    await outbox.enqueue(
        s,
        conversation_id=standing.id,
        message_id=said.id,
        account_id=standing.account_id,
        reply_to=standing.reply_to,
        dedupe_key=key,
        request_id=request_id,
    )
    return said.seq


async def give_back(
    s: Session, conversation_id: UUID, *, by: str | None = None, brief: str = "", resolve: bool = False
) -> bool:
    """Carol answers again, beginning with what the person left unanswered, and knowing what they settled (`brief`).

    What they answered is resolved; with `resolve`, so is all that was open; the rest waits for somebody again. `by` nobody:
    it came back by itself. A contact who wants people only keeps that: their next message opens a case, no model reads it.
    False: the conversation was hers already, and only `resolve` does anything. Raises BadName or NoConversation.
    """
    standing, name = await _locked(s, conversation_id), signature(by) if by is not None else None
    now, brief = business_now(standing.clock_at), _told(brief)
    if resolve:
        await case_store.resolve(s, standing.id, at=now, by=name, resolution=brief)
    if not await ownership_store.give_back(s, standing.id):
        return False
    await case_store.resolve(s, standing.id, at=now, by=name, resolution=brief, answered_only=True)
    await case_store.wait_again(s, standing.id)
    await ownership_store.close_answered(s, standing.id)
    await ownership_store.mark_given_back(s, standing, by=name, brief=brief, at=now)
    if await ownership_store.make_due_if_waiting(s, standing.id):
        await ring(s, standing.id)
    return True


async def silent(s: Session, *, after: timedelta) -> list[UUID]:
    """Conversations that return_silent would give back now."""
    return await ownership_store.silent(s, after=after)


async def return_silent(s: Session, conversation_id: UUID, *, after: timedelta) -> bool:
    """Carol answers again where a person has it and the team was silent for `after`, by the database's clock; whether it did.

    Silence counts from the person's last word, from when they took it, and from the first message that waits for them:
    each gives the team all of `after`. What waits, Carol answers, or passes on again; where nothing does, she answers what
    comes. Never while a promise of a person is unanswered, while an emergency or a self-harm case is open whoever answered
    it, nor for who wants people only. A person who writes at that instant keeps it, or takes it again at once.
    """
    standing = await _locked(s, conversation_id)
    if not await ownership_store.silent(s, after=after, only=standing.id):
        return False  # somebody wrote while we waited for the row
    at, minutes = business_now(standing.clock_at), int(after.total_seconds() // 60)
    await ownership_store.give_back(s, standing.id)
    await case_store.resolve(s, standing.id, at=at, answered_only=True)
    await ownership_store.close_answered(s, standing.id)
    waits = await ownership_store.make_due_if_waiting(s, standing.id)
    await ownership_store.mark_came_back(s, standing, text=returning.words(minutes, waits=waits), minutes=minutes, at=at)
    if waits:
        await ring(s, standing.id)
    return True


async def _from_before(s: Session, standing: Standing, sent_at: datetime) -> bool:
    """Whether it was said before the conversation came to whom it is now. What a person said into the silence that made it
    come back by itself was said in time: the wire told it late."""
    if standing.owner_since is None or sent_at >= standing.owner_since:
        return False
    return not await ownership_store.said_into_silence(s, standing.id, sent_at)


async def _locked(s: Session, conversation_id: UUID) -> Standing:
    standing = await ownership_store.locked(s, conversation_id)
    if standing is None:
        raise service.NoConversation
    return standing


async def _take(s: Session, standing: Standing, name: str) -> None:
    if standing.owner is Owner.PERSON:
        await ownership_store.rename(s, standing.id, name)
    else:
        await ownership_store.take(s, standing.id, name=name)
    await _theirs(s, standing, name, at=business_now(standing.clock_at))


async def _theirs(s: Session, standing: Standing, name: str | None, *, at: datetime) -> None:
    """What is open is in hand, and what Carol still had to send is not sent; an emergency's numbers are."""
    await case_store.note_taken(s, standing.id, by=name, at=at)
    await ownership_store.hold_back(s, standing.id)


def signature(by: str) -> str:
    """A name as it may be shown. Raises BadName."""
    name = " ".join(strip_hidden(re.sub(r"[\t\r\n\ud800-\udfff]", " ", by)).split())
    if not name:
        raise BadName
    return name


def _told(brief: str) -> str:
    """What a person wrote for whoever comes next, as it may be shown."""
    return strip_hidden(_UNSTORABLE.sub("", brief)).strip()


def _match(pending: Sequence[outbox.Pending], text: str) -> outbox.Pending | None:
    """The send an echo with this text is about; wires trim and fold spaces, and write a menu's choices under it as "1. …"."""
    said = " ".join(text.split())
    folded = ((one, " ".join(one.text.split())) for one in pending)
    return next((one for one, ours in folded if said and (said == ours or (ours and said.startswith(f"{ours} 1. ")))), None)
