"""Whose data a message asks for: who is asked about × what is asked × for whom this contact speaks. Pure.

Orders that pretend to come from the house (systems, roles, codes, quoted permissions) are read here as well: both are answered
by a kind no, and what a person then says is read in the light of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from agent.offline.lexicon import lexicon
from agent.offline.orders import lists
from agent.offline.people import introduced, kin_known, relationship
from agent.offline.spelling import content, fold, tokens
from agent.offline.view import Briefing
from clinic.patients.names import same
from kit.text import plain, strip_hidden

VISITS, DATA, MANY, ORDERS, MEDICAL = "visits", "data", "many", "orders", "medical"
AFTERCARE, ELSEWHERE = "aftercare", "elsewhere"
_PARTICLE = r"(?:\s+(?:d[aeo]s?|e))?"
_WORD = r"[A-ZÀ-Ý][a-zà-ÿ'’-]+|[A-ZÀ-Ý]{2,}"
_NAMED = re.compile(rf"\b(?:{_WORD})(?:{_PARTICLE}\s+(?:{_WORD}))+\b")
_FIRST = re.compile(rf"\b(?:[AaOo]|[Dd][ao]|[Nn][ao]|com [ao]|pel[ao]|[Ss]eu|[Dd]ona|[Ss]r\.?|[Ss]ra\.?)\s+({_WORD})\b")
_SMALL = re.compile(
    r"\b(?:a|o|d[ao]|seu|dona)\s+([a-z]{3,})"
    r"(?=(?: [a-z]+){0,3} (?:tem|marcou|agendou|vem|compareceu|se consulta|e paciente)\b)"
)
_TITLED = re.compile(r"\b(?:dra?|doutora?|dotora?)\b\.?\s+[a-z]+(?: (?:d[aeo]s? )?[a-z]+)?", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.?!;])(?<!\bsr\.)(?<!\bdr\.)(?<!sra\.)(?<!dra\.)\s+|\n+")
_PRONOUN = r"(?:el[ae]s?|del[ae]s?|nel[ae]|(?:as )?criancas)"
_OTHER_HOUSE = re.compile(
    r"\b(?:[Cc]l[ií]nica|[Hh]ospital|[Cc]onsult[oó]rio|[Ll]aborat[oó]rio)\s+(?:d[aeo]s?\s+)?([A-ZÀ-Ý][\w'’-]+)"
)
_MINE = re.compile(r"\b(?:minhas?|meus?)\b")


@dataclass(frozen=True, slots=True)
class Asked:
    """`kind` is what is refused ("" nothing); `names` the people asked about, as written."""

    kind: str = ""
    names: tuple[str, ...] = ()


@lru_cache(maxsize=512)
def _rule(name: str, who: str = "", things: str = "") -> re.Pattern[str]:
    """A rule of the file about `who`; `things` are words for what this clinic does, beside those that all clinics do."""
    known = lists()
    found = known[name]
    text = "|".join(f"(?:{one})" for one in ([found] if isinstance(found, str) else found))
    text = text.replace("{thing}", f"(?:{known['thing']}|{things})" if things else known["thing"])
    return re.compile(text.replace("{data}", known["data"]).replace("{who}", who))


def _things(briefing: Briefing) -> str:
    """The words of this clinic's services, for a rule."""
    words = {w for s in briefing.services for n in (s.name, *s.aliases) for w in content(n) if len(w) > 3}
    return "|".join(sorted(words))


def many(folded: str) -> bool:
    """Whether it asks for the clinic's patients: a list, an agenda with names, who is at some hour."""
    return _rule("many").search(folded) is not None


def wishes(folded: str) -> bool:
    """Whether it plainly asks for a visit or a change of one."""
    return _rule("wishes").search(folded) is not None


def advice(folded: str) -> bool:
    """Whether somebody deliberates over a remedy, a treatment or a number of an exam."""
    return _rule("advice").search(folded) is not None


def aftercare(folded: str) -> bool:
    """Whether something done here is getting worse."""
    return all(_rule(name).search(folded) for name in ("done", "worse"))


def elsewhere(text: str, briefing: Briefing) -> bool:
    """Whether it speaks of a visit of the writer's at another house than this one."""
    folded = fold(text)
    ours = plain(f"{briefing.clinic} {' '.join(u.name for u in briefing.units)}")
    others = any(plain(f.group(1)) not in ours for f in _OTHER_HOUSE.finditer(strip_hidden(text)))
    return others and of_mine(folded) and not _rule("from").search(folded)


def goes_on(folded: str) -> bool:
    """Whether a message that names no subject of its own still wants what was just refused."""
    of_ours = _rule("of_ours").search(folded) and not _rule("third").search(folded)
    return not of_ours and any(_rule(name).search(folded) for name in ("third", "insists", "bare"))


def of_mine(folded: str) -> bool:
    """Whether it speaks of a visit of the writer's own: "a minha limpeza", "a minha com a doutora"."""
    return _rule("mine").search(folded) is not None


def of_the_house(folded: str) -> bool:
    """Whether it speaks of this clinic: "vocês", "a unidade", "aí"."""
    return _rule("of_ours").search(folded) is not None


def of_third(folded: str) -> bool:
    """Whether it speaks of somebody else by a pronoun, or of patients."""
    return _rule("third").search(folded) is not None


