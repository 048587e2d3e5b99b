"""A second thought on what the second reader fears: it may hold a fear back, never raise one, and patterns never ask it.

The reader likens a sentence to dangers by meaning alone, and so takes much harmless talk for them. This one has learned from
the same sentences and from those of `second_thought.yaml`, harmless talk that sounds like danger and dangers that sound
harmless, by meaning and by words: a negation, a discharge, a bill. What it learned is kept in `second_thought.npz`, written by
`python -m agent.guardrails.dangers`. Deterministic; under a millisecond beside the vector the reader has anyway.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.guardrails.lexicon import lexicon
from clinic.conversations.dangers.red_flags import RedFlag, told_elsewhere
from kit import fast_yaml

Matrix = NDArray[np.float64]

# Chosen so that no danger of the opened sets is lost; what is feared more needs a surer no (PER_FEAR). See docs/safety.md.
LEAST, LEAST_GRAVE = -0.12, -0.45
PER_FEAR = 0.20
# Told as past with its outcome, as long ago or as a stranger's, and with no word of now in the whole message; the second for
# what is grave or may be self-harm, where nothing of that is in the words.
LEAST_PAST, LEAST_PAST_GRAVE = 0.40, -0.15
# The desk's own talk with no word a danger is told with, and none it is hinted with (plain) or one (hinted); the second of each
# for what is grave or may be self-harm. Of the dangers left out these hold back none.
PLAIN_DESK, HINTED_DESK = (0.20, 0.0), (-0.05, -0.30)
_GRAVE = frozenset({"violence", "pregnancy", "child_fever_baby"})

_WIDTH, _WORDS, _RIDGE = 2.0, 0.6, 0.1
_SEEN = 2  # sentences a word or a pair must occur in to count
_WORD = re.compile(r"[a-z0-9]+")
_NEGATIONS = frozenset({"nao", "nem", "nunca", "sem", "num"})
_SMALL = frozenset(
    {"o", "a", "os", "as", "de", "da", "do", "e", "um", "uma", "que", "no", "na", "em", "pra", "para", "com", "me", "se"}
    | {"eu", "ele", "ela"}
)
_SOURCE, KEPT = Path(__file__).with_suffix(".yaml"), Path(__file__).with_suffix(".npz")


@dataclass(frozen=True, slots=True)
class Thought:
    """What was learned: of meanings, the mean, the centred unit vectors and weights; of words, rarity and weight of each."""

    mean: Matrix
    vectors: Matrix
    weights: Matrix
    words: dict[str, int]
    rarity: Matrix
    word_weights: Matrix


def holds_back(
    thought: Thought, said: str, vector: Matrix, flags: Sequence[RedFlag], *, fear: float = 0.0, message: str = ""
) -> bool:
    """Whether these flags on folded `said` are let go. What is grave, and what may be self-harm, needs the surest no.

    `fear`: the reader's score; `message`: all that was written, without which `said` alone tells whether it goes on.
    """
    if not flags:
        return False
    sure = score(thought, said, vector)
    grave = any(flag.kind == "self_harm" or flag.code in _GRAVE for flag in flags)
    if is_desk_talk(said):
        return sure < (HINTED_DESK if _talk()["doubt"].search(said) else PLAIN_DESK)[grave]
    if told_elsewhere(said, message or said):
        return sure < (LEAST_PAST_GRAVE if grave else LEAST_PAST)
    return sure < (LEAST_GRAVE if grave else LEAST - PER_FEAR * max(fear, 0.0))


def is_desk_talk(said: str) -> bool:
    """Something of the clinic is in the folded sentence, and no word that a danger is told with."""
    talk = _talk()
    return talk["desk"].search(said) is not None and talk["alarm"].search(said) is None


def score(thought: Thought, said: str, vector: Matrix) -> float:
    """Above 0 it is more like a danger than not."""
    near = np.exp(_WIDTH * (thought.vectors @ _centred(vector[np.newaxis], thought.mean)[0] - 1.0))
    at = [thought.words[word] for word in words_of(said) if word in thought.words]
    rarity = thought.rarity[at]
    by_words = float(rarity @ thought.word_weights[at] / (np.linalg.norm(rarity) + 1e-9))
    return float(near @ thought.weights) + by_words


def words_of(said: str) -> frozenset[str]:
    """The words of a folded sentence, in a row, near each other, reached by a negation, and runs of four letters."""
    words = _WORD.findall(said)
    great = [word for word in words if word not in _SMALL]
    letters = f" {' '.join(words)} "
    return frozenset(
        [
            *words,
            *(f"{one} {two}" for one, two in zip(["^", *words], [*words, "$"], strict=True)),
            *(f"{one}~{two}" for at, one in enumerate(great) for two in great[at + 1 : at + 4]),
            *(f"!{reached}" for at, word in enumerate(words) if word in _NEGATIONS for reached in words[at + 1 : at + 4]),
            *(f"@{letters[at : at + 4]}" for at in range(len(letters) - 3)),
        ]
    )


def learn(vectors: Matrix, said: Sequence[str], danger: NDArray[np.bool_]) -> Thought:
    """Kernel ridge over meanings and words together; both sides weigh the same. About ten seconds for four thousand."""
    found = [words_of(one) for one in said]
    often = Counter(word for words in found for word in words)
    words = {word: at for at, word in enumerate(sorted(word for word, times in often.items() if times >= _SEEN))}
    rarity: Matrix = np.log(len(said) / np.array([often[word] for word in words]))
    rows = [np.array(sorted(words[word] for word in one if word in words), int) for one in found]
    mean = vectors.mean(axis=0)
    centred = _centred(vectors, mean)
    share = float(danger.mean())
    ridge = _RIDGE / np.where(danger, 0.5 / share, 0.5 / (1 - share))
    kernel = np.exp(_WIDTH * (centred @ centred.T - 1.0)) + _WORDS * _shared(rows, rarity) + np.diag(ridge)
    weights = np.linalg.solve(kernel, np.where(danger, 1.0, -1.0)).astype(np.float64)
    word_weights = np.zeros(len(words))
    for weight, row in zip(weights, rows, strict=True):
        word_weights[row] += _WORDS * weight * _unit(rarity[row])
    return Thought(mean, centred, weights, words, rarity, word_weights)


def write(vectors: Matrix, said: Sequence[str], danger: NDArray[np.bool_], mark: str, own: int) -> None:
    """Learns and keeps what was learned; of the vectors only the last `own`, for the reader keeps the others."""
    told = learn(vectors, said, danger)
    np.savez_compressed(
        KEPT,
        mark=np.array(mark),
        vectors=vectors[-own:].astype(np.float16),
        weights=told.weights,
        words=np.array("\n".join(told.words)),
        rarity=told.rarity.astype(np.float32),
        word_weights=told.word_weights.astype(np.float32),
    )


def load(reader: Matrix, mark: str) -> Thought:
    """What was kept, beside the reader's own vectors; ValueError when it was learned from others."""
    kept = np.load(KEPT, allow_pickle=False)
    if str(kept["mark"]) != mark:
        raise ValueError("second_thought.npz is of other sentences or of another model")
    vectors = np.concatenate([reader, kept["vectors"].astype(np.float64)])
    mean = vectors.mean(axis=0)
    words = {word: at for at, word in enumerate(str(kept["words"]).split("\n"))}
    rarity, word_weights = (kept[name].astype(np.float64) for name in ("rarity", "word_weights"))
    return Thought(mean, _centred(vectors, mean), kept["weights"], words, rarity, word_weights)


