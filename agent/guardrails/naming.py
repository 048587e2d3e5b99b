"""People and places a reply names: what stands behind each, and whether they belong to the time said with them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from agent.guardrails.clauses import Clause
from agent.guardrails.problems import Problem
from agent.guardrails.sources import Backed, Ground, Reading, Said, Source, Trust, read, words_of
from kit.text import plain

# A name ends with its line: the next word may only begin the next sentence.
_CAPITAL = r"[A-ZÀ-Ý][\wÀ-ÿ'-]"
NAME = rf"{_CAPITAL}+(?: +(?:d[aeo]s? +)?{_CAPITAL}+)*"
_DOCTOR = re.compile(rf"\b(?:[Dd]r|[Dd]ra|[Dd]outor|[Dd]outora|[Pp]rof|[Pp]rofa)\.?\s+({NAME})")
_PERSON = re.compile(
    r"(?:\b[Ee]m nome d[aeo] |\b[Pp]aciente:? |\b[Nn]ome(?: d[aeo] paciente)?: *|\b[Pp]ara (?:a |o )?|\bSra?\. |\b[Dd]ona )"
    rf"({NAME})"
)
_UNIT = re.compile(rf"\b[Uu]nidade:? +(?:d[aeo] )?({NAME})")
_STREET = re.compile(
    r"\b(?:Rua|R\.|Avenida|Av\.|Alameda|Al\.|Praça|Travessa|Rodovia|Largo)\s+"
    r"((?:d[aeo]s?\s+)?[A-ZÀ-Ý0-9][\wÀ-ÿ'.-]*(?: +(?:d[aeo]s? +)?[A-ZÀ-Ý][\wÀ-ÿ'.-]*)*)"
    r"(?:\s*,?\s*(?:n[º°o.]*\s*)?(\d+))?"
)
_ROWS: frozenset[Trust] = frozenset({"visit", "held", "offered", "owed", "former", "clinic", "document", "person"})
_ANY: frozenset[Trust] = frozenset({*_ROWS, "hours", "heard"})
_TIMES: frozenset[Trust] = frozenset({"visit", "held", "offered"})


def people_and_places(said: Said, ground: Ground) -> Iterator[Backed | Problem]:
    """Professionals, patients, units and streets by name."""
    taken: set[int] = set()
    for pattern, told_by_patient in ((_DOCTOR, False), (_UNIT, False), (_PERSON, True)):
        for found in pattern.finditer(said.reply):
            if found.start(1) in taken:
                continue
            clause = said.clause(said.flat_place(found.start(1)))
            trusts = _ANY if told_by_patient or clause.denies or clause.echoes or clause.asks else _ROWS
            source = _called(found.group(1), trusts, ground)
            # What a row only mentions is not what it is called: when its name changes, this still stands.
            means = {"name": found.group(1)} if source else {}
            source = source or _mentioned(found.group(1), trusts, ground)
            if source is not None:
                taken.add(found.start(1))
                yield Backed("name", found.start(), found.group().strip(), means, source)
            elif pattern is not _PERSON or not ordinary(found.group(1), ground):
                yield "ungrounded_name", plain(found.group())
    for found in _STREET.finditer(said.reply):
        source = _at(found, ground)
        if source is None:
            yield "ungrounded_address", plain(found.group())
        else:
            yield Backed("address", found.start(), found.group(), {"address": found.group()}, source)


def _called(name: str, trusts: frozenset[Trust], ground: Ground) -> Source | None:
    """The first source called so: all words are in one of its names. People and places come before what tells of them."""
    called = words_of(name)
    among = sorted(ground.among(trusts), key=lambda one: one[0].entity not in ("professional", "person", "unit"))
    return next((source for source, known in among if called and any(called <= words for words in known.names)), None)


def _mentioned(name: str, trusts: frozenset[Trust], ground: Ground) -> Source | None:
    """The first source that says the name, in a row, in its texts."""
    together = re.compile(rf"\b{re.escape(plain(name))}\b")
    among = ground.among(trusts) if words_of(name) else ()
    return next((source for source, known in among if any(together.search(text) for text in known.texts)), None)


def ordinary(name: str, ground: Ground) -> bool:
    """Words the clinic writes with capitals too ("para Consulta Dermatológica"): no patient's name."""
    words = words_of(name)
    return name.isupper() or any(
        words <= read(source, ground.today).words for source in ground.sources if source.trust != "heard"
    )


