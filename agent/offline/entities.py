"""Which service, professional, unit or convênio of this clinic the patient's words name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agent.offline.lexicon import lexicon
from agent.offline.spelling import STOPWORDS, alike, content, fold, sound, stem, tokens
from agent.offline.view import Briefing, Convenio, Professional, Service, Unit

_TITLED = re.compile(r"\b(?:dra?|doutora?|doc|dotora?)\b\.?\s+([a-z]{2,}(?:\s+[a-z]{2,})?)")
_NAMED = re.compile(r"\b(?:com|pel[ao])\s+(?:[ao]\s+)?([a-z]{3,})(?:\s+([a-z]{3,}))?")
_SPOKEN_OF = re.compile(
    r"(?<!sou )(?<!aqui e )(?<!nome e )(?<!fala )(?<!minha )\b(?:[ao]|d[ao])\s+([a-z]{3,})(?:\s+([a-z]{3,}))?"
)
_DOCTOR_OF = re.compile(r"\b(?:medic[oa]|doutora?|especialista)s? (?:d[aeo]s?|em)(?= )")
_TITLES = {"dr", "dra", "doutor", "doutora", "prof"}
_GENERIC = {"consulta", "consultas", "consultar", "procedimento"}
_UNIT_NOISE = {"unidade", "clinica", "filial", "sede", "matriz", "centro"}


@dataclass(frozen=True, slots=True)
class Found:
    """Services the words may mean: one is an answer, several are a question, none is silence."""

    services: tuple[Service, ...] = ()
    sure: bool = False  # whole name or alias said, not only a part of one
    each: bool = False  # several, each by words of its own ("hemograma e colesterol")


def _phrases(service: Service) -> list[list[str]]:
    return [words for words in (content(p) for p in (service.name, *service.aliases)) if words]


def _rarity(services: Iterable[Service]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for service in services:
        for word in {stem(w) for phrase in _phrases(service) for w in phrase}:
            counts[word] = counts.get(word, 0) + 1
    return {word: 1 / count for word, count in counts.items()}


def _related(said: list[str], service: Service, professionals: Iterable[Professional]) -> set[str]:
    """Words said that name the field of the service: its category or the specialty of who performs it."""
    fields = [service.category]
    fields += [p.specialty for p in professionals if p.name in service.professionals]
    written = {w for text in fields for w in content(text)}
    roots: dict[str, list[str]] = lexicon()["fields"]
    hits = set()
    for word in said:
        wanted = next((r for name, r in roots.items() if alike(word, name) >= 0.8), None)
        heads = tuple(wanted or ())
        named = any(w.startswith(heads) for w in written) if heads else any(alike(word, w) for w in written)
        if named or (heads and any(w.startswith(heads) for p in _phrases(service) for w in p)):
            hits.add(word)
    return hits


_Score = tuple[float, bool, frozenset[str]]


def _score(said: list[str], service: Service, professionals: Iterable[Professional], rarity: dict[str, float]) -> _Score:
    """(strength, a whole phrase was said, words used) of the best of the service's name and aliases."""
    best: _Score = (0.0, False, frozenset())
    fields = lexicon()["fields"]
    related = _related(said, service, professionals)
    for phrase in _phrases(service):
        used: set[str] = set()
        weight = 0.0
        matched = exact = 0
        for written in phrase:
            likeness, word = max(((alike(w, written), w) for w in said), default=(0.0, ""))
            if word in fields and len(phrase) > 1:  # "dentista" alone names a field, not "consulta com dentista"
                likeness = 1.0 if likeness and all(any(alike(w, x) for w in said) for x in phrase) else 0.0
            if likeness:
                used.add(word)
                matched += 1
                exact += likeness == 1.0
                share = likeness * rarity.get(stem(written), 1.0)
                weight += max(share, 1.0) if word in related else share
        whole = matched == len(phrase)
        best = max(
            best,
            (weight + (1.0 + 0.1 * (exact == matched) if whole else 0.0), whole, frozenset(used)),
            key=lambda s: (s[1], s[0]),
        )
    # The field beside a whole name ("nutricionista e bioimpedância") may be another wish of its own.
    return (best[0] + 0.9 * len(related - best[2]), best[1], best[2] if best[1] else best[2] | related)


# "O médico me examinou", "não é médica": somebody who did or is something, not who is wished for.
_DID = re.compile(
    r"\b(?:o|a|um|uma|meu|minha) (?:medic[oa]|doutora?|dentista|pediatra|\w+logista|nutri\w*) (?:que |ja |me |nos |la )*"
    r"(?!marcou)\w+(?:ou|eu|iu|disse|deu|fez|viu)\b|\bnao (?:e|eh|sou) (?:uma? )?(?:medic[oa]|dentista|doutora?)\b"
)


def find_services(text: str, briefing: Briefing, among: Iterable[str] | None = None) -> Found:
    """Services named in `text`, narrowed to the names in `among` when given."""
    return _found(text, briefing.services, briefing.professionals, None if among is None else frozenset(among))


