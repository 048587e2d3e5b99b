"""What the words around a date or an hour make of it: refused, a limit, a range, or the target of a move. Pure."""

from __future__ import annotations

import re

_CHANGE = re.compile(r"\b(?:remarc|reagend|mud[ae]|troc|transfer|adi[ae]|antecip|pass[ae]r?\b|alter)\w*")
_TARGET = re.compile(r"\b(?:pra|para|pro|pras|p/|por)\b")

_CANNOT = (
    r"nao (?:pode(?:ria)? ser|posso|consigo|quero|da|rola|vou poder|vou conseguir|seja|tenho como|trabalho bem|pode|podia)"
)
_NOT_BEFORE = re.compile(
    rf"(?:\b(?:menos|exceto|tirando|fora|sem ser|so nao|que nao(?: seja| fosse)?|{_CANNOT})"
    r"(?: (?:n[ao]s?|de|d[ao]s?|em|a|as|pra|para|no dia|dia|ir|marcar))*|(?<!se )(?<!,)(?<!, )\bnao)\s*$"
)
_NOT_AFTER = re.compile(
    r"\s*,?\s*(?:eu |ja |infelizmente |tambem )*(?:nao|n)"
    r"(?:\s+(?:da|posso|consigo|quero|rola|vou|serve|pode|vai|tenho como|e bom|gosto|trabalho)\b|\s*(?:[,.;!]|$|mas))"
)
OR = re.compile(
    r"[\s,/#]*(?:\b(?:ou|e|nem|ou entao|ou na|ou no|se nao|senao)\b)?[\s,/]*"
    r"(?:n[ao]s?|d[aeo]s?|a|as|de|pra|para|dia|em)?[\s,]*"
)
"""Between two things of which either will do."""
UP_TO = re.compile(r"\s*(?:,?\s*(?:a|ao|ate|ate [ao]|-|pra|para)|(?P<e>e))\s*(?:dia|a|o|as)?\s*")
"""Between the ends of a range; `e` is only one after "entre"."""

_AFTER = re.compile(r"\b(?:depois|dps|apos)(?: d[aeo]s?| [aeo]s?)?(?: dia)?\s*$")
_FROM = re.compile(r"\b(?:a partir|apartir|a part)(?: d[aeo]s?| [ao]s?)?(?: dia)?\s*$")
_ONWARDS = re.compile(r"\s*(?:em|pra|para) (?:diante|frente)\b|\s*(?:ou|e) depois\b")
_BEFORE = re.compile(r"\bantes(?: d[aeo]s?)?(?: dia)?\s*$")
_UNTIL = re.compile(r"\bate(?: no maximo| umas)?(?: [ao]s?| n[ao])?(?: dia| final d[aeo]| fim d[aeo])?\s*$")


def moved_to(plain: str, spans: list[tuple[int, int]]) -> int:
    """Where the new date begins in "mudar de terça para quinta"; 0 when nothing is being moved."""
    change = _CHANGE.search(plain)
    if change is None:
        return 0
    for target in _TARGET.finditer(plain, change.end()):
        if any(0 <= start - target.end() <= 12 for start, _ in spans):
            return target.end()
    return 0


def refusals(plain: str, spans: list[tuple[int, int]]) -> set[int]:
    """The starts of the spans the message says no to: "terça não posso", "menos segunda e sexta"."""
    starts: set[int] = set()
    listed, previous = False, 0
    for start, end in spans:
        gap, previous = plain[previous:start], end
        joined = listed and OR.fullmatch(gap) is not None and re.search(r"\b(?:e|nem)\b", gap) is not None
        listed = joined or _NOT_BEFORE.search(plain[:start]) is not None
        if listed or _NOT_AFTER.match(plain, end):
            starts.add(start)
    return starts


def direction(plain: str, start: int, end: int) -> str:
    """Which side of the span is meant: "after" it, "from" it on, "before" it, "until" it, or the span itself: ""."""
    lead = plain[:start]
    if _AFTER.search(lead):
        return "after"
    if _FROM.search(lead) or _ONWARDS.match(plain, end):
        return "from"
    if _BEFORE.search(lead):
        return "before"
    return "until" if _UNTIL.search(lead) else ""
