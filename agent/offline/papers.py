"""Questions the tables do not answer: the clinic's documents, quoted and never retold."""

from __future__ import annotations

import re

from agent.offline import sayable
from agent.offline.acts import Call, Result
from agent.offline.spelling import alike, content
from agent.offline.turn import Turn

LIMIT = 400  # characters of a quotation
_MARKUP = re.compile(r"[*_#`>]+|^\s*[-•]\s+", re.MULTILINE)


def question(turn: Turn) -> Call:
    return Call("search_knowledge", {"question": turn.reading.text.strip()[:600]})


def quote(turn: Turn, result: Result) -> str:
    """The sentences of the best passage that speak of what was asked; "" when nothing was found."""
    passages = result.get("passages") or []
    if not result.get("found") or not passages:
        return ""
    asked = set(content(turn.reading.text))
    best = max(passages[:2], key=lambda p: (_overlap(asked, f"{p.get('heading', '')} {p.get('text', '')}"), p.get("score", 0)))
    text = relevant(str(best.get("text") or ""), asked)
    return turn.say("quoted", text=text) if text else ""


def _overlap(asked: set[str], text: str) -> int:
    written = content(text)
    return sum(1 for w in asked if any(alike(w, x) for x in written))


def relevant(text: str, asked: set[str]) -> str:
    """At most LIMIT characters of `text`: the sentence nearest to the question and what follows it."""
    sentences = sayable.sentences(_MARKUP.sub("", text))
    if not sentences:
        return ""
    scores = [_overlap(asked, s) for s in sentences]
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