@lru_cache(maxsize=256)  # the same words are asked about at every thought of a turn, and several times in each
def _found(
    text: str, every: tuple[Service, ...], professionals: tuple[Professional, ...], among: frozenset[str] | None
) -> Found:
    text = _DID.sub(" ", fold(text)) if _DID.search(fold(text)) else text
    field = _DOCTOR_OF.sub(" ", fold(text))
    if field != fold(text):  # "médico de pele" is the visit of that field
        found = _found(field, every, professionals, among)
        visit = usual(found.services)
        if found.services:
            return Found((visit,), sure=True) if visit else found
    services = [s for s in every if among is None or s.name in among]
    noise = {*lexicon()["not_services"], *(w for p in professionals for w in _name_words(p))}
    written = " | ".join(fold(p) for s in services for p in (s.name, *s.aliases, s.category))
    words = content(text)
    pairs = {a for a, b in pairwise(words) if f"{a} {b}" in written}  # "clínica geral" is a field, "a clínica abre" is not
    said = [w for w in words if len(w) > 2 and (w not in noise or w in pairs)]
    if not said or not services:
        return Found()
    if among is None and set(said) <= _GENERIC and len(services) > 1:
        named = tuple(s for s in services if any({stem(w) for w in p} <= {stem(w) for w in said} for p in _phrases(s)))
        return Found(named, sure=True) if len(named) == 1 else Found(tuple(s for s in services if s.bookable))
    rarity = _rarity(every)
    scored = [(s, *_score(said, s, professionals, rarity)) for s in services]
    scored = [entry for entry in scored if entry[1] > 0 and entry[3]]
    # Whoever uses a strict subset of another's words was meant less.
    kept = [a for a in scored if not any(a[3] < b[3] for b in scored)]
    if not kept:
        return Found()
    spoken_for = frozenset(w for _, _, whole, words in kept if whole for w in words)
    kept = [k for k in kept if k[2] or not k[3] <= spoken_for] if not _one_subject(kept) else kept
    if any(whole for _, _, whole, _ in kept):
        kept = [k for k in kept if k[2]] if _one_subject(kept) else kept
    top = max(strength for _, strength, _, _ in kept)
    best = [k for k in kept if k[1] >= top - 0.05] if _one_subject(kept) else kept
    sure = all(k[2] for k in best)
    each = sure and len(best) > 1 and not any(a[3] & b[3] for a in best for b in best if a is not b)
    if each:
        best.sort(key=lambda k: min(said.index(w) for w in k[3]))
    return Found(tuple(k[0] for k in best), sure=sure, each=each)


def _one_subject(kept: list[tuple[Service, float, bool, frozenset[str]]]) -> bool:
    """Whether the candidates compete for the same words (then the strongest wins) or were each named."""
    return all(a[3] & b[3] for a in kept for b in kept)


def general(text: str) -> str:
    """The word said that is too general to choose a service ("consulta"); "" when none."""
    return next((w for w in content(text) if w in _GENERIC), "")


_CHILDREN = re.compile(r"infant|infanc|pediatr|crianca|kids|bebe")
_GROWN = re.compile(r"\b(?:1[4-9]|[2-9]\d) anos\b")


def for_children(service: Service, briefing: Briefing) -> Service | None:
    """What takes the place of `service` when a child is to be seen; None when it is for children, or nothing is."""
    if _CHILDREN.search(fold(service.name)):
        return None
    field = [w for w in content(service.name) if w not in _GENERIC]
    near = [s for s in briefing.services if s.bookable and _CHILDREN.search(fold(s.name))
            and any(alike(w, x) for w in field for x in content(s.name))]  # fmt: skip
    return near[0] if len(near) == 1 else None


def of_a_child(text: str) -> bool:
    """Whether `text` says that a child is to be seen: by age, or by a word that only a child is called."""
    folded = fold(text)
    aged = re.search(r"\b(?:\d|1[0-3]) (?:anos|aninhos|mes(?:es)?)\b", folded) and not _GROWN.search(folded)
    return bool(aged) or re.search(r"\binfantil\b|\b(?:bebe|nenem|crianca|filhinh[oa]|menin[oa])\b", folded) is not None


def usual(services: Iterable[Service]) -> Service | None:
    """The one service of these that is a plain visit ("consulta", "avaliação"): what to see when the patient does not say."""
    among = [s for s in services if s.bookable]
    simply = [s for s in among if any(content(p) in (["consulta"], ["avaliacao"]) for p in (s.name, *s.aliases))]
    if not simply and len({s.category for s in among}) == 1:
        simply = [s for s in among if any({"consulta", "avaliacao"} & set(content(p)) for p in (s.name, *s.aliases))]
        simply = [s for s in simply if content(s.name)[:1] in (["consulta"], ["avaliacao"])] or simply
    return simply[0] if len(simply) == 1 else None