def _at(found: re.Match[str], ground: Ground) -> Source | None:
    """The first source with this street and, right after it, this number."""
    street, number = re.escape(plain(found.group(1)).strip(" .,")), found.group(2)
    place = re.compile(rf"\b{street}\b[ ,]*(?:n[ºo°.]* *)?{number}\b" if number else rf"\b{street}\b")
    return next((source for source, known in ground.among(_ROWS) if any(place.search(text) for text in known.texts)), None)


def bound(said: Said, ground: Ground, moments: Sequence[Backed]) -> Iterator[Problem]:
    """Professionals, units and prices that belong to another time than the one they are said with.

    In a clause that says times, they must be those of one of these times; in a paragraph about one visit or kept time, of it.
    """
    rows = [one for one in moments if one.source.trust in _TIMES and one.source.names]
    if not rows:
        return
    single = {_instant(one) for one in rows}
    whole = len(single) == 1 and None not in single and all(one.source.trust != "offered" for one in rows)
    places = {one.start: said.clause(said.flat_place(one.start)) for one in rows}
    paragraphs = {said.paragraph(one.start) for one in rows}
    for clause in said.clauses:
        if clause.denies:
            continue
        for able in _times_of(said, clause, rows, places, paragraphs if whole else set(), ground):
            yield from _strangers(said, clause, able, ground)
    if whole:
        yield from _other_prices(said, _same_time(rows, ground), ground)


def _times_of(
    said: Said,
    clause: Clause,
    rows: Sequence[Backed],
    places: Mapping[int, Clause],
    paragraphs: set[int],
    ground: Ground,
) -> Iterator[list[Reading]]:
    """What the sources say of the times that a clause is about; of a list it opens, each item's apart."""
    inside = [one for one in rows if places[one.start] is clause]
    former = [known for _, known in ground.among(frozenset({"former"}))] if clause.changes else []
    items = [one for one in rows if places[one.start].lead == clause.start]
    if inside:
        yield [*_same_time(inside, ground), *former]
    elif items:
        yield from (_same_time([one], ground) for one in items)
    elif paragraphs and not (clause.asks or clause.opens or clause.changes):
        near = said.paragraph(said.words(clause.start, clause.end)[0]) in paragraphs
        yield from [_same_time(rows, ground)] if near else []


def _instant(one: Backed) -> object:
    return one.means.get("starts_at") or one.means.get("time")


def _same_time(told: Sequence[Backed], ground: Ground) -> list[Reading]:
    """What every source of these instants says: two professionals may be free at one hour."""
    said = {str(one.means["starts_at"]) for one in told if "starts_at" in one.means}
    return [
        read(source, ground.today)
        for source in ground.sources
        if source.trust in _TIMES
        and (source in [one.source for one in told] or {m.isoformat(timespec="minutes") for m in source.moments} & said)
    ]


def _strangers(said: Said, clause: Clause, able: Sequence[Reading], ground: Ground) -> Iterator[Problem]:
    written = said.facts.text[clause.start : clause.end]
    known = [words for reading in able for words in reading.names]
    for source in ground.sources:
        if source.entity not in ("professional", "unit"):
            continue
        for name in source.names[:1]:
            if words_of(name) in known:
                continue
            mention = _mention(name, written, titled=source.entity == "professional")
            if mention and not any(words_of(mention) <= words for words in known):
                yield "ungrounded_name", mention


def _mention(name: str, written: str, *, titled: bool) -> str | None:
    """How a clause names this professional or unit, if it does: by the whole name, or "Dra." and its beginning."""
    bare = re.sub(r"^(?:dra?|profa?)\.?\s+", "", plain(name))
    if re.search(rf"\b{re.escape(bare)}\b", written):
        return bare
    if titled and (found := re.search(rf"\bdra?\.? ({re.escape(bare.split()[0])})\b", written)):
        return found.group(1)
    return None


def _other_prices(said: Said, able: Sequence[Reading], ground: Ground) -> Iterator[Problem]:
    """Prices of a reply about one visit must be its own, or its services'."""
    known = [words for reading in able for words in reading.names]
    cents = {value for reading in able for value in reading.cents}
    services = [read(source, ground.today) for source in ground.sources if source.entity == "service"]
    own = [service for service in services if service.names and service.names[0] in known]
    if not cents and not own:
        return
    cents |= {value for service in own for value in service.cents}
    others = {
        value
        for source in ground.sources
        if source.entity in ("clinic", "document")
        for value in read(source, ground.today).cents
    }
    for price in said.facts.prices:
        if price.cents not in cents | others:
            yield "ungrounded_price", price.said
