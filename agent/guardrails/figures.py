"""Prices, percentages and contacts of a reply: what stands behind each, or that nothing does. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from re import Pattern

from agent.guardrails.facts import Mark, digits
from agent.guardrails.lexicon import flat, lexicon
from agent.guardrails.problems import Problem
from agent.guardrails.sources import Backed, Ground, Reading, Said, Source, Trust, link, read

_EMERGENCY = frozenset({"100", "180", "188", "190", "192", "193"})
_ROWS: frozenset[Trust] = frozenset({"visit", "held", "offered", "owed", "former", "clinic", "document", "person", "hours"})
_ANY: frozenset[Trust] = frozenset({*_ROWS, "heard"})
_COMMON = 2  # a word in the names of more services than this tells none of them


def prices(said: Said, ground: Ground) -> Iterator[Backed | Problem]:
    """Amounts of money, percentages, and what is said to cost nothing."""
    about = _services_named(said, ground)
    for price in said.facts.prices:
        own = _whole_names(said.clause(price.start).words, ground) or about
        source = next((one for one, known in _paying(ground, own) if price.cents in known.cents), None)
        if source is None:
            yield "ungrounded_price", price.said
        else:
            yield Backed("price", *said.words(price.start, price.end), {"cents": price.cents}, source)
    for percent in said.facts.percents:
        number = digits(percent.said)
        source = next((one for one, known in ground.among(_ROWS) if number in known.percents), None)
        if source is None:
            yield "ungrounded_price", percent.said
        else:
            yield Backed("price", *said.words(percent.start, percent.end), {"percent": number}, source)
    free = _lists()["free"]
    if (found := free.search(flat(said.reply))) is not None:
        source = next((one for one, known in ground.among(_ROWS) if 0 in known.cents or _grants(one)), None)
        if source is None:
            yield "ungrounded_price", found.group()
        else:
            yield Backed("price", 0, found.group(), {"cents": 0}, source)


def _grants(source: Source) -> bool:
    return any(_lists()["free"].search(flat(text)) for text in source.texts)


def _paying(ground: Ground, about: frozenset[Source]) -> Iterator[tuple[Source, Reading]]:
    """Whatever may state a price here: of services, only those the reply speaks of, when it names any."""
    return (
        (source, known) for source, known in ground.among(_ROWS) if source.entity != "service" or not about or source in about
    )


def _services_named(said: Said, ground: Ground) -> frozenset[Source]:
    """The services that a reply speaks of, by a word of their names that few others have."""
    services = [(source, read(source, ground.today)) for source in ground.sources if source.entity == "service"]
    count = Counter(word for _, known in services for word in frozenset().union(*known.names))
    words = frozenset(flat(said.reply).split())
    return frozenset(
        source
        for source, known in services
        if any(name <= words or any(len(word) > 3 and count[word] <= _COMMON for word in name & words) for name in known.names)
    )


def _whole_names(words: str, ground: Ground) -> frozenset[Source]:
    """The services a clause names in full."""
    said = frozenset(words.split())
    return frozenset(
        source
        for source in ground.sources
        if source.entity == "service" and any(name and name <= said for name in read(source, ground.today).names[:1])
    )


def contacts(said: Said, ground: Ground) -> Iterator[Backed | Problem]:
    """Phones, links, addresses of mail, and numbers and keys that money may be sent to."""
    for phone in said.facts.phones:
        number = digits(phone.said)
        if number not in _EMERGENCY:
            source = next((one for one, known in _telling(said, phone, ground) if _called(number, known.numbers)), None)
            yield _contact(said, phone, source, "phone") if source else ("ungrounded_phone", phone.said)
    for url in said.facts.urls:
        source = next((one for one, known in _telling(said, url, ground) if link(url.said) in known.links), None)
        yield _contact(said, url, source, "link") if source else ("ungrounded_url", url.said)
    for key in said.facts.keys:
        number = digits(key.said)
        source = next((one for one, known in _telling(said, key, ground) if number in known.numbers), None)
        yield _contact(said, key, source, "key") if source else ("ungrounded_phone", key.said)


def _contact(said: Said, mark: Mark, source: Source, what: str) -> Backed:
    return Backed("other", *said.words(mark.start, mark.end), {"what": what}, source)


def _telling(said: Said, mark: Mark, ground: Ground) -> Iterator[tuple[Source, Reading]]:
    """What may state a contact: the clinic's rows; the patient's words only of themselves ("seu telefone é …?")."""
    clause = said.clause(mark.start)
    return ground.among(_ANY if clause.yours or clause.echoes or clause.asks else _ROWS)


def _called(number: str, known: frozenset[str]) -> bool:
    return any(number.endswith(one) or one.endswith(number) for one in known if len(one) >= 8)


@cache
def _lists() -> dict[str, Pattern[str]]:
    return lexicon("outgoing")
