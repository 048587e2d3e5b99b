"""Questions the tables do not answer: the clinic's documents, quoted and never retold."""

from __future__ import annotations

import re
from typing import Any

from agent.offline import sayable
from agent.offline.acts import Call, Result
from agent.offline.lexicon import lexicon
from agent.offline.spelling import alike, content
from agent.offline.turn import Turn

_NEAR = 0.45  # of the search's own score
LIMIT = 400  # characters of a quotation
_MARKUP = re.compile(r"[*_#`>]+|^\s*[-•]\s+", re.MULTILINE)

_SEE = re.compile(r"\s*\((?:veja|ver|leia|confira)\b[^)]*\)", re.IGNORECASE)  # a patient has only the chat


def question(turn: Turn) -> Call:
    return Call("search_knowledge", {"question": turn.reading.text.strip()[:600]})


def quote(turn: Turn, result: Result) -> str:
    """The sentences of the best passage that speak of what was asked; "" when nothing was found."""
    passages = result.get("passages") or []
    if not result.get("found") or not passages:
        return ""
    asked = set(content(turn.reading.text))
    best = max(passages[:3], key=lambda p: float(p.get("score") or 0) + 0.04 * _overlap(asked, _whole(p)))
    if not _speaks_of(turn, best):
        return ""
    text = relevant(str(best.get("text") or ""), asked)
    return turn.say("quoted", text=text) if text else ""


def _whole(passage: dict[str, Any]) -> str:
    return " ".join(str(passage.get(key) or "") for key in ("title", "heading", "text"))


def _speaks_of(turn: Turn, passage: dict[str, Any]) -> bool:
    """Whether the passage is near enough, or says the telling words asked: "fazem harmonização facial?" wants both."""
    noise = set(lexicon()["not_services"])
    telling = {w for w in content(turn.reading.text) if len(w) > 3 and w not in noise}
    share = _overlap(telling, _whole(passage)) / len(telling) if telling else 1.0
    return float(passage.get("score") or 0) >= _NEAR or share >= (1.0 if turn.reading.has("offers_service") else 0.5)


def _overlap(asked: set[str], text: str) -> int:
    written = content(text)
    return sum(1 for w in asked if any(alike(w, x) for x in written))


def relevant(text: str, asked: set[str]) -> str:
    """At most LIMIT characters of `text`: the sentence nearest to the question and what follows it."""
    sentences = sayable.sentences(_SEE.sub("", _MARKUP.sub("", text)))
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
