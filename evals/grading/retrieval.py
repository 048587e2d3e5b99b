"""Did the right passage come, how high, was it used, and was nothing given where nothing written answers? Pure.

Figures are over what the searches of a trial considered, best first, whether the model was given it or not; beside them
BM25 over the patient's own words, so that a figure says more than that the documents are few.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, log2
from typing import Any

from clinic.scenarios.schema import Scenario
from evals.documents import Documents, means
from evals.evidence import Evidence, Turn
from kit.text import plain

_K1, _B = 1.2, 0.75
_SHARED = 3  # stems that a reply has in common with what it is said to rest on

Place = tuple[str, str]  # document, heading


@dataclass(frozen=True, slots=True)
class Ranked:
    """How a ranking did against the passages that answer; all between 0 and 1."""

    recall: float
    hit: float
    reciprocal: float
    ndcg: float


@dataclass(frozen=True, slots=True)
class Retrieved:
    """One trial of a scenario that says what answers. `ranked`, `baseline` and `cited` are None where nothing written does;
    `given`: whether the model was given anything to answer from."""

    searched: bool
    given: bool
    ranked: Ranked | None = None
    baseline: Ranked | None = None
    cited: bool | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> Retrieved | None:
        """From the log."""
        if given is None:
            return None
        rankings = {name: Ranked(**given[name]) if given[name] else None for name in ("ranked", "baseline")}
        return cls(given["searched"], given["given"], cited=given["cited"], **rankings)


def retrieved(scenario: Scenario, evidence: Evidence, documents: Documents) -> Retrieved | None:
    """The figures of one trial; None for a scenario that says nothing about documents, or a trial that broke."""
    knowledge = scenario.knowledge
    if knowledge is None or evidence.error:
        return None
    searches = [list(one) for turn in evidence.turns for one in _searches(turn)]
    given = any(one.get("used") for search in searches for one in search)
    if not knowledge.refs:
        return Retrieved(bool(searches), given)
    refs, k = knowledge.refs, knowledge.k
    asked = " ".join(text for turn in evidence.turns for text in turn.said)
    return Retrieved(
        searched=bool(searches),
        given=given,
        ranked=ranked(refs, _merged(searches), k),
        baseline=ranked(refs, bm25(asked, documents), k),
        cited=any(_cites(turn, refs) for turn in evidence.turns),
    )


def _searches(turn: Turn) -> Iterator[Sequence[Mapping[str, Any]]]:
    """What each search of a turn considered, best first."""
    return (step["passages"] for step in turn.trace if step.get("passages"))


def _merged(searches: Sequence[Sequence[Mapping[str, Any]]]) -> list[Place]:
    """Several searches as one ranking: the best of each, then the second of each."""
    deep = max((len(one) for one in searches), default=0)
    places = [_place(one[rank]) for rank in range(deep) for one in searches if rank < len(one)]
    return list(dict.fromkeys(places))


def _place(passage: Mapping[str, Any]) -> Place:
    return str(passage["source"]), str(passage.get("heading") or "")


def ranked(refs: Sequence[str], places: Sequence[Place], k: int) -> Ranked:
    """A ranking against the references, cut at k. Each reference counts once, at its first passage."""
    found: dict[str, int] = {}
    for rank, (source, heading) in enumerate(places[:k], 1):
        for ref in refs:
            if ref not in found and means(ref, source, heading):
                found[ref] = rank
                break
    best = sum(1 / log2(rank + 1) for rank in range(1, min(len(refs), k) + 1))
    return Ranked(
        recall=len(found) / len(refs),
        hit=float(bool(found)),
        reciprocal=1 / min(found.values()) if found else 0.0,
        ndcg=sum(1 / log2(rank + 1) for rank in found.values()) / best,
    )


def _cites(turn: Turn, refs: Sequence[str]) -> bool:
    """Whether the reply rests on a right passage that it was given: it shares words with one beyond those of the question,
    and with no wrong passage more."""
    asked = set(stems(" ".join(turn.said)))
    said = set(stems(turn.reply)) - asked
    shared: dict[bool, int] = {True: 0, False: 0}
    for passage in (one for search in _searches(turn) for one in search if one.get("used")):
        right = any(means(ref, *_place(passage)) for ref in refs)
        common = len(said & set(stems(f"{passage.get('heading') or ''} {passage.get('text') or ''}")))
        shared[right] = max(shared[right], common)
    return shared[True] >= _SHARED and shared[True] >= shared[False]


# --- a baseline ---------------------------------------------------------------------------------------------------------


def stems(text: str) -> list[str]:
    """Words of three letters and more without accents or endings: "parcelamento" and "parcelar" are both "parce"."""
    return [word[:5] for word in re.findall(r"[a-z0-9]{3,}", plain(text))]


def bm25(question: str, documents: Documents) -> list[Place]:
    """The passages that share words with the question, best first."""
    texts = [
        (source, piece.heading, Counter(stems(piece.embeddable))) for source, pieces in documents.items() for piece in pieces
    ]
    if not texts:
        return []
    mean = sum(words.total() for _, _, words in texts) / len(texts)
    seen = Counter(word for _, _, words in texts for word in words)
    asked = [word for word in dict.fromkeys(stems(question)) if word in seen]

    def score(words: Counter[str]) -> float:
        size = _K1 * (1 - _B + _B * words.total() / mean)
        return sum(
            log(1 + (len(texts) - seen[word] + 0.5) / (seen[word] + 0.5)) * words[word] * (_K1 + 1) / (words[word] + size)
            for word in asked
        )

    scored = sorted(((score(words), source, heading) for source, heading, words in texts), key=lambda one: (-one[0], one[1:]))
    return list(dict.fromkeys((source, heading) for points, source, heading in scored if points > 0))


# --- over a run ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over trials. `questions` have an answer in the documents, `unanswerable` have none; a share of none is None."""

    questions: int
    unanswerable: int
    searched: float | None
    found: float | None  # recall of those that searched
    ranked: Ranked | None
    baseline: Ranked | None
    cited: float | None
    abstained: float | None


def figures(found: Sequence[Retrieved]) -> Figures | None:
    """What the trials come to; None where no trial is about documents."""
    if not found:
        return None
    asked = [one for one in found if one.ranked is not None]
    none = [one for one in found if one.ranked is None]
    return Figures(
        questions=len(asked),
        unanswerable=len(none),
        searched=_share([one.searched for one in asked]),
        found=_over([one.ranked.recall for one in asked if one.ranked and one.searched]),
        ranked=_mean([one.ranked for one in asked if one.ranked]),
        baseline=_mean([one.baseline for one in asked if one.baseline]),
        cited=_share([bool(one.cited) for one in asked]),
        abstained=_share([not one.given for one in none]),
    )


def _share(held: Sequence[bool]) -> float | None:
    return _over([float(one) for one in held])


def _over(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _mean(every: Sequence[Ranked]) -> Ranked | None:
    if not every:
        return None
    return Ranked(*(sum(getattr(one, name) for one in every) / len(every) for name in ("recall", "hit", "reciprocal", "ndcg")))
