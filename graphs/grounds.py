"""What a reply may state: everything this turn was given or read, gathered from the briefing and the tools' answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from agent.guardrails.outgoing import Grounds
from graphs import rows
from graphs.state import Turn


def gather(turn: Turn) -> Grounds:
    """The grounds of this turn's reply."""
    zone = turn.ctx.clinic.zone
    given = [turn.briefing, *(result for _, result in turn.results)]
    texts = tuple(text for item in given for text in rows.texts_in(item))
    did = {name: result for name, result in turn.results if "error" not in result}
    fresh = {name for name, result in turn.results[len(turn.receipts) :] if "error" not in result}
    moments = frozenset(_moments(texts))
    return Grounds(
        sources=rows.sources(turn),
        days=frozenset(_days(texts)) | {moment.date() for moment in moments},
        times=frozenset(moment.time() for moment in moments),
        moments=moments,
        visits=frozenset(v.starts_at.astimezone(zone).replace(tzinfo=None) for v in turn.ctx.visits),
        names=frozenset(_names(turn)),
        booked="book_visit" in did,
        moved="move_visit" in did,
        cancelled="cancel_visit" in did,
        held=rows.kept(turn) or any(name.startswith("propose") for name in fresh),
        case_open="escalate" in did or bool(turn.desk.cases),
        today=turn.ctx.local_now.date(),
        quotable=texts,
        heard=turn.ctx.said_ever,
    )


def _moments(texts: tuple[str, ...]) -> Iterator[datetime]:
    """Local instants among the strings ("2026-11-24T15:00")."""
    for text in texts:
        if len(text) == 16 and text[10] == "T":
            yield datetime.fromisoformat(text)


def _days(texts: tuple[str, ...]) -> Iterator[date]:
    for text in texts:
        if len(text) == 10 and text[4] == text[7] == "-":
            yield date.fromisoformat(text)


def _names(turn: Turn) -> Iterator[str]:
    yield from (professional.name for professional in turn.ctx.clinic.professionals)
    yield from (person.name for person in turn.ctx.whom.people)
