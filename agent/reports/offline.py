"""The honest default: a message by template from the facts, and no reviewer but the checks. Pure; words in offline.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agent.reports.order import Order
from agent.reports.portions import Portion, portions
from agent.reports.reading import Told, opposed, read, supporting, topics
from agent.reports.reviewer import Reviewed
from agent.reports.wording import plainly
from agent.reports.words import words
from agent.reports.writer import Written
from clinic.reports.medicines import Dose
from clinic.reports.models import Fact, Pattern, Problem, Span
from clinic.reports.patterns import name_of, points
from clinic.reports.reading import Standing, trimmed
from clinic.reports.vitals import Reading, written
from kit import ptbr


def compose(order: Order) -> str:
    """The message; empty where the report says nothing that the template knows. The same report gives the same words."""
    told, whole = read(order.text), words("offline")
    shift = whole["shifts"][order.shift.value]
    opening = whole["opening"].format(
        signs=order.signs, clinic=order.clinic, shift=shift, day=ptbr.day(order.day, today=order.day), person=order.person
    )
    by = whole["by"].format(caregiver=order.first_name) if order.first_name else ""
    body = [*_groups(order, told), *_vitals(order, told), *_medicines(order, told)]
    standing_out = list(_points(order, told))
    attention = [whole["attention"], *standing_out, *([order.repetition] if order.repetition else [])] if standing_out else []
    if not body and not standing_out:
        return ""  # what no rule could read is not told as nothing: it may be everything
    parts = [" ".join(filter(None, (opening, by))), "\n".join(body), "\n".join(attention), whole["closing"]]
    return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class TemplateWriter:
    """Writes without a model. Another try would give the same words."""

    varies: bool = False

    async def write(
        self, order: Order, facts: Sequence[Fact], before: str, problems: Sequence[Problem], *, seconds: float
    ) -> Written:
        """The template's message, under the template's name."""
        return Written(compose(order), words("offline")["model"])


@dataclass(frozen=True, slots=True)
class ChecksAlone:
    """No reviewer but the rules: a statement that they cannot trace is refused."""

    async def review(self, order: Order, draft: str, doubts: Sequence[Problem], *, seconds: float) -> Reviewed:
        """Every doubt stands."""
        return Reviewed(tuple(doubts), {}, "")


def _groups(order: Order, told: Told) -> Iterator[str]:
    holding = [one for one in told.events if one.key in topics() and one.standing is Standing.HOLDS]
    keys = list(dict.fromkeys(one.key for one in holding))
    out = {one.key for one in points(order.patterns)}
    amounts = portions(told)
    for kind, form in words("offline")["groups"].items():
        said = [
            topics()[key].tell.replace("{time}", "")
            for key in keys
            if topics()[key].kind == kind
            and not topics()[key].quiet
            and not _told_by_narrower(key, keys)
            and not opposed(key) & (out | set(keys))
            and not (key == "uneventful" and out)
            and not (kind == "meal" and _told_by_amount(key, amounts))
        ]
        said += _as_reported(order, told, amounts) if kind == "meal" else []
        if said:
            yield form.format(said="; ".join(dict.fromkeys(said)))


_DRINKING = frozenset({"drank"})
_EATING = frozenset({"eating", "had_meal", "ate_well"})


def _told_by_amount(key: str, amounts: Sequence[Portion]) -> bool:
    """Whether a bare word of this meal would say more, or less, than the report has of it."""
    short = [one for one in amounts if _short(one)]
    if key in _DRINKING:
        return any(one.drink for one in short)
    food = [one for one in short if not one.drink and one.meal != "supplement"]
    if key in _EATING:
        return bool(food)
    # Of a meal that nobody names it may be this one, or any.
    own = [one for one in amounts if one.meal == key and not one.bare and not one.past]
    return bool(food and own) or any(one.wide for one in food)


def _short(one: Portion) -> bool:
    """Not simply eaten, nor all of it; what was eaten by a tube or a bottle in figures was simply eaten."""
    return not (one.full or one.bare or one.past or (one.measured and not one.drink))


def _as_reported(order: Order, told: Told, amounts: Sequence[Portion]) -> list[str]:
    """The amounts in the report's own words, each once, where no point of attention quotes them already."""
    if not any(_short(one) for one in amounts):
        return []
    quoted = [trimmed(told.said, told.said.clause(one.span.start)) for one in points(order.patterns)]
    food = any(_short(one) and not one.drink for one in amounts)
    places: list[Span] = []
    for one in amounts:
        if one.past or one.bare or not (_short(one) or (one.full and food and not one.drink)):
            continue
        if any(other.start <= one.place.start and one.place.end <= other.end for other in quoted):
            continue
        if places and one.place.start < places[-1].end:
            places[-1] = Span(min(places[-1].start, one.place.start), max(places[-1].end, one.place.end))
        else:
            places.append(one.place)
    whole = words("offline")
    said = [whole["quoted"].format(said=_plain(told, one)) for one in places]
    return [whole["as_reported"].format(said="; ".join(said))] if said else []


def _told_by_narrower(key: str, keys: Iterable[str]) -> bool:
    return any(other != key and other in supporting(key) and other in topics() for other in keys)


def _vitals(order: Order, told: Told) -> Iterator[str]:
    """Measures in range; those that are not stand among the points."""
    out = {(one.details["name"], one.details["value"]) for one in order.patterns if one.kind == "vital"}
    said = [_measure(one) for one in told.vitals if (one.name, written(one)) not in out]
    if said:
        yield words("offline")["vitals"].format(said="; ".join(dict.fromkeys(said)))


def _medicines(order: Order, told: Told) -> Iterator[str]:
    said = [_dose(told, one) for one in told.medicines if one.given]
    if said:
        yield words("offline")["medicines"].format(said="; ".join(dict.fromkeys(said)))


def _points(order: Order, told: Told) -> Iterator[str]:
    whole = words("offline")
    for one in points(order.patterns):
        if one.kind == "vital":
            measured = next((each for each in told.vitals if each.span == one.span), None)
            said = _measure(measured) if measured else f"{name_of(one.key)} {one.details['value']}"
            yield whole["beyond"].format(measure=_capital(said))
        elif "medicine" in one.details and one.key in ("refused", "not_given"):
            yield whole[one.key].format(medicine=_capital(str(one.details["medicine"])))
        else:
            yield whole["point"].format(name=_capital(name_of(one.key)), said=_quoted(told, one))


def _quoted(told: Told, one: Pattern) -> str:
    return _plain(told, trimmed(told.said, told.said.clause(one.span.start)))


def _plain(told: Told, clause: Span) -> str:
    return plainly(told.said.of(clause)).strip(" .\n").replace("”", "").replace("“", "")


def _measure(one: Reading) -> str:
    whole = words("offline")
    at = whole["at"].format(at=ptbr.at(one.at)) if one.at else ""
    return str(whole["measures"][one.name].format(value=written(one), at=at))


def _dose(told: Told, one: Dose) -> str:
    name = told.said.of(one.span)
    dose = f" {one.doses[0].replace('.', ',')}" if one.doses else ""
    at = words("offline")["at"].format(at=ptbr.at(one.times[0])) if one.times else ""
    return f"{name}{dose}{at}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
