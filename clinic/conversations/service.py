"""The verbs of a conversation held on our own pages and terminal: say something, read what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from clinic.conversations import inbox
from clinic.conversations.cases import case_store
from clinic.conversations.history import transcript_store
from clinic.conversations.history.transcript_store import Lane, Line, TurnRecord, Write
from clinic.conversations.models import Arrival, OpenCase, Owner, QuietWindow, Stored
from clinic.patients.models import ContactAlias
from clinic.tenants import wires_store
from db.session import Session
from kit.errors import Conflict, Invalid, NotFound
from kit.phone import canonical

TEXT_MOST = 4096  # characters, as on WhatsApp
AT_ONCE = QuietWindow(seconds=0.0, cap=0.0)
_MESSAGE_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}", re.ASCII)
_LABEL = re.compile(r"[\w .@+()-]{1,60}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # neither Postgres nor UTF-8 holds these
_UNSENT = frozenset({"queued", "sending"})


class EmptyMessage(Invalid):
    """There is nothing in this message."""

    code = "empty_message"


class LongMessage(Invalid):
    """A message holds at most 4096 characters."""

    code = "long_message"


class BadPerson(Invalid):
    """Who is writing must be a phone number or a short name."""

    code = "bad_person"


class BadMessageId(Invalid):
    """A message id holds 1 to 100 letters, digits and . _ : - signs."""

    code = "bad_message_id"


class OtherWords(Conflict):
    """This message id was used before with other words."""

    code = "other_words"


class NoConversation(NotFound):
    """There is no such conversation."""

    code = "no_conversation"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one message. `done` once the turn is over and its replies have left, or nobody is going to answer."""

    lane: Lane
    replies: Sequence[Line]
    turns: Sequence[TurnRecord]
    writes: Sequence[Write]
    cases: Sequence[OpenCase]

    @property
    def owner(self) -> Owner:
        return self.lane.owner

    @property
    def done(self) -> bool:
        return not self.lane.busy and not any(line.status in _UNSENT for line in self.replies)


@dataclass(frozen=True, slots=True)
class Reading:
    """A stretch of a conversation, with the turns behind it."""

    lane: Lane
    lines: Sequence[Line]
    turns: Sequence[TurnRecord]
    writes: Sequence[Write]
    cases: Sequence[OpenCase]


async def say(
    s: Session,
    person: str,
    text: str,
    *,
    message_id: str,
    at: datetime | None,
    now: datetime,
    request_id: str | None = None,
    quiet: QuietWindow = AT_ONCE,
    kind: str = "text",
    payload: Mapping[str, Any] = MappingProxyType({}),
) -> Stored:
    """Stores what `person` (a phone, or a name for one who has none) writes, as if a wire had brought it; due at once,
    or after `quiet`. Only a message of another `kind` may be without text.

    The same message id again is the same message. `at` is the conversation's clock for this message.
    Raises EmptyMessage, LongMessage, BadPerson, BadMessageId, OtherWords or ClinicNotFound.
    """
    text = words(text, may_be_empty=kind != "text")
    known_id(message_id)
    alias = alias_of(person)
    arrival = Arrival(
        account_id=await wires_store.console(s),
        provider_id=f"{alias.value}/{message_id}",
        aliases=(alias,),
        reply_to=alias.value,
        text=text,
        kind=kind,
        request_id=request_id,
        payload=payload,
        clock_at=at,
    )
    stored = await inbox.receive(s, arrival, now=now, quiet=quiet)
    if kind != "text":
        return stored  # a voice note says what was heard of it; whether it is the same file, its bytes tell
    if not stored.new and await transcript_store.words_of(s, stored.message_id) != text:
        raise OtherWords
    return stored


def words(text: str, *, may_be_empty: bool = False) -> str:
    """The text as it can be stored and sent. Raises EmptyMessage or LongMessage."""
    text = _UNSTORABLE.sub("", text)
    if not may_be_empty and not text.strip():
        raise EmptyMessage
    if len(text) > TEXT_MOST:
        raise LongMessage
    return text


def known_id(message_id: str) -> str:
    """The id, if it can be one. Raises BadMessageId."""
    if not _MESSAGE_ID.fullmatch(message_id):
        raise BadMessageId
    return message_id


def alias_of(person: str) -> ContactAlias:
    """A phone in its canonical form, or the name itself. Raises BadPerson."""
    if (phone := canonical(person)) is not None:
        return ContactAlias("phone", phone)
    label = " ".join(person.split())
    if not _LABEL.fullmatch(label):
        raise BadPerson
    return ContactAlias("console", label)


async def answer_to(s: Session, stored: Stored) -> Answer:
    """What came of a stored message so far."""
    lane = await _lane(s, stored.conversation_id)
    turn_ids = await transcript_store.turns_since(s, stored.conversation_id, stored.message_id)
    return Answer(
        lane=lane,
        replies=await transcript_store.replies_to(s, stored.conversation_id, stored.message_id),
        turns=await transcript_store.turn_records(s, turn_ids),
        writes=await transcript_store.writes(s, turn_ids),
        cases=await case_store.open_cases(s, stored.conversation_id),
    )


async def read(s: Session, conversation_id: UUID, *, after: int = 0) -> Reading:
    """What was said after message `after` (a seq), with the turns behind it. Raises NoConversation."""
    lane = await _lane(s, conversation_id)
    lines = await transcript_store.lines(s, conversation_id, after=after)
    turn_ids = list({line.turn_id for line in lines if line.turn_id is not None})
    return Reading(
        lane=lane,
        lines=lines,
        turns=await transcript_store.turn_records(s, turn_ids),
        writes=await transcript_store.writes(s, turn_ids),
        cases=await case_store.open_cases(s, conversation_id),
    )


async def _lane(s: Session, conversation_id: UUID) -> Lane:
    lane = await transcript_store.lane(s, conversation_id)
    if lane is None:
        raise NoConversation
    return lane
