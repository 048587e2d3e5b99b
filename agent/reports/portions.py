"""How much of which meal or drink a text says that somebody took, a report or a message alike. Pure; words in portions.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from agent.reports.reading import Told, inside
from agent.reports.words import words
from clinic.reports.models import Problem, Span
from clinic.reports.reading import Said, Standing, standing, trimmed
from kit.patterns import any_of, vocabulary_of, written_out

_COMMA = re.compile(r"(?<!\d),|,(?!\d)|[()|]")
_AND = re.compile(r"\s(?:e|depois|ja)\s")
_NEAR = 0.03  # what is said in per cent is that much more or less


@dataclass(frozen=True, slots=True)
class Portion:
    """So much of one meal or drink: `low` to `high` of all of it. `place`: the words, from what was taken to how much.

    `bare`: it was taken, no more; `measured`: in a figure that says no share; `item`: of one thing on the plate.
    """

    meal: str
    low: float
    high: float
    place: Span
    bare: bool = False
    measured: bool = False
    full: bool = False  # all of it, or "bem": what a template may call so
    item: str = ""
    past: bool = False

    @property
    def drink(self) -> bool:
        return self.meal in words("portions")["drinks"]

    @property
    def wide(self) -> bool:
        """Whether it says of no one meal: "comeu", "a dieta"."""
        return self.meal in words("portions")["wide"]


@dataclass(frozen=True, slots=True)
class _Amount:
    span: Span
    low: float
    high: float
    full: bool
    well: bool
    measured: bool
    item: str


def portions(told: Told) -> tuple[Portion, ...]:
    """Each amount with each meal it is said of, in the order of the text."""
    return _portions(told.said, tuple(one.span for one in told.vitals))


def changed(source: Told, said: Told) -> Iterator[Problem]:
    """Amounts of a message that are more, or less, than the report has for the same meal; a doubt where it has none."""
    known = portions(source)
    for one in portions(said):
        if one.measured or one.past:
            continue
        if not (own := _of_same(known, one)):
            if one.full and not (one.wide or one.drink or one.item) and "ate_well" not in source.holding():
                yield Problem("untraced", said.said.of(one.place), critical=False)
            continue
        if any(other.measured or (other.low <= one.high and one.low <= other.high) for other in own):
            continue
        sure = all((not other.item and not one.item) or other.item == one.item for other in own)
        code = "negation" if one.high == 0 or all(other.high == 0 for other in own) else "invented"
        yield Problem(code if sure else "untraced", said.said.of(one.place), critical=sure)


def _of_same(known: tuple[Portion, ...], one: Portion) -> list[Portion]:
    """What a report says of the meal that a message speaks of: by its name, else by no name; of any when it names none."""
    now = [other for other in known if other.drink == one.drink and not other.past]
    if one.wide:
        found = now
    else:
        found = [other for other in now if other.meal == one.meal] or [other for other in now if other.wide]
        if one.meal == "supplement":
            found = [other for other in found if other.meal == one.meal]
    told = [other for other in found if not other.bare]
    return told or ([other for other in found if other.meal == one.meal] if one.high == 0 else [])


@lru_cache(maxsize=256)
def _portions(here: Said, vitals: tuple[Span, ...]) -> tuple[Portion, ...]:
    found: list[Portion] = []
    before: list[tuple[str, Span]] = []  # the last meals spoken of, and where
    for clause in here.clauses:
        at_first = True
        kept: list[tuple[str, Span]] = []
        for part in _parts(here, clause, vitals):
            text = here.flat[part.start : part.end]
            meals, amounts = _meals(here, part), _amounts(here, part, vitals)
            of = meals
            if all(meal in words("portions")["wide"] for meal, _ in meals):
                # "Almoço: arroz, comeu metade" goes on with the meal; "bebeu" with a drink.
                narrow = [
                    one for one in (kept or (before if at_first else [])) if not meals or _drinks(one) == _drinks(meals[0])
                ]
                goes_on = bool(kept) or re.search(rf"\b{_raw('own_time')}\b", text) is None
                of = narrow if narrow and goes_on else meals
            found.extend(_taken(here, part, meals, of, amounts))
            if meals and not (kept and of is not meals):
                kept = [(meal, _led(here, part, at)) for meal, at in meals]
            at_first = False
        before = kept or (before if _starts_turned(here, clause) else [])
    return tuple(dict.fromkeys(found))


def _taken(
    here: Said, part: Span, meals: list[tuple[str, Span]], of: list[tuple[str, Span]], amounts: list[_Amount]
) -> Iterator[Portion]:
    """The portions of one part of a clause."""
    text = here.flat[part.start : part.end]
    eats = re.search(rf"\b{_raw('ate')}\b", text) is not None
    takes = re.search(rf"\b{_raw('took')}\b", text) is not None
    if _not_food().search(text) and not eats:
        return
    none = _none().search(text)
    speaks = bool(meals) or eats or takes or (none is not None and not text[none.end() :].strip())
    leads = amounts and not text[: amounts[0].span.start - part.start].strip(" -–:soapenm") and not amounts[0].well
    if not speaks and not leads:
        return
    named = of or ([("food", part)] if eats else [])
    past = standing(here, (amounts[0].span if amounts else part), verb=True) is Standing.PAST
    end = part.start + len(text.rstrip(" ,()|"))
    for meal, at in named:
        place = trimmed(here, Span(min(at.start, part.start), end))
        for one in amounts:
            if one.well and not (eats or takes or ":" in text or "aceit" in text):
                continue
            yield Portion(
                meal, one.low, one.high, place, measured=one.measured, full=one.full or one.well, item=one.item, past=past
            )
        if none is not None and not amounts and (meals or eats or not text[none.end() :].strip()):
            yield Portion(meal, 0.0, 0.0, place, past=past)
        elif none is None and not amounts and (eats or (takes and meals)):
            yield Portion(meal, 0.001, 1.0, place, bare=True, past=past)


def _parts(here: Said, clause: Span, vitals: tuple[Span, ...]) -> Iterator[Span]:
    """A clause at its commas, and at each "e" that begins another amount or another deed."""
    cuts = [
        clause.start,
        *(clause.start + one.end() for one in _COMMA.finditer(here.flat[clause.start : clause.end])),
        clause.end,
    ]
    ate = re.compile(rf"\s*(?:so\s+|se\s+|{_raw('nao')}\s+)?(?:{_raw('ate')}|[a-z]+(?:ou|eu|iu|ava))\b")
    held = clause.start
    for start, end in pairwise(cuts):
        begin = min(held, start)
        bare = not _amounts(here, Span(begin, end), vitals) and _only_meals(here, Span(begin, end))
        if bare and end < clause.end and _meal().match(here.flat[end : clause.end].lstrip()):
            continue  # "almoçou, jantou metade": of both
        for joint in _AND.finditer(here.flat, begin, end):
            left, right = Span(begin, joint.start()), Span(joint.end(), end)
            deed = ate.match(here.flat, joint.end()) is not None
            if _amounts(here, left, vitals) and (deed or _amounts(here, right, vitals)):
                yield left
                begin = joint.end()
        yield Span(begin, end)
        held = end


def _only_meals(here: Said, span: Span) -> bool:
    rest = _meal().sub(" ", here.flat[span.start : span.end])
    return _meal().search(here.flat, span.start, span.end) is not None and not re.sub(r"\b(?:[oae]|n[oa]|os|as)\b|\W", "", rest)


def _meals(here: Said, part: Span) -> list[tuple[str, Span]]:
    """Meals named there; a wide word only where none is."""
    found = {
        key: Span(*match.span())
        for key, pattern in _meal_patterns().items()
        if (match := pattern.search(here.flat, part.start, part.end)) is not None
    }
    narrow = {key: at for key, at in found.items() if key not in words("portions")["wide"]}
    when = {key for key, at in narrow.items() if re.search(words("checks")["only_when"], here.flat[part.start : at.start])}
    if 0 < len(when) < len(narrow):  # "depois do almoço tomou suco" says nothing of the lunch
        narrow = {key: at for key, at in narrow.items() if key not in when}
    if "snack" in narrow and "breakfast" in narrow and narrow["snack"].start == narrow["breakfast"].start:
        del narrow["breakfast"]
    return sorted((narrow or found).items(), key=lambda one: one[1].start)


def _drinks(one: tuple[str, Span]) -> bool:
    return one[0] in words("portions")["drinks"]


def _amounts(here: Said, part: Span, vitals: tuple[Span, ...]) -> list[_Amount]:
    taken: list[Span] = []
    found: list[_Amount] = []

    def add(
        match: re.Match[str], low: float, high: float, *, full: bool = False, well: bool = False, figure: bool = False
    ) -> None:
        span = Span(*match.span())
        if inside(span, taken) or inside(span, vitals):
            return
        taken.append(span)
        item = _item().match(here.flat, span.end, part.end)
        found.append(_Amount(span, low, high, full, well, figure, item.group(1) if item else ""))

    for low, high, full, well, pattern in _amount_patterns():
        for match in pattern.finditer(here.flat, part.start, part.end):
            add(match, low, high, full=full, well=well)
    for match in _percent().finditer(here.flat, part.start, part.end):
        share = int(match[1]) / 100
        add(
            match,
            *((1.0, 1.0) if share >= 1 else (0.0, 0.0) if share == 0 else (share - _NEAR, share + _NEAR)),
            full=share >= 1,
        )
    for match in _measured().finditer(here.flat, part.start, part.end):
        add(match, 0.0, 1.0, figure=True)
    return sorted(found, key=lambda one: one.span.start)


def _led(here: Said, part: Span, at: Span) -> Span:
    """A meal from the words that lead to it."""
    led = re.search(words("portions")["led_by"], here.flat[part.start : at.start])
    return Span(part.start + led.start() if led else at.start, at.end)


def _starts_turned(here: Said, clause: Span) -> bool:
    return re.match(rf"\s*{_raw('turned')}", here.flat[clause.start : clause.end]) is not None


@cache
def _vocabulary() -> dict[str, str]:
    return vocabulary_of(words("portions")["vocabulary"])


@cache
def _raw(name: str) -> str:
    return _vocabulary().get(name) or written_out(words("portions")[name], _vocabulary())


@cache
def _meal_patterns() -> dict[str, re.Pattern[str]]:
    return {key: any_of(patterns, _vocabulary()) for key, patterns in words("portions")["meals"].items()}


@cache
def _meal() -> re.Pattern[str]:
    return any_of([one for patterns in words("portions")["meals"].values() for one in patterns], _vocabulary())


@cache
def _amount_patterns() -> tuple[tuple[float, float, bool, bool, re.Pattern[str]], ...]:
    return tuple(
        (
            float(one["of"][0]),
            float(one["of"][1]),
            bool(one.get("all")),
            bool(one.get("well")),
            any_of(one["words"], _vocabulary()),
        )
        for one in words("portions")["amounts"]
    )


@cache
def _percent() -> re.Pattern[str]:
    return re.compile(rf"(?<![\d,.]){_raw('percent')}")


@cache
def _measured() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_raw('measured')})(?!\w)")


@cache
def _none() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_raw('none')}(?!\w)")


@cache
def _not_food() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_raw('not_food')}(?!\w)")


@cache
def _item() -> re.Pattern[str]:
    return re.compile(_raw("item"))
