"""What the clinic wrote about a matter: its notes and services in the tables, its documents; quoted and never retold.

Tables win over documents that say as much. What is near and does not answer is never said as an answer.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from agent.offline import asking, sayable
from agent.offline.acts import Call, Result
from agent.offline.asking import Asked, may_answer, said, says, share
from agent.offline.spelling import content, tokens
from agent.offline.turn import Turn
from agent.offline.view import Service

LIMIT = 400  # characters of a quotation
_SHORT = 4  # words: little more than its telling ones
# Of the search's own score: answers with half of the words; with none left to say; may answer when it says the words.
_CLOSE, _NEAR, _FAR = 0.6, 0.5, 0.32
_MARKUP = re.compile(r"[*_#`>]+|^\s*[-•]\s+", re.MULTILINE)
_SEE = re.compile(r"\s*\((?:veja|ver|leia|confira)\b[^)]*\)", re.IGNORECASE)  # a patient has only the chat
# Facts that may lie near another matter ("quanto fica a hora do estacionamento?"): they stand only if they answer.
_KINDS = {"price": "amount", "discount": "amount", "duration": "long", "phone": "number"}
_LOOSE = frozenset(["parking", "payment", "address", "phone", "preparation", "duration", "professionals", "service_info"])


@dataclass(frozen=True, slots=True)
class Written:
    """`text` answers what was asked; else `near` is what stands written close to it, if anything does."""

    text: str = ""
    near: str = ""


def find(turn: Turn, told: Mapping[str, str], about: tuple[Service, ...]) -> Generator[Call, Result, Written]:
    """The best that tables (`told` by subject, notes, the services `about`) and documents say; two searches at most."""
    whole = asking.asked(turn.reading.text, asking.names_of(turn.briefing))
    one = asking.besides(whole, told, (text for s in about for text in (s.name, *s.aliases)) if told or len(about) == 1 else ())
    table = "\n\n".join(dict.fromkeys(told.values()))
    stands = bool(told) and _stands(one, table, told, guessed=turn.reading.guessed)
    if stands and all(says(w, table) for w in one.focus):
        return Written(table)
    note = _note(turn, one, about)
    noted = bool(note) and may_answer(whole, note) and share(one.focus, note) >= 0.5
    if noted and said(one, note) > max(0.6, said(one, table)):
        return Written(note)
    best = yield from _search(turn, one)
    if not best:
        return Written(table) if stands else Written(note) if noted else Written(near=table or note)
    text, score, sure = best.text, best.score, _sure(one, best)
    more = said(one, text) - said(one, table or note)
    quoted = turn.say("quoted", text=relevant(best.body, one))
    if stands and (more < 0.3 or not sure):
        elsewhere = set(told) <= _LOOSE and more >= 0.5 and score >= _NEAR
        return Written(near=quoted) if elsewhere else Written(table)
    if noted and (more <= 0 or not sure or share(one.focus, text) <= share(one.focus, note)):
        return Written(note)
    if sure:
        return Written(quoted)
    return Written(near=quoted if score >= _FAR and share(whole.words, text) > 0 else "")


def _stands(one: Asked, table: str, told: Mapping[str, str], *, guessed: bool) -> bool:
    """Whether facts told by their subject are an answer of the kind wanted."""
    if one.wants not in {_KINDS.get(subject) for subject in told} and not asking.of_kind(one, table):
        return False
    beside = bool(one.focus) and share(one.focus, table) < 0.5 and (guessed or len(one.focus) > 1)
    return not (beside and guessed) and (not set(told) & _LOOSE or (may_answer(one, table) and not beside))


def _note(turn: Turn, one: Asked, about: tuple[Service, ...]) -> str:
    """The clinic's own note, or what a service spoken of says of itself, that says most of what was asked; "" when none."""
    notes = [(f"{name} {text}", text.strip()) for name, text in turn.briefing.facts.items()]
    if len(about) == 1:
        notes += [(text, text.strip()) for text in (about[0].preparation, about[0].price_note, about[0].description)]
    best = max(((said(one, whole), text) for whole, text in notes if text), default=(0.0, ""))
    return best[1] if best[0] >= 0.34 else ""


@dataclass(frozen=True, slots=True)
class _Passage:
    text: str  # with its title and heading
    body: str
    score: float
    bare: bool = False  # found by telling words alone, which are near to more


def _search(turn: Turn, one: Asked) -> Generator[Call, Result, _Passage | None]:
    """The passage that says most of what was asked; if none is sure, the telling words are looked for alone."""
    found = _passages(turn, (yield Call("search_knowledge", {"question": turn.reading.text.strip()[:600]})))
    best = _best(one, found)
    if one.words and len(tokens(turn.reading.text)) > _SHORT and not (best and _sure(one, best)):
        more = _passages(turn, (yield Call("search_knowledge", {"question": " ".join(one.words)[:600]})), bare=True)
        best = _best(one, [*found, *more])
    return best


def _passages(turn: Turn, result: Result, *, bare: bool = False) -> list[_Passage]:
    """What was found, without what stands under another unit's heading than the one asked about."""
    found = result.get("passages") or [] if result.get("found") else []
    others = [content(u.name) for u in turn.briefing.units if turn.reading.unit and u.name != turn.reading.unit]
    kept = [p for p in found if not any(set(name) <= set(content(str(p.get("heading")))) for name in others)]
    return [_Passage(_whole(p), str(p.get("text") or ""), float(p.get("score") or 0), bare) for p in kept]


def _whole(passage: Mapping[str, object]) -> str:
    return "\n".join(str(passage.get(key) or "") for key in ("title", "heading", "text"))


def _best(one: Asked, passages: Sequence[_Passage]) -> _Passage | None:
    def worth(p: _Passage) -> float:
        return p.score + 0.4 * said(one, p.text) - (0 if may_answer(one, p.text) else 0.25) - (0.1 if p.bare else 0)

    return max(passages, key=worth, default=None)


def _sure(one: Asked, p: _Passage) -> bool:
    """Whether a passage answers: it holds the kind of answer wanted and says what was asked, the end of the question above
    all. That it speaks of the same service makes it near, never more."""
    if not may_answer(one, p.text):
        return False
    if not one.focus:
        return p.score >= _NEAR
    said_of, ends = share(one.focus, p.text), says(one.focus[-1], p.text)
    enough = (
        said_of > 0.5 or (ends and said_of >= 0.5 and p.score >= _CLOSE) or (said_of > 0 and share(one.words, p.text) >= 0.7)
    )
    return enough and p.score >= (0.4 if p.bare else _FAR)


def relevant(text: str, one: Asked) -> str:
    """At most LIMIT characters of a passage: the sentence that says most of what was asked and what follows it."""
    sentences = sayable.sentences(_SEE.sub("", _MARKUP.sub("", text)))
    if not sentences:
        return ""
    scores = [said(one, s) for s in sentences]
    start = scores.index(max(scores))
    if sum(len(s) + 1 for s in sentences) <= LIMIT:
        start = 0
    kept: list[str] = []
    for sentence in sentences[start:]:
        if kept and sum(len(s) + 1 for s in kept) + len(sentence) > LIMIT:
            break
        kept.append(sentence)
    quoted = " ".join(kept)
    return quoted if len(quoted) <= LIMIT else quoted[: quoted.rfind(" ", 0, LIMIT)].rstrip(",;: ") + "…"