def asked(text: str, briefing: Briefing, kept: tuple[str, ...] = ()) -> Asked:
    """What `text` asks about somebody for whom this contact does not speak; `kept` are those already asked about."""
    shown = strip_hidden(text)
    folded = fold(shown)
    strangers, things = _strangers(shown, briefing, kept), _things(briefing)
    for name in strangers:
        kind = _wants(folded, things, "|".join(dict.fromkeys([plain(name), tokens(name)[0]])))
        if kind:
            return Asked(kind, tuple(strangers))
    kin = relationship(shown)
    if kin[1] and not kin_known(kin, briefing) and not strangers:
        kind = _wants(folded, things, rf"(?:(?:minha|meu|nossa|nosso) )?{kin[1]}", "asks_kin")
        if kind:
            return Asked(kind)
    if _rule("third_kin").search(folded):
        return Asked(VISITS, tuple(strangers))
    if many(folded):
        return Asked(MANY, tuple(strangers))
    return Asked()


def _wants(folded: str, things: str, who: str, how: str = "asks") -> str:
    """What is asked about `who` (or about "ela" beside them): a kind, or "" when nothing is."""
    anyone = rf"\b(?:{who}|{_PRONOUN})\b"
    asks, acts, tag, data = (_rule(name) for name in (how, "acts", "tag", "asks_data"))

    def books() -> bool:  # a pattern of this name alone takes long to compile: only where something hangs on it
        return _rule("books", rf"\b(?:{who})\b", things).search(folded) is not None

    spoken_of = related = asking = False
    for part in (one for one in _SENTENCE.split(folded) if one.strip()):
        named = re.search(rf"\b(?:{who})\b", part)
        found = _rule("relations", anyone, things).search(part) is not None
        told = found or bool((named or re.search(rf"\b{_PRONOUN}\b", part)) and data.search(part) and asks.search(part))
        told = told or bool(spoken_of and _rule("personal").search(part) and not _MINE.search(part))
        act = acts.search(part)
        if act and (found or (named and not books())) and not _MINE.search(part[: act.end() + 20]):
            return VISITS
        spoken_of, related = spoken_of or bool(named), related or told
        if told:
            asking = asking or bool(asks.search(part) and not _own_facts(part, anyone))
        elif related:
            asking = asking or bool(tag.search(part) or _rule("when_only").search(part))
    if not (related and asking) or (books() and not re.search(rf"\bd[aeo] (?:\w+ )?(?:{who})\b", folded)):
        return ""
    return DATA if data.search(folded) and not re.search(rf"\b{lists()['thing']}\b", folded) else VISITS


def _own_facts(sentence: str, anyone: str) -> bool:
    """Whether what it asks, at its end, is the writer's own business: "…fez aí e adorou, quanto custa?"."""
    head, _, last = sentence.rpartition(",")
    own = _rule("own_facts").search(last) and not re.search(anyone, last) and not _rule("tag").search(last)
    return bool(head and own)


def _strangers(text: str, briefing: Briefing, kept: tuple[str, ...]) -> list[str]:
    """The people named who are neither this contact's, nor the writer, nor of the house."""
    bare = _TITLED.sub(" ", text)
    loud = bare.isupper()
    ours = [*(p.name for p in briefing.people), *introduced(bare, briefing)]
    heads = {tokens(p.name)[0] for p in briefing.people if tokens(p.name)}
    found = [] if loud else [f.group() for f in _NAMED.finditer(bare)]
    singles = [] if loud else [f.group(1) for f in _FIRST.finditer(bare)]
    singles += [f.group(1) for f in _SMALL.finditer(fold(bare))]
    whole = [name for one in found if (name := _person(one, briefing)) and not any(same(name, known) for known in ours)]
    said = {word for name in [*whole, *ours] for word in plain(name).split()} | heads
    alone = [one for one in singles if plain(one) not in said and _person(one, briefing)]
    again = [name for name in kept if tokens(name) and tokens(name)[0] in tokens(text)]
    return list(dict.fromkeys([*whole, *alone, *again]))


def _person(words: str, briefing: Briefing) -> str:
    """`words` when they may be somebody's name here: not the house's, its city's, a service's nor a common word's."""
    lists = lexicon()
    common = {*lists["name_stops"], *lists["not_services"], *lists["not_persons"], *lists["small_words"], *lists["fields"]}
    kept = words.split()
    while kept and plain(kept[0]).strip(".") in common:
        kept = kept[1:]
    low = [plain(word).strip(".'’-") for word in kept]
    if not low or any(word in lists["not_persons"] for word in low):
        return ""
    told = plain(" ".join((briefing.clinic, briefing.persona, briefing.about, *(u.address for u in briefing.units))))
    name = " ".join(kept)
    if plain(name) in told or any(low[0] in tokens(p.name) for p in briefing.professionals if len(low) < 2):
        return ""
    if any(same(name, p.name) or plain(name) in plain(p.name) for p in briefing.professionals):
        return ""
    texts = [n for s in briefing.services for n in (s.name, *s.aliases, s.category)]
    texts += [n for c in briefing.convenios for n in (c.name, *c.aliases)] + lists["known_convenios"]
    written = {t for text in [*texts, *(u.name for u in briefing.units)] for t in tokens(text)}
    return "" if all(word in written or word in common for word in low) else name
