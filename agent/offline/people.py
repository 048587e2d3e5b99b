"""Who the visit is for: names and family words in what the patient wrote. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from agent.offline.lexicon import lexicon
from agent.offline.spelling import STOPWORDS, fold, tokens
from agent.offline.view import Briefing, Person
from clinic.patients.names import same, tidy
from kit.text import plain, strip_hidden

_WORD = r"[^\W\d_][^\W\d_'’-]*"
_NAME = rf"({_WORD}(?:\s+{_WORD}){{0,6}})"
_NOT = r"(?<!não )(?<!nao )(?<!num )(?<!ñ )(?<!\bn )"  # "não sou a Ana" is nobody's name
_SAID = re.compile(
    rf"(?:meu nome(?: completo| social)?(?: (?:é|eh|e)\b|:)?|nome(?: completo| social)?(?: del[ea]| da (?:paciente|crian[cç]a)"
    rf"| do paciente)?\s*(?:(?:é|eh|e)\b|:|-)?\s*|me chamo|se chama|chama-se|(?:ele|ela) (?:é|eh) [oa]\s"
    rf"|aqui (?:é|eh) (?:[oa]\s)?|{_NOT}(?:eu )?sou [oa]\s"
    rf"|em nome d[eao]\s|no nome d[eao]\s|paciente(?: é|:)\s?"
    rf"|pode (?:colocar|p[oô]r|botar|marcar)(?: a[ií])? (?:em nome d[eao]|como|no nome d[eao])\s"
    rf"|chamad[ao]\s|(?:o|a) nome (?:dele|dela) (?:é|eh)\s)\s*{_NAME}",
    re.IGNORECASE,
)
_AM = re.compile(rf"{_NOT}\b(?:eu )?sou\s+{_NAME}", re.IGNORECASE)
_PATIENT = re.compile(rf"\bpaciente\b\W*{_NAME}", re.IGNORECASE)
_IS = re.compile(rf"(?:não|nao|errado|na verdade)\W+(?:(?:é|eh|o nome é)\s+)(?:[oa]\s+)?{_NAME}", re.IGNORECASE)
_FOR = re.compile(rf"(?:para|pra|pro|p/|pr[ao])\s+(?:[oa]\s+)?(?:(?:minha|meu|nossa|nosso)\s+{_WORD}\s*,?\s+)?"
                  rf"(?:[oa]\s+)?(?:(?:dona|seu|sr\.?|sra\.?)\s+)?{_NAME}", re.IGNORECASE)  # fmt: skip
_MY = re.compile(rf"\b(?:minha|meu|nossa|nosso)\s+({_WORD})\s*[,:]?\s+(?:(?:se chama|chamad[ao]|é|a|o|dona|seu)\s+)?{_NAME}",
                 re.IGNORECASE)  # fmt: skip
# Who attends, not who comes.
_TITLED = re.compile(r"\b(?:[Dd]ra?|[Dd]outora?|DRA?)\b\.?\s+[^\W\d_]+(?:\s+[A-ZÀ-Ý][^\W\d_]+)*")
_CAPITALS = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-ZÀ-Ý][a-zà-ÿ'’]+(?:\s+(?:d[aeo]s?\s+)?[A-ZÀ-Ý][a-zà-ÿ'’]+)+")
_ABOUT_WHERE = {"em", "no", "na", "nos", "nas", "num", "numa", "com", "tava", "estava", "tavamos", "estavamos", "estive", "fui"}
_BEGINS = re.compile(r"(?:^|[.!?]\s+)([A-ZÀ-Ý][a-zà-ÿ'’]+)\s+$")
_SUFFIXES = {"nascimento", "filho", "neto", "sobrinho", "junior", "segundo"}
_LEAD_IN = re.compile(r"^\W*(?:(?:na verdade|não|nao|é|eh|o nome|nome)\W+)*", re.IGNORECASE)
_INTRODUCES = re.compile(
    rf"\b(?:aqui (?:é|eh|e)\b|{_NOT}(?:eu )?sou\b|me chamo\b|meu nome(?: completo| social)?(?: (?:é|eh|e)\b|:)?)\s*"
    rf"(?:[oa]\s)?{_NAME}", re.IGNORECASE
)  # fmt: skip
_SPEAKING = re.compile(r"\b([A-ZÀ-Ý][\w'’-]+(?:\s+[\w'’-]+){0,5}?)\s+(?:falando|aqui)\b")
_PARTICLES = {"da", "de", "do", "das", "dos", "e", "di", "del"}
_SPLIT = re.compile(r"[,.;:!?\n()/]+|\s+-\s+|\d+")


@dataclass(frozen=True, slots=True)
class Whom:
    """`name` as a form writes it, `relationship` as for_whom takes it, `word` the family word said ("filha")."""

    name: str = ""
    relationship: str = ""
    word: str = ""
    also: str = ""  # a second person of this contact, named beside the first


def without(text: str, name: str) -> str:
    """`text` with the name said in it taken out."""
    words = r"\W+".join(re.escape(word) for word in name.split())
    return re.sub(rf"\b{words}\b", " ", text, flags=re.IGNORECASE) if name else text


def introduced(text: str, briefing: Briefing) -> list[str]:
    """The names under which whoever writes presents themselves: "aqui é a Lia", "me chamo Lia Sá", "Lia Sá falando"."""
    banned = _clinic_words(briefing)
    return [n for rule in (_INTRODUCES, _SPEAKING) for f in rule.finditer(text) if (n := _clip(f.group(1), banned))]


def _clip(words: str, banned: frozenset[str]) -> str:
    return tidy(" ".join(_leading(words, banned)))


def _leading(words: str, banned: frozenset[str]) -> list[str]:
    """The leading words that may be a person's name, as written."""
    kept: list[str] = []
    for word in words.split():
        low = plain(word).strip(".'’-")
        if low in _PARTICLES:
            if not kept:
                break
            kept.append(word)
        elif kept and low in _SUFFIXES and word[:1].isupper():
            kept.append(word)
        elif low in _stops() or low in banned or len(low) < 2 or not re.search("[aeiouy]", low):
            break
        elif word[:1].islower() and sum(other[:1].isupper() for other in kept) > 1:
            break  # "Ivo Lins e tenho 40 anos", "Davi Rocha então"
        else:
            kept.append(word)
    while kept and plain(kept[-1]) in _PARTICLES:
        kept.pop()
    return kept


