"""What happened in a trial: said, called, answered, changed. Plain data, written to a run's log and read from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from evals.changes import Changed, Difference


@dataclass(frozen=True, slots=True)
class Called:
    """One call to a tool, as the tool's own boundary saw it."""

    tool: str
    args: Mapping[str, Any]
    ok: bool
    effect: str  # read | write | ""
    error: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """What the patient said, what Carol did and answered. `agrees`: the patient agreed here to what was read back. `at`: when,
    on the clinic's wall clock; empty: nobody wrote it down."""

    said: tuple[str, ...]
    agrees: bool
    replies: tuple[str, ...]
    calls: tuple[Called, ...] = ()
    passages: tuple[str, ...] = ()  # sources that Carol was given, best first: file#heading
    outcome: str = ""
    tokens: int = 0
    cost_brl: float = 0.0
    seconds: float = 0.0
    trace: tuple[Mapping[str, Any], ...] = ()
    at: str = ""

    @property
    def reply(self) -> str:
        return "\n".join(self.replies)


@dataclass(frozen=True, slots=True)
class Secret:
    """A value of somebody else's, in one of the ways it is written. With `parts` it is told when one sentence has all of
    these patterns, and `value` only names it: an hour, a day and with whom, which are nobody's secret apart. `on`: that day,
    which may also be said from where the talk stands ("amanhã")."""

    whose: str
    value: str
    parts: tuple[str, ...] = ()
    on: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One trial. `error`: it broke, and what it shows is not all. `openings`: the bubbles with which this clinic introduces
    Carol, which answer nothing."""

    scenario: str
    trial: int
    phone: str | None = None  # who wrote; none: without a number
    turns: tuple[Turn, ...] = ()
    changed: Difference = field(default_factory=Difference)
    secrets: tuple[Secret, ...] = ()
    error: str = ""
    openings: tuple[str, ...] = ()

    @property
    def calls(self) -> Iterable[tuple[int, Called]]:
        """Every call, with the number of its turn (from 1)."""
        return ((number, call) for number, turn in enumerate(self.turns, 1) for call in turn.calls)

    def as_json(self) -> dict[str, Any]:
        """For the log."""
        return asdict(self)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """From the log."""
        turns = tuple(
            Turn(**{**one, **{name: tuple(one[name]) for name in ("said", "replies", "passages", "trace")},
                    "calls": tuple(Called(**call) for call in one["calls"])})
            for one in given["turns"]
        )  # fmt: skip
        changed = given["changed"]
        return cls(
            scenario=given["scenario"],
            trial=given["trial"],
            phone=given["phone"],
            turns=turns,
            changed=Difference(tuple(Changed(**one) for one in changed["rows"]), tuple(changed["still"])),
            secrets=tuple(Secret(**{**one, "parts": tuple(one.get("parts") or ())}) for one in given["secrets"]),
            error=given["error"],
            openings=tuple(given.get("openings") or ()),
        )
