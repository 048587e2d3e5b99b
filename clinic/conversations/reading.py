"""The verbs of reading conversations: the list, a transcript, the story of a turn, the whole of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.conversations import joining_store
from clinic.conversations.cases import case_store
from clinic.conversations.commitments import ledger_store
from clinic.conversations.commitments.ledger import Entry as Line
from clinic.conversations.history import listing_store, promises, story_store
from clinic.conversations.history.listing_store import Brief, Place, Wanted
from clinic.conversations.history.story_store import Entry, Proof, TurnLine
from clinic.conversations.models import OpenCase
from clinic.conversations.service import NoConversation
from db.session import Session
from kit.errors import NotFound


class NoTurn(NotFound):
    """There is no such turn in this conversation."""

    code = "no_turn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A stretch of a conversation, oldest first. `behind`: the receipts each message stands on; `ledger`: what each says."""

    brief: Brief
    entries: Sequence[Entry]
    earlier: bool
    turns: Sequence[TurnLine]
    proofs: Sequence[Proof]
    behind: Mapping[UUID, Sequence[UUID]]
    ledger: Mapping[UUID, Sequence[Line]]
    cases: Sequence[OpenCase]


@dataclass(frozen=True, slots=True)
class Story:
    """One turn, the messages it answered and those it said."""

    turn: TurnLine
    answered: Sequence[UUID]
    replies: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Promise:
    """A message that told the patient of something done."""

    id: UUID
    conversation_id: UUID
    text: str
    at: datetime


async def page(s: Session, wanted: Wanted, *, text: str, after: Place | None, limit: int) -> tuple[list[Brief], Place | None]:
    """A page of the list, and where the next one begins; None at the end."""
    words = text.replace("\x00", " ").split()
    among = await listing_store.matching(s, words) if words else None
    found = await listing_store.page(s, wanted, among=among, after=after, limit=limit + 1)
    if len(found) <= limit:
        return found, None
    return found[:limit], Place(found[limit - 1].seq, found[limit - 1].id)


async def brief(s: Session, conversation_id: UUID) -> Brief:
    """One conversation as the list shows it, or the one it became part of. Raises NoConversation."""
    found = await listing_store.page(s, Wanted(only=await joining_store.standing_for(s, conversation_id)), limit=1)
    if not found:
        raise NoConversation
    return found[0]


async def transcript(s: Session, conversation_id: UUID, *, before: int | None, limit: int) -> Transcript:
    """The newest `limit` messages before that seq, and what stands behind them. Raises NoConversation."""
    about = await brief(s, conversation_id)
    conversation_id = about.id
    entries = await story_store.entries(s, conversation_id, before=before, limit=limit + 1)
    earlier, shown = len(entries) > limit, entries[-limit:]
    turns = await story_store.turns(s, conversation_id, shown, before=before)
    known = {turn.id for turn in turns}
    proofs = [p for p in await story_store.proofs(s, conversation_id) if p.turn_id in known or p.told_by in known]
    ledger = await _ledger(s, shown)
    return Transcript(
        brief=about,
        entries=shown,
        earlier=earlier,
        turns=turns,
        proofs=proofs,
        behind=promises.behind(shown, proofs, _all(ledger)),
        ledger=ledger,
        cases=await case_store.open_cases(s, conversation_id),
    )


async def whole(s: Session, conversation_id: UUID) -> Transcript:
    """All of it, with the turns' stories. Raises NoConversation."""
    about = await brief(s, conversation_id)
    conversation_id = about.id
    entries = await story_store.entries(s, conversation_id)
    proofs = await story_store.proofs(s, conversation_id)
    ledger = await _ledger(s, entries)
    return Transcript(
        brief=about,
        entries=entries,
        earlier=False,
        turns=await story_store.every_turn(s, conversation_id),
        proofs=proofs,
        behind=promises.behind(entries, proofs, _all(ledger)),
        ledger=ledger,
        cases=await case_store.open_cases(s, conversation_id),
    )


async def _ledger(s: Session, entries: Sequence[Entry]) -> dict[UUID, list[Line]]:
    """What the messages of ours say, by message."""
    found: dict[UUID, list[Line]] = {}
    for line in await ledger_store.of_messages(s, [entry.id for entry in entries if entry.status is not None]):
        found.setdefault(line.message_id, []).append(line)
    return found


def _all(ledger: Mapping[UUID, Sequence[Line]]) -> list[Line]:
    return [line for lines in ledger.values() for line in lines]


async def story(s: Session, conversation_id: UUID, turn_id: UUID) -> Story:
    """A turn as far as it has gone. Raises NoTurn."""
    conversation_id = await joining_store.standing_for(s, conversation_id)
    found = await story_store.turn(s, conversation_id, turn_id)
    if found is None:
        raise NoTurn
    answered, replies = await story_store.messages_of(s, conversation_id, turn_id)
    return Story(found, answered, replies)


async def about(s: Session, entity_id: UUID) -> tuple[list[Proof], list[Promise]]:
    """Every receipt about a visit or hold, oldest first, and the messages that told of them."""
    found = await story_store.proofs_about(s, entity_id)
    promised: list[Promise] = []
    for conversation_id in dict.fromkeys(conversation for conversation, _ in found):
        own = [proof for conversation, proof in found if conversation == conversation_id]
        said = await story_store.said_by(s, conversation_id, [proof.told_by for proof in own if proof.told_by])
        behind = promises.behind(said, own, await ledger_store.of_messages(s, [one.id for one in said]))
        promised += [Promise(one.id, conversation_id, one.text, one.at) for one in said if one.id in behind]
    return [proof for _, proof in found], sorted(promised, key=lambda promise: promise.at)
