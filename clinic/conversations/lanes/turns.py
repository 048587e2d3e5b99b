"""Who speaks next. Pure: decided from what is stored, at `now`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from clinic.conversations.models import Desk, Message, Outcome, Owner

MAX_ATTEMPTS = 5  # then the lane is set aside with a case for a person
MOST_EACH, MOST_SAID = 4_500, 16_000  # characters of one message, and of all those that a turn reads
MAX_SUPERSEDED = timedelta(seconds=45)  # a patient who never stops typing still gets an answer


@dataclass(frozen=True, slots=True)
class Speak:
    """Carol thinks and answers."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing to say: nothing waits, or a person is answering."""

    reason: str


@dataclass(frozen=True, slots=True)
class Human:
    """Only a person may answer this contact: make sure a case says so, and speak no more."""

    reason: str


Decision = Speak | Silence | Human


def decide(desk: Desk) -> Decision:
    """Whose turn it is. Red flags come first, whoever owns the conversation."""
    if not desk.pending:
        return Silence("nothing_waits")
    if any(message.red_flag for message in desk.pending):
        return Speak()
    if desk.owner is Owner.PERSON:
        return Silence("person_owns")
    if desk.contact.human_only:
        return Human("human_only")
    return Speak()


def answered(desk: Desk, owner: Owner, outcome: Outcome) -> tuple[Message, ...]:
    """Which of the waiting messages a turn that ends so answers, while `owner` has the conversation.

    What to do in an emergency answers no other question: where a person speaks, those stay theirs.
    """
    if owner is not Owner.PERSON or outcome is not Outcome.EMERGENCY:
        return desk.pending
    # One that only the second reader saw, in this turn, has no flag of its own yet.
    return tuple(message for message in desk.pending if message.red_flag) or desk.pending[-1:]


def retry_after(attempts: int) -> timedelta:
    """How long a failed turn waits before it is tried again: 2, 4, 8, 16 seconds."""
    return timedelta(seconds=2.0 ** min(max(attempts, 1), 6))


def said(messages: Sequence[Message], *, most: int = MOST_SAID) -> tuple[str, ...]:
    """The words of messages, oldest first, as much as a turn can read: of a flood the newest, of a long one its beginning."""
    kept: list[str] = []
    for message in reversed(messages):
        words = message.text[: min(MOST_EACH, most)]
        if words.strip():
            kept.append(words)
            most -= len(words)
        if most <= 0:
            break
    return tuple(reversed(kept))
