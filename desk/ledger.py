"""What a reply says goes into the ledger with it; one that states what the ledger does not have is not adopted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from agent.guardrails.grounding import examine, stated
from agent.guardrails.sources import Backed, Ground
from clinic.conversations.commitments import ledger_store
from clinic.conversations.models import Author, Commitment, Desk, TurnResult
from clinic.tenants.models import Clinic
from db.session import Session
from graphs import rows
from graphs.state import Turn
from kit.clock import business_now
from kit.errors import Conflict
from kit.text import plain


class Unledgered(Conflict):
    """A reply states something that no row stands behind: it is not adopted."""

    code = "unledgered"


def commitments(turn: Turn, bubbles: Sequence[str], *, own: int | None = None) -> tuple[Commitment, ...]:
    """Every fact and promise of the bubbles with what stands behind it. `own`: the bubble that is the clinic's greeting."""
    ground = Ground.of(turn.ctx.local_now.date(), rows.sources(turn))
    return tuple(
        one
        for place, text in enumerate(bubbles)
        for one in (*_written(turn, place, text, ground), *(_ours(turn, place, text, ground) if place == own else ()))
    )


def _written(turn: Turn, place: int, text: str, ground: Ground) -> Iterator[Commitment]:
    seen: set[tuple[str, str]] = set()
    for fact in examine(text, ground).backed:
        if (fact.kind, fact.said) in seen:
            continue
        seen.add((fact.kind, fact.said))
        source = fact.source
        yield Commitment(place, fact.kind, fact.said, _meaning(turn, fact), source.entity, source.id, source.receipt)


def _ours(turn: Turn, place: int, text: str, ground: Ground) -> Iterator[Commitment]:
    """What the clinic's own greeting states stands on the clinic."""
    known = [fact.said for fact in examine(text, ground).backed]
    for said in _missing(text, known, ground, ()):
        yield Commitment(place, "other", said, {}, "clinic", turn.ctx.clinic.id)


def _meaning(turn: Turn, fact: Backed) -> dict[str, Any]:
    clinic, means = turn.ctx.clinic, dict(fact.means)
    if "starts_at" in means:
        local = rows.instant(means["starts_at"])
        means["starts_at"] = local.replace(tzinfo=clinic.zone).isoformat()
    if fact.kind == "price":
        means["version"] = clinic.version  # a price may change later: only under the same configuration it may not differ
    if fact.source.trust == "former":
        means["former"] = True
    if fact.source.did and "did" not in means:
        means["did"] = fact.source.did
    if fact.source.entity == "case":
        means |= {"case": int(fact.source.mark)} | _due(turn, fact)
    return means


def _due(turn: Turn, fact: Backed) -> dict[str, Any]:
    owed = next((case for case in (*turn.owed, *turn.desk.cases) if str(case.number) == fact.source.mark), None)
    return {"due_at": owed.due_at.isoformat()} if owed else {}


async def require_backed(s: Session, clinic: Clinic, desk: Desk, result: TurnResult) -> None:
    """Reads back what this turn said and what the ledger has of it. Raises Unledgered, which undoes the adoption.

    Fixed texts are written by people, and reviewed; what a model worded is held against the rows.
    """
    if result.author is not Author.CAROL:
        return
    today = business_now(desk.clock_at).astimezone(clinic.zone).date()
    names = [person.name for person in desk.people]
    for text, said in await ledger_store.told_in(s, desk.lease.turn_id):
        if list(_missing(text, said, Ground.of(today, ()), names)):
            raise Unledgered


def _missing(text: str, said: Sequence[str], ground: Ground, names: Sequence[str]) -> Iterator[str]:
    told = [plain(words) for words in said]
    for words in stated(text, ground.today, names=names):
        if not any(plain(words) in one for one in told):
            yield words