_WISHED = re.compile(
    r"\b(?:marc\w+|agend\w+|faz\w*|tem|tenh\w+|quer\w+|precis\w+|gostaria|consulta|exame|sessao|vaga|horario|passar)"
    r"((?: (?:um|uma|uns|umas|o|a|de|d[ao]|com|para|fazer|marcar|agendar|consulta|exame|sessao|vaga|horario|n[ao]))* \w+)"
)


def leftover(text: str, known: Iterable[str]) -> bool:
    """Whether `text` names something that is neither this conversation's common words nor among the words `known`."""
    lists = lexicon()
    common = {*lists["not_services"], *lists["name_stops"], *lists["price_words"], *lists["small_words"], *lists["fields"]}
    common |= {plain for words in lists["relationships"].values() for plain in words} | {w for k in known for w in content(k)}
    wished = {word for found in _WISHED.finditer(fold(text)) for word in content(found.group(1))}
    return any(len(w) > 3 and w not in common and w in wished for w in content(text))


def services_of(professional: str, briefing: Briefing) -> tuple[Service, ...]:
    return tuple(s for s in briefing.services if professional in s.professionals)


def services_in_field(text: str, briefing: Briefing) -> tuple[Service, ...]:
    said = content(text)
    return tuple(s for s in briefing.services if _related(said, s, briefing.professionals))


def _name_words(professional: Professional) -> list[str]:
    return [w for w in tokens(professional.name) if w not in _TITLES and w not in STOPWORDS]


def _fits(said: str, professional: Professional, loose: bool) -> bool:
    return any(said == w or (loose and (alike(said, w) >= 0.8 or sound(said) == sound(w))) for w in _name_words(professional))


def find_professionals(text: str, briefing: Briefing) -> tuple[tuple[Professional, ...], str]:
    """(professionals named, the titled name said when nobody here bears it)."""
    folded = fold(text)
    for found in _TITLED.finditer(folded):
        first, *rest = found.group(1).split()
        fitting = [p for p in briefing.professionals if _fits(first, p, loose=True)]
        narrowed = [p for p in fitting if rest and _fits(rest[0], p, loose=True)]
        if fitting:
            return tuple(narrowed or fitting), ""
        if first not in STOPWORDS and first not in lexicon()["not_names"]:
            return (), first
    whole = [p for p in briefing.professionals if _whole_name(folded, p)]
    if whole:
        return tuple(whole), ""
    for found in [*_NAMED.finditer(folded), *_SPOKEN_OF.finditer(folded)]:
        first, last = found.group(1), found.group(2)
        fitting = [p for p in briefing.professionals if first == (_name_words(p) or [""])[0]]
        narrowed = [p for p in fitting if last and _fits(last, p, loose=True)]
        if fitting:
            return tuple(narrowed or fitting), ""
    return (), ""


def _whole_name(folded: str, professional: Professional) -> bool:
    words = _name_words(professional)
    return len(words) > 1 and re.search(rf"\b{words[0]}\b.*?\b{words[-1]}\b", folded) is not None


def find_unit(text: str, briefing: Briefing) -> Unit | None:
    """The unit named, by the words that tell it from the others."""
    if len(briefing.units) < 2:
        return None
    said = tokens(text)
    shared = set(tokens(briefing.clinic)) | _UNIT_NOISE | STOPWORDS
    for unit in briefing.units:
        words = [w for w in tokens(unit.name) if w not in shared] or [w for w in tokens(unit.name) if w in _UNIT_NOISE]
        if words and words[0] in _UNIT_NOISE and not re.search(rf"\b(?:n[ao]|d[ao]|unidade) {words[0]}\b", fold(text)):
            continue
        if words and all(any(alike(s, w) >= 0.8 for s in said) for w in words):
            return unit
    return None


def find_convenio(text: str, briefing: Briefing) -> Convenio | None:
    said = tokens(text)
    best: tuple[int, Convenio] | None = None
    for convenio in briefing.convenios:
        for phrase in (convenio.name, *convenio.aliases):
            words = [w for w in tokens(phrase) if w not in STOPWORDS]
            named = words and all(any(alike(s, w) >= 0.8 for s in said) for w in words)
            if named and (best is None or len(words) > best[0]):
                best = (len(words), convenio)
    if best is None:  # the first word of a longer name is enough when it is one convênio's alone
        heads = [(c, (tokens(c.name) or [""])[0]) for c in briefing.convenios]
        fitting = [c for c, head in heads if len(head) > 3 and head in said]
        best = (1, fitting[0]) if len(fitting) == 1 else None
    return best[1] if best else None


def foreign_convenio(text: str) -> str:
    """A well-known convênio said, whatever this clinic takes; "" when none."""
    said = f" {' '.join(tokens(text))} "
    known: list[str] = lexicon()["known_convenios"]
    return next((name for name in known if f" {fold(name)} " in said), "")
