"""How good the writer, the reviewer and their loop are over the suite's reports. Whoever is asked is given.

What a message kept or invented is read from the files' own words as well, which no check sees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.reports.checks import check, refused
from agent.reports.order import Order
from agent.reports.reviewer import Reviewed, Reviewer
from agent.reports.writer import Nonsense, Writer, Written
from clinic.reports.models import Fact, Problem
from clinic.reports.reading import flat
from evals.reports.cases import Case
from evals.reports.flesch import flesch
from graphs.report import Budget, Desk, Result, written

# Codes by which a problem names a defect of a kind.
CODES: dict[str, frozenset[str]] = {
    "number": frozenset({"number", "dose"}),
    "dose": frozenset({"dose", "number"}),
    "medication": frozenset({"medication", "dose"}),
    "invented": frozenset({"invented", "untraced"}),
    "omitted": frozenset({"omitted", "attention_missing"}),
    "name": frozenset({"name", "greeting"}),
    "greeting": frozenset({"name", "greeting"}),
    "attention": frozenset({"attention_extra", "attention_missing"}),
}
# A figure that was changed is also missing, and a sentence that was added is also one that the report does not have.
IMPLIED: dict[str, frozenset[str]] = {
    "omitted": frozenset({"number", "dose", "negation", "medication", "time", "attention"}),
    "invented": frozenset({"diagnosis", "promise", "advice", "alarm", "negation", "medication", "number", "name"}),
}
_FOREIGN = frozenset({"invented", "untraced", "number", "dose", "medication", "time", "negation"})


_OF_FORM = frozenset({"attention_missing"})  # what a message that knows nothing of the house's form cannot have


@dataclass(frozen=True, slots=True)
class Read:
    """A message that was read: spoilt in one way (`kind`) or good (None), and the problems told of it."""

    case: str
    kind: str | None
    codes: tuple[str, ...]
    quotes: tuple[str, ...] = ()
    held: bool = False

    @property
    def refused(self) -> bool:
        return bool(self.codes)

    @property
    def named(self) -> bool:
        """Whether a problem names the defect's own kind."""
        return self.kind is not None and bool(set(self.codes) & codes_of(self.kind))


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of defect: how many were seeded, refused, named for what they are; and of the messages `called` so, how many
    rightly (kinds that share a code are called alike)."""

    kind: str
    seeded: int
    refused: int
    named: int
    rightly: int
    called: int

    @property
    def recall(self) -> float:
        return self.refused / self.seeded

    @property
    def precision(self) -> float | None:
        """Of the messages called so, how many were; None when none was."""
        return self.rightly / self.called if self.called else None


@dataclass(frozen=True, slots=True)
class Review:
    """The reviewer over every message."""

    read: tuple[Read, ...] = ()

    @property
    def good(self) -> tuple[Read, ...]:
        return tuple(one for one in self.read if one.kind is None)

    @property
    def wrongly(self) -> tuple[Read, ...]:
        """Good messages that were refused."""
        return tuple(one for one in self.good if one.refused)

    @property
    def missed(self) -> tuple[Read, ...]:
        """Spoilt messages that were let pass."""
        return tuple(one for one in self.read if one.kind is not None and not one.refused)

    def part(self, *, held: bool) -> Review:
        """Those kept aside, or the others."""
        return Review(tuple(one for one in self.read if one.held is held))

    def rows(self) -> tuple[Row, ...]:
        """By kind of defect, in alphabetical order."""
        kinds = sorted({one.kind for one in self.read if one.kind is not None})
        return tuple(self._row(kind) for kind in kinds)

    def recall(self) -> float | None:
        """Of every spoilt message."""
        spoilt = [one for one in self.read if one.kind is not None]
        return sum(one.refused for one in spoilt) / len(spoilt) if spoilt else None

    def _row(self, kind: str) -> Row:
        own = [one for one in self.read if one.kind == kind]
        called = sum(bool(set(one.codes) & codes_of(kind)) for one in self.read)
        # A number that was changed and a dose that was are called alike.
        named = sum(bool(set(one.codes) & codes_of(kind)) for one in self.read if one.kind and _kin(one.kind, kind))
        return Row(kind, len(own), sum(one.refused for one in own), sum(one.named for one in own), named, called)


@dataclass(frozen=True, slots=True)
class Told:
    """One report through the loop, judged by the files' own words."""

    case: str
    approved: bool
    rounds: int
    error: str | None
    lost: tuple[str, ...]  # critical facts that the text lacks
    invented: tuple[str, ...]
    flesch: float | None
    length: int


