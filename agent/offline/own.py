"""Whether somebody asks about a visit of their own, or of one of theirs, without the word "consulta". Pure."""

from __future__ import annotations

import re

from agent.offline.people import match_people
from agent.offline.reading import Reading
from agent.offline.spelling import content
from agent.offline.view import Briefing, Dialogue

_POSSESSIVE = r"(?:minhas?|meus?|noss[oa]s?)"
_ASKS = re.compile(
    r"\b(?:que (?:dia|horas?|data|horario)|qual (?:e )?(?:o |a )?(?:dia|hora|horario|data|unidade|dentista|medic[oa])|quando"
    r"|para que (?:dia|horas?)|em que (?:dia|unidade)|em qual|com (?:quem|qual|que)|onde (?:e|vai|fica)"
    r"|(?:o|a|saber|lembr\w+) (?:dia|hora|horario|data) d[ao]|de pe|confirmad[oa]|marcad[oa]|agendad[oa])\b"
)
_HOLDS = re.compile(
    rf"\b(?:alg(?:o|uma? \w+)) (?:de )?{_POSSESSIVE}\b.{{0,15}}\b(?:marcad|agendad)|\bmeu nome\b.{{0,12}}\bagenda\b"
)
_ATTENDS = re.compile(r"\bquem\b.{0,12}\batend\w+")
_THEN = re.compile(
    r"^\W*(?:(?:e|ah|ata|ta|certo|legal|ok|entao|mas|sei|bom|entendi|beleza)\W+)*"
    r"(?:(?:a|o|as|os) (?:d[aeo]s?\b|del[ae]s?\b|minhas?\b|meus?\b|primeir\w+|segund[ao] |outr\w+|proxim\w+)"
    r"|com (?:quem|qual)\b|(?:e )?(?:que|qual) (?:dia|horas?)\W*$|onde (?:e|vai ser)\W*$|quem (?:vai )?atende)"
)
_WISHES = re.compile(r"\b(?:marcar|agendar|remarcar|desmarcar|cancelar|trocar|mudar|quero|queria|gostaria)\b")
_ELSE = frozenset({"price", "duration", "preparation", "convenio", "payment", "move", "cancel", "discount", "service_info"})


def asks(r: Reading, briefing: Briefing, d: Dialogue) -> bool:
    """A visit is asked about: what is done here, whose it is, and when, where or with whom; or more of what was just told."""
    if r.intents & _ELSE or _WISHES.search(r.folded):
        return False
    theirs = bool(match_people(r.whom, briefing))
    about = bool(r.services or r.professionals or _field(r))
    if _HOLDS.search(r.folded) or (about and _own(r) and _ASKS.search(r.folded)):
        return True
    if theirs and (_ATTENDS.search(r.folded) or (about and _of(r) and _ASKS.search(r.folded))):
        return True
    told = d.about == "my_visits" or bool(d.apart)
    return bool(told and not d.task and _THEN.search(r.folded) and (theirs or d.about == "my_visits" or (_own(r) and about)))


def _own(r: Reading) -> bool:
    return re.search(rf"\b{_POSSESSIVE} (?:\w+ )?(?:{_things(r)}|com\b|de\b|d[ao]\b)", r.folded) is not None


def _of(r: Reading) -> bool:
    """ "A nutri da minha filha": the visit is said to be of somebody."""
    return re.search(rf"\b(?:{_things(r)})\b(?: \w+)?? d[aeo]\b|\b(?:dele|dela)\b", r.folded) is not None


def _things(r: Reading) -> str:
    words = {w for s in r.services for n in (s.name, *s.aliases, s.category) for w in content(n) if len(w) > 3}
    stems = sorted(re.escape(w[: max(4, len(w) - 3)]) for w in words)
    return "|".join(
        [*(rf"{stem}[-\w]*" for stem in stems), r"consulta\w*|horario|dentista|medic[oa]|doutora?|sessao|exame|retorno"]
    )


def _field(r: Reading) -> bool:
    return re.search(r"\b(?:dentista|medic[oa]|doutora?)\b", r.folded) is not None
