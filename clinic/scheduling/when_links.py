"""What the words around a date or an hour make of it: refused, a limit, a range, or the target of a move. Pure."""

from __future__ import annotations

import re

_CHANGE = re.compile(r"\b(?:remarc|reagend|mud[ae]|troc|transfer|adi[ae]|antecip|pass[ae]r?\b|alter)\w*")
# How far back the words that bear on a date or an hour are looked for.
_REACH = 60
_BOOKING = re.compile(r"\b(?:marc|agend)\w*")
_TARGET = re.compile(r"\b(?:(?:pra|para|pro|pras|por|pel[ao]s?)\b|p/)")

_CANNOT = (
    r"nao (?:pode(?:ria)? ser|posso|consigo|quero|da|rola|vou poder|vou conseguir|seja|tenho como|trabalho bem|pode|podia)"
)
_NOT_BEFORE = re.compile(
    rf"(?:\b(?:(?:em vez|ao inves|no lugar) d(?:[ao]s?|e)|menos|nada de|exceto|tirando|fora|sem ser"
    rf"|so nao|que nao(?: seja| fosse)?|{_CANNOT})"
    r"(?: (?:n[ao]s?|de|d[ao]s?|em|a|as|pra|para|no dia|dia|ir|marcar)){0,4}|(?<!se )(?<!,)(?<!, )\bnao)\s*$"
)
_NOT_AFTER = re.compile(
    r"\s*,?\s*(?:eu |ja |infelizmente |tambem ){0,3}(?:nao|n)"
    r"(?:\s+(?:da|posso|consigo|quero|rola|vou|serve|pode|vai|tenho como|e bom|gosto|trabalho)\b|\s*(?:[,.;!]|$|mas))"
    r"|\s*,?\s*(?:que )?eu (?:ja |so )?(?:trabalho|estudo|viajo|(?:estou|vou estar) (?:\w+ndo|fora)|"
    r"tenho (?:aula|compromisso|reuniao|plantao|prova))\b(?!\s+(?:ate|d[aeo]s?|pel[ao]|so|a|n[ao])\b)"
)
# "menos segunda, terça e quarta" refuses three; "não posso segunda, terça pode?" one.
_BUT = re.compile(r"menos|exceto|tirando|fora")
_AND = re.compile(r"\b(?:e|nem)\b")
_LISTED = re.compile(r"\b(?:e|nem)\b|^\s*,\s*$")
_NOR = re.compile(r"\s*,?\s*nem\b")
OR = re.compile(
    r"[\s,/#]*(?:\b(?:ou|e|nem|ou entao|ou na|ou no|se nao|senao)\b)?[\s,/]*"
    r"(?:n[ao]s?|d[aeo]s?|a|as|de|pra|para|dia|em)?[\s,]*"
)
"""Between two things of which either will do."""
UP_TO = re.compile(r"\s*(?:,?\s*(?:a|ao|ate|ate [ao]|-|pra|para)|(?P<e>e))\s*(?:dia|a|o|as)?\s*")
"""Between the ends of a range; `e` is only one after "entre"."""

_AFTER = re.compile(r"\b(?:depois|dps|apos)(?: d[aeo]s?| [aeo]s?)?(?: dia)?\s*$")
_FREE_AT = (
    r"(?:trabalho|estudo|ocupad[oa]|(?:tenho )?(?:aula|expediente))(?: \w+)? ate(?: as)?|"
    r"(?:saio|largo|libero|termino)(?: d[aeo]s? \w+)?(?: so)?(?: as| pelas)?"
)
_FROM = re.compile(rf"\b(?:{_FREE_AT})\s*$|\b(?:a partir|apartir|a part)(?: d[aeo]s?| [ao]s?)?(?: dia)?\s*$")
_ONWARDS = re.compile(r"\s*(?:em|pra|para) (?:diante|frente)\b|\s*(?:ou|e) depois\b")
_BEFORE = re.compile(r"\bantes(?: d[aeo]s?)?(?: dia)?\s*$")
_UNTIL = re.compile(r"\bate(?: no maximo| umas)?(?: [ao]s?| n[ao])?(?: dia| final d[aeo]| fim d[aeo])?\s*$")

_WEEK_OF = re.compile(r"\bsemana d[aeo]s?(?: dia)?\s*$")


def moved_to(plain: str, days: list[tuple[int, int]], hours: list[tuple[int, int]]) -> int:
    """Where what is asked begins: "mudar de terça para quinta", "escrevo hoje pra marcar para sexta"; 0 if anywhere."""
    change, spans = _CHANGE.search(plain), [*days, *hours]
    if change is None:
        change, spans = _BOOKING.search(plain), days
    if change is None:
        return 0
    for target in _TARGET.finditer(plain, change.end()):
        if any(0 <= start - target.end() <= 12 for start, _ in spans):
            return target.end()
    return 0


def refusals(plain: str, spans: list[tuple[int, int]]) -> set[int]:
    """The starts of the spans the message says no to: "terça não posso", "menos segunda e sexta"."""
    starts: set[int] = set()
    joiner, previous = None, 0
    for start, end in spans:
        gap, previous = plain[previous:start], end
        refusal = _NOT_BEFORE.search(plain[max(0, start - _REACH) : start])
        if refusal is not None:
            joiner = _LISTED if _BUT.match(refusal[0]) else _AND
        elif _NOR.match(plain, end):
            joiner = _AND
        elif joiner is None or not joiner.search(gap) or not OR.fullmatch(gap):
            joiner = None
        if joiner is not None or _NOT_AFTER.match(plain, end):
            starts.add(start)
    return starts


def names_its_week(plain: str, start: int) -> bool:
    """Whether the day stands for its week: "na semana do dia 20"."""
    return _WEEK_OF.search(plain[max(0, start - _REACH) : start]) is not None


def direction(plain: str, start: int, end: int) -> str:
    """Which side of the span is meant: "after" it, "from" it on, "before" it, "until" it, or the span itself: ""."""
    lead = plain[max(0, start - _REACH) : start]
    if _AFTER.search(lead):
        return "after"
    if _FROM.search(lead) or _ONWARDS.match(plain, end):
        return "from"
    if _BEFORE.search(lead):
        return "before"
    return "until" if _UNTIL.search(lead) else ""
