"""What the clinic told Carol to mind about a service: when the team speaks first, and what comes before it. Pure.

Read from the notes as clinics write them ("Se a pessoa diz que está grávida, não marque; chame a recepção."). A condition is
met by the patient's own words in this conversation, about who is to be seen, and not by a denial of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.offline import entities
from agent.offline.acts import Reply, Steps
from agent.offline.asking import says
from agent.offline.handing import hand_over
from agent.offline.lexicon import lexicon
from agent.offline.spelling import content, fold
from agent.offline.turn import Turn, ending, keep
from agent.offline.view import Briefing, Dialogue, Service
from knowledge.wording import in_document_words

_SENTENCE = re.compile(r"(?<=[.!])\s+|\n+")
_DESK = re.compile(
    r"\b(?:nao marque|nao marcar|nao agende|abra um caso|cham\w+ a (?:recepcao|equipe)"
    r"|(?:falar?|fale) (?:antes |primeiro )?com a equipe"
    r"|passe para a (?:equipe|recepcao)|nao e (?:feit|indicad)[oa])\b"
)
_FIRST = re.compile(r"\b(?:oferec\w+|exige|(?:so |somente )?depois d[aeo]|antes vem)\b(.*)")
_WHO = re.compile(
    r"\b(?:se (?:a pessoa |[oa] paciente |el[ea] )?(?:diz(?:er)? que |disser que )?|quem |caso "
    r"|feit[oa] em |indicad[oa] (?:para|em) )"
    r"(.+?)(?=,|;|\.|$| precisa\b| deve\b| nao (?:marque|pode)\b| so\b)"
)
_LACK = re.compile(r"^\W*sem (?:o |a )?(\w+(?: \w+)?),")
_DENIED = re.compile(r"\b(?:nao|nunca|nem|sem|jamais|deixei de)\b(?:\W+\w+){0,3}\W*$")
_LACKING = r"\b(?:sem|nao tenho|nao tem|nao peguei|nao trouxe|perdi|esqueci|falta|ainda nao|nem)\b(?:\W+\w+){{0,3}}?\W+{word}"
_PARTS = re.compile(r"[.,;!?\n]+|\b(?:mas|porem|so que)\b")
_IDLE = frozenset(["pessoa", "usa", "esta", "diz", "tem", "faz", "alguma", "algum", "muita", "muito"])


@dataclass(frozen=True, slots=True)
class Held:
    """Why a service is not simply booked: `desk`, the team speaks first; else `first` comes before it, for want of `lack`."""

    desk: bool = False
    first: Service | None = None
    lack: str = ""


def held(turn: Turn, d: Dialogue, service: Service) -> Held | None:
    """What keeps `service` from being booked now, by the clinic's notes and what the patient has said; None when nothing."""
    parts = _said(turn, d)
    minded = [s for s in _SENTENCE.split(service.notes) if s.strip()]
    minded += [s for s in _SENTENCE.split(service.preparation) if re.search(r"\bnao e (?:feit|indicad)", fold(s))]
    for sentence in (fold(s) for s in minded):
        lack = _LACK.search(sentence)
        if lack and _lacks(content(lack[1])[:1], parts):
            first = _named_first(sentence, service, turn.briefing)
            return Held(desk=first is None, first=first, lack=content(lack[1])[0])
        if _DESK.search(sentence) and any(_meets(who, parts) for found in _WHO.findall(sentence) for who in _either(found)):
            return Held(desk=True)
    if service.bookable:
        return None
    return next((Held(first=one) for s in minded if (one := _named_first(fold(s), service, turn.briefing))), None)


def answer(turn: Turn, d: Dialogue, service: Service, why: Held) -> Steps:
    """The team is told and speaks first, or what comes before is offered."""
    if why.first is not None:
        return _offer_first(turn, d, service, why)
    if turn.briefing.cases:
        until = turn.briefing.cases[0].get("until", "")
        return ending(turn.say("already_handed", until=until), keep(d, task="", service="", slot=""), expect="")
    return (yield from hand_over(turn, keep(d, service=service.name), "other", "handed_caution"))


def _offer_first(turn: Turn, d: Dialogue, service: Service, why: Held) -> Reply:
    first = why.first
    assert first is not None
    key = "first_without" if why.lack else "first_before"
    text = turn.say(key, service=service.name, first=turn.say("of_first", service=first.name), lack=why.lack)
    return ending(text, d, task="book", service=first.name, topic=first.name, slot="", shown=(), options=(), expect="want_book")


def _named_first(sentence: str, service: Service, briefing: Briefing) -> Service | None:
    found = _FIRST.search(sentence)
    named = entities.find_services(found[1], briefing).services if found else ()
    named = tuple(s for s in named if s.bookable and s.name != service.name)
    near = tuple(s for s in named if s.category == service.category) or named
    return near[0] if len(near) == 1 else entities.usual(near)


def _either(who: str) -> list[str]:
    return [part for part in re.split(r"\s+(?:ou|nem)\s+(?:em |quem )?", who) if content(part)]


def _said(turn: Turn, d: Dialogue) -> list[str]:
    """What the patient has said in this conversation, part by part, without what is about somebody who is not to be seen."""
    whole = [text for who, text in turn.view.history if who == "patient"] + [turn.view.text]
    parts = [part for text in whole for part in _PARTS.split(fold(text)) if part.strip()]
    kin = {word for words in lexicon()["relationships"].values() for word in words}
    to_be_seen = {d.kin, turn.reading.whom.word}
    if not (turn.reading.has("self") or d.relationship == "self"):
        return parts
    return [p for p in parts if not (set(content(p)) & kin) - to_be_seen]


def _meets(who: str, parts: Sequence[str]) -> bool:
    words = [w for w in content(who) if w not in _IDLE]
    return bool(words) and any(all(_affirms(word, part) for word in words) for part in parts)


def _affirms(word: str, part: str) -> bool:
    if not says(word, in_document_words(part)):
        return False
    at = next((m.start() for m in re.finditer(r"\w+", part) if says(word, in_document_words(m[0]))), len(part))
    return _DENIED.search(part[:at]) is None


def _lacks(words: Sequence[str], parts: Sequence[str]) -> bool:
    return any(re.search(_LACKING.format(word=re.escape(w[:5])), part) for w in words for part in parts)