@cache
def _stops() -> frozenset[str]:
    """Words that no name goes on with: "em reunião" is nobody, "de Souza" is."""
    return frozenset(lexicon()["name_stops"]) | (STOPWORDS - _PARTICLES)


# "Bom dia, minha filha": what a kind old lady calls the receptionist; "a Bia, minha filha" is somebody.
_CHILD = r"(?:minha|meu) (?:fil?h[oa]|fi[oa])"
_GREETED = r"bom dia|boa tarde|boa noite|oi|ol[aá]|obrigad[oa]|sim|n[aã]o|olha|viu|t[aá]|mesmo|isso"
_VOCATIVE = re.compile(
    rf"(?i:\b(?:{_GREETED})\W+{_CHILD}(?=\s*[.,!?\n]|\s*$))|^\W*(?i:{_CHILD})(?=\s*[.!]|\s*,\s*[a-zà-ÿ])"
    rf"|(?<=[a-zà-ÿ\d]),\s*(?i:{_CHILD})(?=\s*[.!?\n]|\s*$)"
)
_BESIDE = re.compile(rf"[A-ZÀ-Ý][\w'’-]*,\s*(?i:{_CHILD})")


_IN_PASSING = re.compile(r"\b(?:lev\w+|busc\w+|cuid\w+ d[aeo]?|mor\w+ com|deix\w+|indicacao|indicad[ao])\s*$")


