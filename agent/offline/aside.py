"""What a message says only to set it aside: the visit one already has, the time one leaves, the service one does not mean.

A message is read in pieces, cut at its signs and before the words that open a wish or a contrast; a piece set aside is taken
out, and what is left is what is wished. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.offline import entities
from agent.offline.spelling import fold, tokens
from agent.offline.temporal import When, find_when
from agent.offline.view import Briefing, Dialogue, Visit

_CUT = re.compile(
    r"(?<=[,;!?…\n])|(?<=[.:])(?=\s)|(?=\b(?:em vez d|ao inv[eé]s d|no lugar d|mas\b|por[eé]m\b|s[oó] que\b|ent[aã]o\b"
    r"|e n[aã]o\b|quero\b|queria\b|prefiro\b|consig[ao]\b|consegue\b|tem\b|teria\b|pode\b|d[aá] p|vamos de\b|volta p"
    r"|p(?:ra|ro|ara|ras|ros)\b|pel[ao]\b|por (?:um|uma|outr[oa])\b))",
    re.IGNORECASE,
)
_HAVE = re.compile(
    r"\b(?:(?:ja |que )?(?:tenho|temos|tinha)|ja (?:marquei|agendei)|marquei|(?:bate|coincide|choca) com"
    r"|estou (?:n[ao]|com)|(?:e|eh|era|fica|ta|esta) (?:a|o)|e que (?:a|o)|tem a minha|(?:a|o) (?:minha|meu))\b"
)
_KEPT = re.compile(
    r"\b(?:mantem|mantenha|fica|ficam|deixa|continua|continuam|segue|nao mexe|nao precisa|(?:eu |ela |ele )?vou(?: sim)?"
    r"|(?:ela |ele )?vai(?: sim)?|sim|nao)\W*$"
)
_LEAVES = re.compile(r"\b(?:cancel|desmarc|remarc|reagend|mud[ae]|troc|adi[ae]|nao (?:vou|vai|posso|consigo))")
_REFUSED = re.compile(
    r"^\W*(?:(?:e|mas|opa|sim|errei|ai)\W+)*(?:nao\b(?!\W*,)|em vez d|ao inves d|no lugar d|sem ser |troc(?:a|ar|o|ue) )"
    r"|\bnao\W*$"
)
_STORY = 40  # words
_PAPER = re.compile(
    r"\b(?:pedido|guia|encaminhamento|requisi[cç][aã]o|indica[cç][aã]o|solicita[cç][aã]o|laudo) d(?:[ao]s?|e) (?:minha |meu )?"
    r"(?:m[eé]dic[oa]|doutora?|dr[ao]?\b\.?|dentista|gineco\w*|dermato\w*|nutri\w*|\w+logista|cl[ií]nic[oa](?: geral)?)",
    re.IGNORECASE,
)
_SHIFTS = re.compile(
    r"\b(?:passa|passar|passe|passem|jog\w+|empurr\w+|pux\w+|adiant\w+|antecip\w+|adi(?:a|ar|e)|mud\w+|troc\w+|transfer\w+"
    r"|deix(?:a|ar|e)|bot(?:a|ar|e)|poe|por|coloc\w+)\b.{0,40}?"
    r"\b(?:para|pras?|pros?|pel[ao]s?|mais (?:cedo|tarde|para frente))\b"
)
_UNABLE = re.compile(
    r"\b(?:nao (?:vou|vai|consigo|posso|tenho como|da)|surgiu|apareceu|em vez d|ao inves d|no lugar d|prova|compromisso)"
)
_ANEW = re.compile(r"\b(?:marcar|agendar|tambem|outra|mais uma|nova consulta)\b")


@dataclass(frozen=True, slots=True)
class Wished:
    """What is left of a message; what is left of it about time; and the handles of the visits whose time it leaves.

    `leaves` holds "" for a time that was just read back and is left for another.
    """

    text: str
    timed: str
    leaves: tuple[str, ...] = ()


def pieces(text: str) -> list[str]:
    return [piece for piece in _CUT.split(text) if piece]


def wished(text: str, briefing: Briefing, d: Dialogue) -> Wished:
    """`text` without what it says of visits that stand, of what is to be kept, and of the times it leaves for others."""
    parts = _without(pieces(text), lambda part: bool(d.task == "book" and _own_visit(part, briefing)))
    if len(briefing.visits) > 1 and _LEAVES.search(fold(text)):
        parts = _without(parts, lambda part: bool(_KEPT.search(fold(part)) and not _LEAVES.search(fold(part))))
    timed, leaves = _without_left(parts, _on_the_table(text, briefing, d), briefing)
    return Wished("".join(parts), "".join(timed), leaves)


def request(text: str, wish: Callable[[str], bool], briefing: Briefing) -> str:
    """Of a long message, the part from the sentence that wishes for something of ours on: what came before was a story."""
    if len(text.split()) < _STORY:
        return text
    parts = re.split(r"(?<=[.!?;\n])\s+|,\s+(?=mas\b|ent[aã]o\b|agora\b)", text)
    for place, part in enumerate(parts):
        if wish(fold(part)) and entities.find_services(part, briefing).services:
            return " ".join(parts[place:])
    return text


def without_refused(text: str, briefing: Briefing) -> str:
    """`text` without who wrote a paper ("o pedido da médica"), nor, when another is named, the services not meant."""
    text = _PAPER.sub(" ", text)
    parts = pieces(text)
    kept = [part for part in parts if not (_REFUSED.search(fold(part)) and entities.find_services(part, briefing).services)]
    rest = "".join(kept)
    return rest if len(kept) < len(parts) and entities.find_services(rest, briefing).services else text


def retimes(folded: str, when: When, left: bool, briefing: Briefing, services: Sequence[str]) -> bool:
    """Whether a message, whose wished time is `when`, asks for another time for a visit that stands."""
    booked = {visit.service for visit in briefing.visits}
    if not booked or (services and not booked & set(services)):
        return False
    if not when and not re.search(r"\bmais (?:cedo|tarde)\b", folded):
        return False
    if _ANEW.search(folded) and not left:
        return False
    return bool(
        _SHIFTS.search(folded) or (left and (_UNABLE.search(folded) or re.search(r"\?|\bpode ser\b|\bquero\b", folded)))
    )


def _without(parts: list[str], aside: Callable[[str], bool]) -> list[str]:
    """The pieces that are not set aside; all of them when nothing would be left."""
    kept = [part for part in parts if not aside(part)]
    return kept if any(re.search(r"\w", part) for part in kept) else parts


def _own_visit(part: str, briefing: Briefing) -> Visit | None:
    """The visit that stands of which the piece speaks: "tenho a nutri", "10h é a Sofia"."""
    folded = fold(part)
    if not briefing.visits or not _HAVE.search(folded):
        return None
    named = {service.name for service in entities.find_services(part, briefing).services}
    said = set(tokens(part))
    return next((v for v in briefing.visits if v.service in named or set(tokens(v.person)[:1]) & said), None)


def _on_the_table(text: str, briefing: Briefing, d: Dialogue) -> list[tuple[str, datetime]]:
    """(handle, time) of the visits the message may be about, and of what was just read back."""
    named = {service.name for service in entities.find_services(text, briefing).services}
    booked = () if d.task == "book" else briefing.visits
    times = [(visit.visit, visit.starts_at) for visit in booked if not named or visit.service in named]
    summary = (briefing.proposal or {}).get("summary") or {}
    if d.expect in ("confirm", "fix") and summary.get("starts_at"):
        times.append(("", datetime.fromisoformat(str(summary["starts_at"])).replace(tzinfo=None)))
    return times


def _without_left(parts: list[str], times: list[tuple[str, datetime]], briefing: Briefing) -> tuple[list[str], tuple[str, ...]]:
    """The pieces without those that only say a time on the table, when another time is said in their place."""
    read = [find_when(part, briefing.now, briefing.zone) for part in parts]
    own = [[handle for handle, at in times if when and _is(when, at)] for when in read]
    others = [when for when, mine in zip(read, own, strict=True) if when and not mine]
    # An hour is left only for another hour: "na quinta, dia 3, às 14h30" may be the hour one has.
    gone = [bool(mine) and any((when.names_day or other.names_time) and not _same_weekday(when, other) for other in others)
            for when, mine in zip(read, own, strict=True)]  # fmt: skip
    if not any(gone):
        return parts, ()
    meant = [set(mine) for mine, out in zip(own, gone, strict=True) if out]
    leaves = set.intersection(*meant) or set.union(*meant)
    return [part for part, out in zip(parts, gone, strict=True) if not out], tuple(sorted(leaves))


def _same_weekday(one: When, other: When) -> bool:
    """ "Na quinta, dia 3": two ways to say one day."""
    a, b = one.meant.first_day, other.meant.first_day
    return a is not None and b is not None and a.weekday() == b.weekday() and not one.names_time


def _is(when: When, at: datetime) -> bool:
    """Whether the words say this very time, or its day, or its hour, and no other."""
    m = when.meant
    if m.not_dates == (at.date(),) and m.first_day is None:
        return True
    if m.first_day is None and m.weekdays and set(range(7)) - set(m.weekdays) == {at.weekday()}:
        return True  # "em vez de quinta", "quinta não"
    day = m.first_day == m.last_day == at.date() if when.names_day else True
    if not day or m.or_at or m.dates:
        return False
    if not when.names_time:
        return when.names_day
    return when.point == at.time() or (when.point is None and when.names_day and when.covers_time(at.time()))
