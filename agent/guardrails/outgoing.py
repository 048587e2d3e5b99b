"""May this be said? The gate every reply passes: a fact needs ground, a claim needs a receipt, medicine needs a professional.

Pure and deterministic; it runs with any model and with none. What it cannot judge it lets pass, so the prompt and the tools
still matter; what it refuses is rewritten once by the graph, then handed to a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal

from agent.guardrails.claims import advises, claims, leaks
from agent.guardrails.grounding import examine
from agent.guardrails.problems import FactKind
from agent.guardrails.sources import Ground, Source
from kit.text import strip_hidden

LONGEST = 3_500

ProblemKind = FactKind | Literal["empty", "too_long", "secret", "ungrounded_booking", "ungrounded_promise", "medical_advice"]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What this turn was given or has read, in the clinic's local time; nothing else may be stated as a fact.

    `moments` are offered or read day+time pairs and `visits` those on the books (a read, so "está marcada" may be said of
    them). Receipts (`booked` … `case_open`) are committed rows of this turn, or of this conversation and still standing.
    `phones` are digits. `quotable` are texts of the clinic given to the model (facts, tool results, passages): whatever they
    state is grounded, also preparation. `heard` are the patient's own messages: they ground days, times, phones, links and
    names said back, never a price nor a medical statement. `today` is the clinic's day.

    `sources` are the rows themselves, told apart; when they are given, they alone vouch for facts.
    """

    today: date
    sources: tuple[Source, ...] = ()
    days: frozenset[date] = frozenset()
    times: frozenset[time] = frozenset()
    moments: frozenset[datetime] = frozenset()
    visits: frozenset[datetime] = frozenset()
    prices_cents: frozenset[int] = frozenset()
    phones: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    booked: bool = False
    moved: bool = False
    cancelled: bool = False
    held: bool = False
    case_open: bool = False
    quotable: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing the reply may not say; `excerpt` is the flattened wording."""

    kind: ProblemKind
    excerpt: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ok` when nothing stands against sending; else every problem found, each kind and excerpt once."""

    ok: bool
    problems: tuple[Problem, ...] = field(default=())


def review(reply: str, *, grounds: Grounds) -> Verdict:
    """Judge `reply` as a patient would read it."""
    visible = strip_hidden(reply).strip()
    if not visible:
        return Verdict(ok=False, problems=(Problem("empty", ""),))
    found: list[Problem] = []
    if len(visible) > LONGEST:
        found.append(Problem("too_long", f"{len(visible)}"))
        visible = visible[:LONGEST]
    found += [Problem("secret", excerpt) for excerpt in leaks(visible)]
    found += [Problem(kind, excerpt) for kind, excerpt in examine(visible, ground_of(grounds)).problems]
    found += [Problem(kind, excerpt) for kind, excerpt in claims(visible, _receipts(visible, grounds))]
    found += [Problem("medical_advice", excerpt) for excerpt in advises(visible, grounds.quotable, grounds.heard)]
    problems = tuple(dict.fromkeys(found))
    return Verdict(ok=not problems, problems=problems)


def ground_of(grounds: Grounds) -> Ground:
    """What vouches for facts: the rows, or sources without a name made of what was given."""
    if grounds.sources:
        return Ground.of(grounds.today, grounds.sources)
    told = (
        *(Source("moment", "visit", moments=frozenset({moment})) for moment in grounds.moments | grounds.visits),
        Source("clinic", "clinic", days=grounds.days | {grounds.today}, times=grounds.times, cents=grounds.prices_cents),
        *(Source("clinic", "clinic", texts=(text,)) for text in (*grounds.quotable, *grounds.addresses)),
        Source("clinic", "clinic", texts=(*grounds.phones, *grounds.urls)),
        Source("name", "person", names=tuple(grounds.names)),
        *(Source("heard", "heard", texts=(text,)) for text in grounds.heard),
    )
    return Ground.of(grounds.today, told)


def _receipts(reply: str, grounds: Grounds) -> frozenset[str]:
    """The kinds of claim a committed row stands behind: a booking holds its slot, a move leaves a visit on the books."""
    names = ("booked", "moved", "cancelled", "held", "case_open")
    standing = {name for name in names if getattr(grounds, name)}
    if grounds.moved:
        standing.add("booked")
    if grounds.booked:
        standing.add("held")
    if grounds.visits:
        standing.add("visits")
    return frozenset(standing)