def relationship(text: str) -> tuple[str, str]:
    """(relationship, word said) of the family word after "minha", "meu", "da", "pro"…; ("", "") when none."""
    folded = fold(text if _BESIDE.search(text) else _VOCATIVE.sub(" ", text))
    for kind, words in lexicon()["relationships"].items():
        for word in words:
            said = re.search(
                rf"\b(?:minha|meu|minhas|meus|nossa|nosso|para (?:a|o)|para uma?|d[ao]|pel[ao]|uma?)\s+{plain(word)}\b", folded
            )
            if said and not _IN_PASSING.search(folded[: said.start()]):
                return kind, plain(word)
    return "", ""


def kin_known(kin: tuple[str, str], briefing: Briefing) -> bool:
    """Whether this contact speaks for somebody of that (relationship, word)."""
    return any(p.relationship == kin[0] for p in briefing.people)


def kin_relationship(word: str) -> str:
    """The relationship a family word names ("marido" → "spouse"); "other" for an unknown one."""
    return next((kind for kind, words in lexicon()["relationships"].items() if word in words), "other")


def find_whom(text: str, briefing: Briefing, asked: str) -> Whom:
    """Whose visit `text` speaks of. A bare name counts when a name was what Carol `asked` for, or beside open slots when
    it is written as one ("Ana Lima")."""
    kind, word = relationship(text)
    clean = _TITLED.sub(" doutor ", strip_hidden(text))
    banned = _clinic_words(briefing)
    known = _known(clean, briefing)
    said = _named(clean, banned, word if kind else "", loose=asked in ("name", "whom", "fix"))
    if said and _first(_INTRODUCES, clean, banned) == said:  # who writes is not always who comes
        other = next((n for n in known if not same(n, said)), "")
        said = (_kin_name(clean, banned, word, loose=False) or other) if kind else other or said
        return Whom(said, kind, word)
    both = len(known) == 2 and re.search(r"\be\b", fold(clean)) is not None
    if both and (not said or any(same(said, name) for name in known)):
        return Whom(known[0], kind, word, known[1])
    if not said and asked in ("name", "whom", "fix"):
        said = _bare(clean, banned)
    if not said and asked not in ("name", "whom", "fix"):
        said = _written_as_name(clean, banned, briefing)
    return Whom(said or (known[0] if len(known) == 1 else ""), kind, word)


def _named(text: str, banned: frozenset[str], kin: str, *, loose: bool) -> str:
    """The name that words around it announce: "me chamo", "em nome de", "minha filha Bia", "pra Sofia"."""
    said = _first(_SAID, text, banned)
    if not said and kin:
        said = _kin_name(text, banned, kin, loose=loose)
    for rule in (_AM, _PATIENT, _IS, _FOR):
        if not said:
            said = next((n for f in rule.finditer(text) if (n := _proper(f.group(1), banned, loose=False))), "")
    return said


def _kin_name(text: str, banned: frozenset[str], kin: str, *, loose: bool) -> str:
    """The name beside the family word: "minha filha Bia"."""
    beside = (f for f in _MY.finditer(text) if plain(f.group(1)) == kin)
    return next((n for f in beside if (n := _proper(f.group(2), banned, loose=loose))), "")


def _first(pattern: re.Pattern[str], text: str, banned: frozenset[str]) -> str:
    return next((n for f in pattern.finditer(text) if (n := _clip(f.group(1), banned))), "")


def _proper(words: str, banned: frozenset[str], loose: bool) -> str:
    """A name only when it is written as one (capital letter) or `loose`."""
    name = _clip(words, banned)
    return name if name and (loose or words.strip()[:1].isupper()) else ""


def _bare(text: str, banned: frozenset[str]) -> str:
    """The piece of the message that is a name and nothing else; the longest one."""
    pieces: list[str] = []
    every = [piece for piece in _SPLIT.split(text) if piece.strip()]
    for piece in every:
        words = piece.split()
        if words and plain(words[0]) in _ABOUT_WHERE:
            continue  # "estava no trânsito", "com pressa"
        while words and (plain(words[0]) in _stops() or plain(words[0]) in _PARTICLES):
            words = words[1:]
        kept = _leading(" ".join(words), banned)
        rest, name = words[len(kept) :], tidy(" ".join(kept))
        if len(kept) == 1 and len(every) > 1 and not kept[0][:1].isupper():
            continue  # "não achou? …", "isso, sim, confirmado": a word among others, where a whole name was asked for
        if name and len(kept) <= 7 and all(plain(w) in _stops() or plain(w) in banned for w in rest):
            pieces.append(name)
    return max(pieces, key=lambda n: (len(n.split()), len(n)), default="")