def mark_of(reader: str, own: Sequence[tuple[str, str]]) -> str:
    """Names the sentences of both files and the model together."""
    return sha256("\0".join([reader, *(f"{code} {said}" for code, said in own)]).encode()).hexdigest()


@cache
def sentences() -> tuple[tuple[str, str], ...]:
    """(code, sentence) as written, in the order of the file."""
    raw: dict[str, list[str]] = fast_yaml.load(_SOURCE.read_text(encoding="utf-8"))
    return tuple((code, said) for code, written in raw.items() for said in written)


@cache
def _talk() -> dict[str, re.Pattern[str]]:
    return lexicon("desk_talk")


def _centred(vectors: Matrix, mean: Matrix) -> Matrix:
    apart: Matrix = vectors - mean
    unit: Matrix = apart / (np.linalg.norm(apart, axis=1, keepdims=True) + 1e-9)
    return unit


def _unit(rarity: Matrix) -> Matrix:
    unit: Matrix = rarity / (np.linalg.norm(rarity) + 1e-9)
    return unit


def _shared(rows: Sequence[NDArray[np.int_]], rarity: Matrix) -> Matrix:
    """How much each two sentences share of their rarer words, 0 to 1; 4,096 words at a time, for memory's sake."""
    shared = np.zeros((len(rows), len(rows)))
    units = [_unit(rarity[row]) for row in rows]
    for low in range(0, len(rarity), 4096):
        part = np.zeros((len(rows), 4096), np.float32)
        for at, (row, unit) in enumerate(zip(rows, units, strict=True)):
            first, last = np.searchsorted(row, [low, low + 4096])
            part[at, row[first:last] - low] = unit[first:last]
        shared += part @ part.T
    return shared