@dataclass(frozen=True, slots=True)
class Loop:
    """Spoilt first, good next: what the loop let out."""

    rounds: tuple[int, ...] = ()
    approved: int = 0
    residual: tuple[tuple[str, str], ...] = ()  # (case, kind) approved with its defect
    made_worse: int = 0  # good at first, never approved

    @property
    def of(self) -> int:
        return len(self.rounds)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that was measured."""

    review: Review
    rules: Review  # alone, a doubt being no refusal
    texts: tuple[Told, ...]
    loop: Loop = field(default_factory=Loop)


def codes_of(kind: str) -> frozenset[str]:
    """The codes that name a kind of defect."""
    return CODES.get(kind, frozenset({kind}))


async def reviewed(cases: Sequence[Case], reviewer: Reviewer) -> Review:
    """Every good message and every spoilt one, through the rules and then `reviewer`, as the loop does."""
    found: list[Read] = []
    for case in cases:
        if case.person_reads:
            continue
        order = case.order()
        good = [(None, one) for one in (case.good, *case.also)]
        for kind, message in [*good, *((one.kind, one.on(case.good)) for one in case.defects)]:
            problems = await _problems(order, message.strip(), reviewer, _OF_FORM if case.formless else frozenset())
            codes = tuple(dict.fromkeys(one.code for one in problems))
            found.append(Read(case.id, kind, codes, tuple(one.quote for one in problems), case.held))
    return Review(tuple(found))


async def _problems(order: Order, message: str, reviewer: Reviewer, spared: frozenset[str]) -> Sequence[Problem]:
    problems = tuple(one for one in check(order, message)[0] if one.code not in spared)
    if refused(problems):
        return problems
    try:
        return (await reviewer.review(order, message, problems, seconds=60.0)).problems
    except Nonsense:
        return (*problems, Problem("unreadable", by="model"))


class Settles:
    """A reviewer who settles every doubt and refuses nothing: what rules alone hold, whatever anybody says."""

    async def review(self, order: Order, draft: str, doubts: Sequence[Problem], *, seconds: float) -> Reviewed:
        """Nothing."""
        return Reviewed((), {}, "")


async def told(cases: Sequence[Case], writer: Writer, reviewer: Reviewer) -> tuple[Told, ...]:
    """Every report through the loop."""
    found = []
    for case in cases:
        result = await written(Desk(case.order(), writer, reviewer))
        found.append(_judged(case, result))
    return tuple(found)


def _judged(case: Case, result: Result) -> Told:
    text = result.drafts[-1].text if result.drafts else ""
    words = " ".join(flat(text).split())
    lost = tuple(one.say for one in case.critical if not any(re.search(each, words) for each in one.any)) if text else ()
    invented = [one for one in case.never if re.search(rf"(?<!\w)(?:{one})", words) and not _denied(one, words)]
    if text:
        invented += [one.quote for one in check(case.order(), text)[0] if one.code in _FOREIGN]
    return Told(case.id, result.approved, len(result.drafts), result.error_code, lost, tuple(invented), flesch(text), len(text))


def _denied(word: str, words: str) -> bool:
    return re.search(rf"(?:nao|sem|nega|nem|nenhuma?)\s+(?:\w+\s+){{0,4}}{word}", words) is not None


@dataclass(slots=True)
class Scripted:
    """A writer that gives these texts in turn, and the last one again."""

    texts: Sequence[str]
    varies: bool = True
    given: int = 0

    async def write(
        self, order: Order, facts: Sequence[Fact], before: str, problems: Sequence[Problem], *, seconds: float
    ) -> Written:
        """The next text."""
        text = self.texts[min(self.given, len(self.texts) - 1)]
        self.given += 1
        return Written(text, "scripted")


async def looped(cases: Sequence[Case], reviewer: Reviewer) -> Loop:
    """A writer that errs first and is right when told so, for every defect; and one that is right at once."""
    rounds: list[int] = []
    residual: list[tuple[str, str]] = []
    approved = worse = 0
    for case in cases:
        if case.person_reads:
            continue
        good = case.good.strip()
        result = await written(Desk(case.order(), Scripted([good]), reviewer, Budget(rounds=1)))
        worse += not result.approved
        for defect in case.defects:
            spoilt = defect.on(case.good).strip()
            result = await written(Desk(case.order(), Scripted([spoilt, good]), reviewer))
            rounds.append(len(result.drafts))
            approved += result.approved
            if result.approved and result.drafts[-1].text == spoilt:
                residual.append((case.id, defect.kind))
    return Loop(tuple(rounds), approved, tuple(residual), worse)


async def measured(cases: Sequence[Case], writer: Writer, reviewer: Reviewer) -> Figures:
    """The writer, the reviewer, the rules alone, and the loop."""
    rules, review = await reviewed(cases, Settles()), await reviewed(cases, reviewer)
    return Figures(review, rules, await told(cases, writer, reviewer), await looped(cases, reviewer))


def _kin(kind: str, other: str) -> bool:
    return bool(codes_of(kind) & codes_of(other)) or kind in IMPLIED.get(other, frozenset())