def _written_as_name(text: str, banned: frozenset[str], briefing: Briefing) -> str:
    """A piece between signs that is two or more capitalised words and nothing else but common ones after them."""
    for piece in re.split(r"[,;\n.?!]|\s+-\s+", text):
        words = _LEAD_IN.sub("", piece).split()
        while len(words) > 2 and not words[-1][:1].isupper() and plain(words[-1]) in _stops() | _PARTICLES:
            words.pop()
        if 2 <= len(words) <= 7 and all(w[:1].isupper() or plain(w) in _PARTICLES for w in words):
            name = _clip(" ".join(words), banned)
            if len(name.split()) == len(words) and _personal(name, briefing):
                return name
    for found in _CAPITALS.finditer(text):
        begins = _BEGINS.search(text[: found.start()])  # a name's first word may be a sentence's, too
        whole = found.group() if not begins or not _clip(begins.group(1), banned) else f"{begins.group(1)} {found.group()}"
        name = _clip(whole, banned)
        if name == tidy(whole) and _personal(name, briefing) and not _of_the_place(name, briefing):
            return name
    return ""


def _personal(name: str, briefing: Briefing) -> bool:
    """Whether it is nobody's of the house, and no word of it of a place, an office or a feast ("Avenida Amazonas")."""
    ours = any(same(tidy(p.name), name) for p in briefing.professionals)
    return not ours and not set(tokens(name)) & set(lexicon()["not_persons"])


def _of_the_place(name: str, briefing: Briefing) -> bool:
    """Whether the words are the clinic's own or its city's ("Belo Horizonte")."""
    told = " ".join((briefing.clinic, briefing.persona, briefing.about, *(u.address for u in briefing.units)))
    return plain(name) in plain(told)


def _known(text: str, briefing: Briefing) -> list[str]:
    """The people this contact speaks for whose first names are said, in the order said; the best fit of each first name."""
    said = tokens(text)
    professionals = {t for p in briefing.professionals for t in tokens(p.name)}
    first = {p.name: (tokens(p.name) or [""])[0] for p in briefing.people}
    found = {name: head for name, head in first.items() if head in said and head not in professionals}
    fits = {name: len(set(said) & set(tokens(name))) for name in found}
    best = [name for name, head in found.items() if fits[name] == max(fits[n] for n, h in found.items() if h == head)]
    twins = {head for head in found.values() if sum(found[name] == head for name in best) > 1}
    return sorted((name for name in best if found[name] not in twins), key=lambda name: said.index(found[name]))


def _clinic_words(briefing: Briefing) -> frozenset[str]:
    """Words of this clinic's services and convênios: never a person's name."""
    texts = [n for s in briefing.services for n in (s.name, *s.aliases, s.category)]
    texts += [n for c in briefing.convenios for n in (c.name, *c.aliases)]
    texts += lexicon()["known_convenios"]
    texts += [p.specialty for p in briefing.professionals] + [u.name for u in briefing.units]
    # "Retorno com a Dra. Helena" does not keep a patient from being called Helena.
    people = {t for p in briefing.professionals for t in tokens(p.name)} | {"sao", "francisco", "alice", "caixa"}
    return frozenset(t for text in texts for t in tokens(text) if len(t) > 2 and t not in people)


def match_people(whom: Whom, briefing: Briefing) -> tuple[Person, ...]:
    """People of this contact who fit a name or a relationship."""
    if whom.name:
        return tuple(p for p in briefing.people if same(p.name, whom.name))
    if whom.relationship:
        return tuple(p for p in briefing.people if p.relationship == whom.relationship)
    return ()
