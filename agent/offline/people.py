"""Who the visit is for: names and family words in what the patient wrote. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.offline.lexicon import lexicon
from agent.offline.spelling import fold, tokens
from agent.offline.view import Briefing, Person
from clinic.patients.names import same, tidy
from kit.text import plain, strip_hidden

_WORD = r"[^\W\d_][^\W\d_'’-]*"
_NAME = rf"({_WORD}(?:\s+{_WORD}){{0,6}})"
_SAID = re.compile(
    rf"(?:meu nome(?: completo)?(?: é| eh| e|:)?|nome(?: completo)?(?: del[ea]| da (?:paciente|crian[cç]a)| do paciente)?"
    rf"\s*(?:é|eh|e|:|-)?\s*|me chamo|se chama|chama-se|(?:ele|ela) (?:é|eh) [oa]\s|aqui (?:é|eh) (?:[oa]\s)?"
    rf"|(?:eu )?sou [oa]\s"
    rf"|em nome d[eao]\s|no nome d[eao]\s|paciente(?: é|:)\s?"
    rf"|pode (?:colocar|p[oô]r|botar|marcar)(?: a[ií])? (?:em nome d[eao]|como|no nome d[eao])\s"
    rf"|chamad[ao]\s|(?:o|a) nome (?:dele|dela) (?:é|eh)\s)\s*{_NAME}",
    re.IGNORECASE,
)
_AM = re.compile(rf"\b(?:eu )?sou\s+{_NAME}", re.IGNORECASE)
_IS = re.compile(rf"(?:não|nao|errado|na verdade)\W+(?:(?:é|eh|o nome é)\s+)(?:[oa]\s+)?{_NAME}", re.IGNORECASE)
_FOR = re.compile(rf"(?:para|pra|pro|p/|pr[ao])\s+(?:[oa]\s+)?(?:(?:minha|meu|nossa|nosso)\s+{_WORD}\s*,?\s+)?"
                  rf"(?:[oa]\s+)?(?:(?:dona|seu|sr\.?|sra\.?)\s+)?{_NAME}", re.IGNORECASE)  # fmt: skip
_MY = re.compile(rf"\b(?:minha|meu|nossa|nosso)\s+({_WORD})\s*[,:]?\s+(?:(?:se chama|chamad[ao]|é|a|o|dona|seu)\s+)?{_NAME}",
                 re.IGNORECASE)  # fmt: skip
# Who attends, not who comes.
_TITLED = re.compile(r"\b(?:[Dd]ra?|[Dd]outora?|DRA?)\b\.?\s+[^\W\d_]+(?:\s+[A-ZÀ-Ý][^\W\d_]+)*")
_LEAD_IN = re.compile(r"^\W*(?:(?:na verdade|não|nao|é|eh|o nome|nome)\W+)*", re.IGNORECASE)
_PARTICLES = {"da", "de", "do", "das", "dos", "e", "di", "del"}
_SPLIT = re.compile(r"[,.;:!?\n()/]+|\s+-\s+|\d+")


@dataclass(frozen=True, slots=True)
class Whom:
    """`name` as a form writes it, `relationship` as for_whom takes it, `word` the family word said ("filha")."""

    name: str = ""
    relationship: str = ""
    word: str = ""


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
        elif low in _stops() or low in banned or len(low) < 2:
            break
        else:
            kept.append(word)
    while kept and plain(kept[-1]) in _PARTICLES:
        kept.pop()
    return kept


def _stops() -> frozenset[str]:
    return frozenset(lexicon()["name_stops"])


def relationship(text: str) -> tuple[str, str]:
    """(relationship, word said) of the family word after "minha", "meu", "da", "pro"…; ("", "") when none."""
    folded = fold(text)
    for kind, words in lexicon()["relationships"].items():
        for word in words:
            if re.search(
                rf"\b(?:minha|meu|minhas|meus|nossa|nosso|para (?:a|o)|para uma?|d[ao]|pel[ao]|uma?)\s+{plain(word)}\b", folded
            ):
                return kind, plain(word)
    return "", ""


def kin_relationship(word: str) -> str:
    """The relationship a family word names ("marido" → "spouse"); "other" for an unknown one."""
    return next((kind for kind, words in lexicon()["relationships"].items() if word in words), "other")


def find_whom(text: str, briefing: Briefing, asked: str) -> Whom:
    """Whose visit `text` speaks of. A bare name counts when a name was what Carol `asked` for, or beside open slots when
    it is written as one ("Ana Lima")."""
    expecting = asked in ("name", "whom", "fix")
    kind, word = relationship(text)
    clean = _TITLED.sub(" doutor ", strip_hidden(text))
    banned = _clinic_words(briefing)
    said = _first(_SAID, clean, banned)
    if not said and kind:
        for found in _MY.finditer(clean):
            if plain(found.group(1)) == word:
                said = said or _proper(found.group(2), banned, loose=expecting)
    if not said:
        said = next(
            (n for rule in (_AM, _IS) for f in rule.finditer(clean) if (n := _proper(f.group(1), banned, loose=False))), ""
        )
    if not said:
        said = next((n for f in _FOR.finditer(clean) if (n := _proper(f.group(1), banned, loose=False))), "")
    if not said and expecting:
        said = _bare(clean, banned)
    if not said and asked in ("slot", "service", "when", "confirm", ""):
        said = _written_as_name(clean, banned, briefing)
    if not said:
        said = _known(clean, briefing)
    return Whom(said, kind, word)


def _first(pattern: re.Pattern[str], text: str, banned: frozenset[str]) -> str:
    return next((n for f in pattern.finditer(text) if (n := _clip(f.group(1), banned))), "")


def _proper(words: str, banned: frozenset[str], loose: bool) -> str:
    """A name only when it is written as one (capital letter) or `loose`."""
    name = _clip(words, banned)
    return name if name and (loose or words.strip()[:1].isupper()) else ""


def _bare(text: str, banned: frozenset[str]) -> str:
    """The piece of the message that is a name and nothing else; the longest one."""
    pieces = []
    for piece in _SPLIT.split(text):
        words = piece.split()
        while words and (plain(words[0]) in _stops() or plain(words[0]) in _PARTICLES):
            words = words[1:]
        kept = _leading(" ".join(words), banned)
        rest, name = words[len(kept) :], tidy(" ".join(kept))
        if name and len(kept) <= 7 and all(plain(w) in _stops() or plain(w) in banned for w in rest):
            pieces.append(name)
    return max(pieces, key=lambda n: (len(n.split()), len(n)), default="")


def _written_as_name(text: str, banned: frozenset[str], briefing: Briefing) -> str:
    """A piece between commas that is two or more capitalised words and nothing else."""
    for piece in re.split(r"[,;\n.]|\s+-\s+", text):
        words = _LEAD_IN.sub("", piece).split()
        if 2 <= len(words) <= 7 and all(w[:1].isupper() or plain(w) in _PARTICLES for w in words):
            name = _clip(" ".join(words), banned)
            if len(name.split()) == len(words) and not any(same(tidy(p.name), name) for p in briefing.professionals):
                return name
    return ""


def _known(text: str, briefing: Briefing) -> str:
    """Someone this contact speaks for, named by the first name."""
    said = set(tokens(text))
    fitting = [p for p in briefing.people if (tokens(p.name) or [""])[0] in said]
    professionals = {t for p in briefing.professionals for t in tokens(p.name)}
    fitting = [p for p in fitting if tokens(p.name)[0] not in professionals]
    return fitting[0].name if len(fitting) == 1 else ""


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
