"""Whether a message may go, by rules alone, before and beside any model. Pure.

Codes: number | dose | time | medication | negation | invented | omitted | name | greeting | advice | diagnosis | promise |
alarm | jargon | contact | form | order | person | attention_missing | attention_extra | long | empty | untraced.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import time

from agent.reports.lexicon import Lexicon, lexicon_of
from agent.reports.naming import naming
from agent.reports.order import Order
from agent.reports.portions import changed
from agent.reports.reading import Told, inside, opposed, read, supporting, topics
from agent.reports.tracing import MEASURES, doubts, trace
from agent.reports.wording import orders_in, wording
from agent.reports.words import words
from clinic.reports.medicines import dosed_names, line_names
from clinic.reports.models import Pattern, Problem, Span, Traced
from clinic.reports.patterns import Mention, entries, points
from clinic.reports.reading import Said, Standing, flat, trimmed
from clinic.reports.vitals import Reading, beyond, moments, times, written

# "*Sono:*" says nothing of anybody's sleep.
_HEADING = re.compile(r"(?m)^[ \t]*[^\w\n*]{0,4}\*(?!Pontos)[^*\n]{2,40}:?\*:?(?=[ \t]|$)")
_NUMBER = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)?")
_FROM = re.compile(r"(?<![\d/,.:])(\d{1,2})\s?(?:-|/|as|a|ate(?:\s+as)?)\s?\d{1,2}(?::\d\d)?\s?h")  # "das 17 às 17h40"
_SHARE = r"(?:1/[234]|2/3|3/4)\s+(?:d[oa]s?\s+)?(?:prato|dieta|almoco|jantar?|cafe|lanche|refeicao|sopa|suplemento|porcao|copo)"
_DATE = re.compile(rf"(?<![\d/])(?!{_SHARE})(\d{{1,2}})/(\d{{1,2}})(?:/(?:\d{{2}}){{1,2}})?(?![\d/]|\s?h)")


def check(order: Order, draft: str) -> tuple[tuple[Problem, ...], tuple[Traced, ...]]:
    """Why a draft may not go, most telling first, and what each of its statements rests on.

    A problem that is not critical is a doubt: what no rule could trace, for a reviewer to find in the source.
    """
    text = draft.replace(order.repetition, " " * len(order.repetition)) if order.repetition else draft
    text = _HEADING.sub(lambda one: " " * len(one.group()), text)
    known = line_names(order.text) | dosed_names(order.text)
    source, said = read(order.text, known=known), read(text, known=known)
    lexicon, traced = lexicon_of(order, known), trace(source, said)
    names = frozenset(word for one in (*source.medicines, *said.medicines) for word in one.name.split())
    found = [
        *_shape(order, text),
        *_people_only(order),
        *orders_in(order.text),
        *naming(order, said.said, source.said, names),
        *wording(said.said, source.said),
        *_measures(source, said),
        *_medicines(source, said),
        *_moments(order, source, said),
        *_numbers(order, source, said),
        *_events(order, source, said, lexicon),
        *changed(source, said),
        *_omitted(order, source, said),
        *_attention(order, said.said),
    ]
    flawed = [one.quote for one in found]
    vague = [one for one in doubts(lexicon, traced, said) if not any(one.quote.find(quote) >= 0 for quote in flawed if quote)]
    return tuple(dict.fromkeys([*found, *vague])), traced


def orders(order: Order) -> tuple[Problem, ...]:
    """What of the source alone sends it to a person, whatever is written."""
    return (*orders_in(order.text), *_people_only(order))


def _shape(order: Order, text: str) -> Iterator[Problem]:
    if len(text.strip()) < words("checks")["least"]:
        yield Problem("empty")
    if len(text) > words("checks")["most"]:
        yield Problem("long", text[-40:])


def _people_only(order: Order) -> Iterator[Problem]:
    for one in order.patterns:
        if one.key in words("checks")["people_only"]:
            yield Problem("person", order.text[one.span.start : one.span.end])


def _measures(source: Told, said: Told) -> Iterator[Problem]:
    for one in said.vitals:
        same = [other for other in source.vitals if other.name == one.name and other.values == one.values]
        if not same:
            yield Problem("number", said.said.of(one.span), critical=not _unread(source, one))
        elif one.at and all(other.at for other in same) and one.at not in {other.at for other in same}:
            yield Problem("time", said.said.of(one.span))


def _unread(source: Told, one: Reading) -> bool:
    """Whether the report has these figures where no measure could be read: a reviewer may tell what they are of."""
    inside_ = [other.span for other in source.vitals]
    free = {
        float(found.group().replace(",", "."))
        for found in _NUMBER.finditer(source.said.flat)
        if not inside(Span(*found.span()), inside_)
    }
    return all(value in free or value / 10 in free for value in one.values)


def _medicines(source: Told, said: Told) -> Iterator[Problem]:
    for one in said.medicines:
        same = [other for other in source.medicines if other.name == one.name]
        if not same:
            yield Problem("medication", said.said.of(one.span))
            continue
        doses = {dose for other in same for dose in other.doses}
        if any(dose not in doses for dose in one.doses):
            yield Problem("dose", said.said.of(one.clause).strip())
        moments = {moment for other in same for moment in other.times}
        if moments and any(moment not in moments for moment in one.times):
            yield Problem("time", said.said.of(one.clause).strip())
        states = {other.given for other in same}
        if (one.given is True and states == {False}) or (one.given is False and False not in states):
            yield Problem("negation", said.said.of(one.clause).strip())


def _moments(order: Order, source: Told, said: Told) -> Iterator[Problem]:
    """Times and parts of the day that the report does not have."""
    whole = words("checks")
    known = set(times(source.said, Span(0, len(source.said.flat))))
    known |= {time(int(one[1])) for one in _FROM.finditer(source.said.flat) if int(one[1]) < 24}
    for moment, span in moments(said.said, Span(0, len(said.said.flat))):
        if moment not in known:
            yield Problem("time", said.said.of(span))
    skipped = [Span(*one.span()) for one in re.finditer(whole["not_dayparts"], said.said.flat)]
    allowed = set(whole["shifts"][order.shift.value])
    for part, (first, last) in whole["dayparts"].items():
        told = re.search(rf"(?<!\w)(?:{part}|{whole['of_parts'][part]})(?!\w)", source.said.flat) is not None
        timed = any(first <= one.hour < last if first < last else one.hour >= first or one.hour < last for one in known)
        if part in allowed or told or timed:
            continue
        for match in re.finditer(rf"(?<!\w){part}(?!\w)", said.said.flat):
            if not inside(Span(*match.span()), skipped):
                yield Problem("time", said.said.of(Span(*match.span())))


def _numbers(order: Order, source: Told, said: Told) -> Iterator[Problem]:
    """Figures that the report does not have, measures and times apart."""
    spelt: dict[str, int] = words("checks")["numbers"]
    known = {float(one.group().replace(",", ".")) for one in _NUMBER.finditer(source.said.flat)}
    known |= {float(value) for word, value in spelt.items() if re.search(rf"(?<!\w){word}(?!\w)", source.said.flat)}
    taken = [one.span for one in said.vitals] + [span for _, span in moments(said.said, Span(0, len(said.said.flat)))]
    for match in _DATE.finditer(said.said.flat):
        taken.append(Span(*match.span()))
        if (int(match[1]), int(match[2])) != (order.day.day, order.day.month):
            yield Problem("number", match.group())
    for match in _NUMBER.finditer(said.said.flat):
        if not inside(Span(*match.span()), taken) and float(match.group().replace(",", ".")) not in known | {order.day.day}:
            yield Problem("number", said.said.text[max(0, match.start() - 12) : match.end() + 12].strip())
    counted = {float(sum(1 for one in source.medicines if one.given is state)) for state in (True, False)}
    for word, value in spelt.items():
        found = re.search(rf"(?<!\bas )(?<!\bos )(?<!\bnos )(?<!\w){word}(?!\w)", said.said.flat)
        if found and float(value) not in known | counted:
            # Written out it may be counted together of what the report says one by one: for a reviewer to find.
            listed = len(set(times(source.said, Span(0, len(source.said.flat))))) >= value
            yield Problem("number", said.said.text[found.start() : found.end() + 12].strip(), critical=not listed)


def _events(order: Order, source: Told, said: Told, lexicon: Lexicon) -> Iterator[Problem]:
    """What a message says happened, or did not, and the report does not."""
    for one in said.events:
        if (code := _wrong(order, source, said, one)) is not None:
            # Everyday life has more words than any list: what the report may say otherwise is for a reviewer to find. That
            # something of weight happened is not.
            everyday = not topics()[one.key].weighs if one.key in topics() else entries()[one.key].kind == "behaviour"
            clause = trimmed(said.said, said.said.clause(one.span.start))
            own = code == "invented" and not any(other.key == one.key for other in source.events) and lexicon.has(said, clause)
            if own and everyday:
                continue  # every word of it is the report's: a way to say it that no list has
            doubt = code == "invented" and (everyday or own or one.standing is Standing.DENIED)
            quote = said.said.of(clause)
            yield Problem("untraced" if doubt else code, quote, critical=not doubt)


def _wrong(order: Order, source: Told, said: Told, one: Mention) -> str | None:
    """The problem with one statement of a message: turned round, or nowhere in the report."""
    holds, denied = _holding(order, source), source.denied()
    support = supporting(one.key)
    if one.key in topics() and (topics()[one.key].loose or _only_when(said, one)):
        return None if any(other.key in support for other in source.events) else "invented"
    if one.standing is Standing.DENIED:
        if one.key in denied or support & denied or opposed(one.key) & holds or _over(source, said, one):
            return None
        return "negation" if one.key in holds else "invented"
    if one.standing in (Standing.MIGHT, Standing.OTHERS):
        return None if any(other.key in support for other in source.events) else "invented"
    if support & (holds - _only_before(source) if one.standing is Standing.HOLDS else holds):
        return None
    return "negation" if opposed(one.key) & holds or support & denied else "invented"


def _only_when(said: Told, one: Mention) -> bool:
    """Whether it only says when something else was: "na hora do banho" tells of no bath."""
    return re.search(words("checks")["only_when"], said.said.flat[: one.span.start]) is not None


def _only_before(source: Told) -> frozenset[str]:
    """Patterns that the report tells of another day alone."""
    now = {one.key for one in source.events if one.standing is Standing.HOLDS}
    return frozenset(one.key for one in source.events if one.standing is Standing.PAST and one.key in entries()) - now


def _over(source: Told, said: Told, one: Mention) -> bool:
    """ "Não vomitou mais": what was, and the report says that it did not come back."""
    clause = said.said.clause(one.span.start)
    lists_ = words("checks")
    again = re.search(lists_["no_more"], said.said.flat[clause.start : clause.end])
    return again is not None and re.search(lists_["ceased"], source.said.flat) is not None


def _holding(order: Order, source: Told) -> frozenset[str]:
    """Keys that a report stands for: what it says, what its measures come to, what its lines of medicines say."""
    found = {one.key for one in source.events if one.standing in (Standing.HOLDS, Standing.PAST)}
    found |= {one.key for one in order.patterns if not one.details.get("before")}
    out_of_range = any(one.kind == "vital" for one in order.patterns)
    if source.vitals and not out_of_range:
        found.add("vitals_ok")
    elif out_of_range:
        found.discard("vitals_ok")
    if any(one.given for one in source.medicines):
        found.add("meds_ok")
    return frozenset(found)


def _omitted(order: Order, source: Told, said: Told) -> Iterator[Problem]:
    """What stands out in the report and is not in the message."""
    for one in points(order.patterns):
        if not _covered(order, one, said):
            yield Problem("omitted", order.text[one.span.start : one.span.end].strip())


def _covered(order: Order, point: Pattern, said: Told) -> bool:
    holds = {one.key for one in said.events if one.standing in (Standing.HOLDS, Standing.PAST)}
    if point.kind == "vital":
        return any(_same(point, one) for one in said.vitals) or _bare(point, said.said)
    if "medicine" in point.details and point.key in ("refused", "not_given"):
        name = flat(str(point.details["medicine"]))
        named = [one for one in said.medicines if one.name in name]
        return any(one.given is False for one in named) or (point.key in holds and not named)
    measured = MEASURES.get(point.key)
    told = point.key in holds or bool(_TOLD_BY.get(point.key, frozenset()) & holds)
    return told or any(one.name == measured and beyond(one, order.ranges) for one in said.vitals)


# A narrower word tells the wider thing, never the other way round.
_TOLD_BY = {
    "pain": frozenset({"strong_pain"}),
    "emergency": frozenset({"hospital"}),
    "not_given": frozenset({"refused"}),
    "no_stool": frozenset({"no_stool_shift"}),
    "changed": frozenset({"confused", "agitated", "aggressive", "drowsy"}),
}


def _same(point: Pattern, one: Reading) -> bool:
    return one.name == str(point.details["name"]) and written(one) == str(point.details["value"])


def _bare(point: Pattern, said: Said) -> bool:
    """The figure stands there, however the measure is called."""
    return re.search(rf"(?<![\d.,]){re.escape(str(point.details['value']))}(?![\d]|[.,]\d)", said.flat) is not None


def _attention(order: Order, said: Said) -> Iterator[Problem]:
    section = re.search(words("checks")["attention"], said.flat)
    if points(order.patterns) and section is None:
        yield Problem("attention_missing")
    if section is not None and not points(order.patterns):
        yield Problem("attention_extra", said.text[section.start() : section.end()])


def refused(problems: Collection[Problem]) -> bool:
    """Whether rules alone refuse a draft."""
    return any(one.critical for one in problems)
