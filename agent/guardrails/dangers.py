"""The second reader of dangers: by likeness of meaning, for what is hinted at in words no pattern knows. It only adds flags.

It learns what divides the sentences of `dangers.yaml` (kernel ridge over their vectors), so that a new sentence counts for
its whole neighbourhood and not for one match. Meaning alone is often wrong, so `second_thought.py` lets go of what only sounds
like a danger. Deterministic; about 15 ms of CPU a sentence, no network. The vectors are kept in `dangers.npz`, written by
`python -m agent.guardrails.dangers` after the sentences change; a test holds the two together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Literal, Protocol, cast

import numpy as np
import structlog
from numpy.typing import NDArray

from agent.guardrails import second_thought
from agent.guardrails.second_thought import Thought
from clinic.conversations.dangers.red_flags import RedFlag
from kit import fast_yaml
from kit.text import expand_chat, plain, strip_hidden

log = structlog.get_logger(__name__)

Kind = Literal["emergency", "self_harm"]
KINDS: tuple[Kind, ...] = ("emergency", "self_harm")
Vectors = NDArray[np.float32]
Matrix = NDArray[np.float64]

# Where what is learned keeps the recall the sealed sets had before desk talk was learned: see docs/safety.md.
ENOUGH = 0.02
EITHER = 0.40  # nearer than this, the two kinds of danger are not told apart: the text speaks of both
_WIDTH, _RIDGE = 2.0, 0.1
_LONGEST, _PIECES = 400, 4  # characters of one reading, sentences read apart
_NEAREST = 3
_ORDINARY = "bom dia, queria marcar uma consulta"
_FAILURES = (ImportError, OSError, RuntimeError, ValueError)
# A name said as a name is no talk of danger, whatever it means ("das Dores"). Capitals only: nothing else is cut.
_NAME = r"[A-ZÀ-Ý][a-zà-ÿ]+(?: (?:[A-ZÀ-Ý][a-zà-ÿ]+|d[aeo]s?)\b)*"
_NO_NAME = r"(?i:n[aã]o|mais|me|eu|ele|ela|meu|minha|que|quero|vou|est[aá]|t[aáôo]|sem|com|n[ao]|uma?|pra|para|isso|tudo|já)"
_INTRODUCED = re.compile(
    rf"\b[Mm](?:eu nome (?:completo )?é|e chamo) {_NAME}(?: e\b)?|^(?!.*\b{_NO_NAME}\b){_NAME} [A-ZÀ-Ý][a-zà-ÿ]+$"
)
_SENTENCES = re.compile(r"[.!?;…\n]+")
_SOURCE, _VECTORS = Path(__file__).with_suffix(".yaml"), Path(__file__).with_suffix(".npz")


class Encoder(Protocol):
    @property
    def model_id(self) -> str: ...

    def encode_queries(self, texts: list[str]) -> Vectors: ...


@dataclass(frozen=True, slots=True)
class _Learned:
    """What is compared with: the centred unit vectors of the exemplars, their codes and weights."""

    mean: Matrix
    vectors: Matrix
    codes: tuple[str, ...]
    weights: Matrix  # columns: danger, emergency, self_harm


class SecondReader:
    """Reads with one encoder; loads on first use. When that fails it says so once and reads nothing until `again` helps."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._learned: tuple[_Learned, Thought] | None = None
        self._lock = Lock()
        self.available = True

    def warm(self) -> None:
        """Loads everything, so that no message waits for it. Blocks for a second."""
        self.read(_ORDINARY)

    def again(self) -> bool:
        """Tries once more after a failure; returns whether it reads now. Blocks for a second."""
        if not self.available:
            try:
                self._judged(_readings(_ORDINARY), _ORDINARY)
            except _FAILURES:
                return False
            self.available = True
            log.info("second_reader_available")
        return True

    def read(self, text: str) -> tuple[RedFlag, ...]:
        """The dangers `text` resembles, the likelier first: both kinds when it may be either. Their `matched` is empty.

        Blocks: about 15 ms of CPU for the whole and for each of its sentences, four at most.
        """
        readings = _readings(text)
        if not readings or not self.available:
            return ()
        try:
            judged = self._judged(readings, text)
        except _FAILURES as error:
            self.available = False
            log.warning("second_reader_unavailable", error=type(error).__name__)
            return ()
        # The most alarming reading names the danger, so it is written last.
        found = {flag.kind: flag for _, flags in judged for flag in reversed(flags)}
        return tuple(reversed(found.values()))

    def _judged(self, readings: list[str], text: str) -> list[tuple[float, tuple[RedFlag, ...]]]:
        """Each reading's score and the flags that stand after a second thought, the most alarming last."""
        learned, thought, holds = self._load(), self._thought(), second_thought.holds_back
        vectors = self._encoder.encode_queries(readings)
        judged = [(said, vector, *judge(learned, vector)) for said, vector in zip(readings, vectors, strict=True)]
        stand = [
            (fear, () if holds(thought, said, vector.astype(np.float64), flags, fear=fear, message=text) else flags)
            for said, vector, fear, flags in judged
        ]
        return sorted(stand, key=lambda one: one[0])

    def score(self, text: str) -> float:
        """How much like a danger the most alarming part of `text` is, before any second thought. For measuring."""
        readings = _readings(text)
        vectors = self._encoder.encode_queries(readings) if readings else ()
        return max((judge(self._load(), vector)[0] for vector in vectors), default=-1.0)

    def _load(self) -> _Learned:
        return self._both()[0]

    def _thought(self) -> Thought:
        return self._both()[1]

    def _both(self) -> tuple[_Learned, Thought]:
        with self._lock:
            if self._learned is None:
                self._learned = _kept(self._encoder.model_id)
            return self._learned


@cache
def _kept(model_id: str) -> tuple[_Learned, Thought]:
    """What is learned from the sentences, once a process: half a second of CPU. Raises ValueError for another model's."""
    kept = np.load(_VECTORS, allow_pickle=False)
    mark = mark_of(model_id)
    if str(kept["mark"]) != mark:
        raise ValueError("dangers.npz is of other sentences or of another model")
    vectors = kept["vectors"].astype(np.float64)
    thought = second_thought.load(vectors, second_thought.mark_of(mark, thoughts()))
    return learn(vectors, tuple(code for code, _ in exemplars())), thought


def judge(learned: _Learned, vector: Vectors) -> tuple[float, tuple[RedFlag, ...]]:
    """(score, flags when it is enough) of one vector. A flag's code is that of the nearest exemplars of its kind."""
    near = learned.vectors @ _centred(vector[np.newaxis].astype(np.float64), learned.mean)[0]
    danger, emergency, self_harm = (float(told) for told in _kernel(near) @ learned.weights)
    if danger < ENOUGH:
        return danger, ()
    kinds: list[Kind] = ["emergency"] if emergency >= self_harm else ["self_harm"]
    if abs(emergency - self_harm) < EITHER:
        kinds.append("self_harm" if kinds == ["emergency"] else "emergency")
    return danger, tuple(RedFlag(kind, _nearest(learned, near, kind), "") for kind in kinds)


def _nearest(learned: _Learned, near: Matrix, kind: Kind) -> str:
    of: dict[str, list[float]] = {}
    for code, likeness in zip(learned.codes, near, strict=True):
        if code.startswith(kind):
            of.setdefault(code, []).append(float(likeness))
    return max(of, key=lambda code: sum(sorted(of[code])[-_NEAREST:])).partition(":")[2]


def learn(vectors: Matrix, codes: tuple[str, ...]) -> _Learned:
    """Kernel ridge that divides danger from none, emergencies and self-harm from the rest; both sides weigh the same."""
    mean = vectors.mean(axis=0)
    centred = _centred(vectors, mean)
    kinds = np.array([code.partition(":")[0] for code in codes])
    sides = np.stack([np.where(kinds != "none", 1.0, -1.0)] + [np.where(kinds == k, 1.0, -1.0) for k in KINDS], axis=1)
    share = float((kinds != "none").mean())
    weight = np.where(kinds != "none", 0.5 / share, 0.5 / (1 - share))
    kernel = _kernel(centred @ centred.T) + np.diag(_RIDGE / weight)
    return _Learned(mean, centred, codes, np.linalg.solve(kernel, sides))


def out_of_sample(learned: _Learned) -> Matrix:
    """The danger score each exemplar would have were it not an exemplar itself (leave one out, in closed form)."""
    kinds = np.array([code.partition(":")[0] for code in learned.codes])
    sides = np.where(kinds != "none", 1.0, -1.0)
    share = float((kinds != "none").mean())
    weight = np.where(kinds != "none", 0.5 / share, 0.5 / (1 - share))
    inverse = np.linalg.inv(_kernel(learned.vectors @ learned.vectors.T) + np.diag(_RIDGE / weight))
    scores: Matrix = sides - learned.weights[:, 0] / np.diag(inverse)
    return scores


def _centred(vectors: Matrix, mean: Matrix) -> Matrix:
    apart: Matrix = vectors - mean
    unit: Matrix = apart / (np.linalg.norm(apart, axis=1, keepdims=True) + 1e-9)
    return unit


def _kernel(cosines: Matrix) -> Matrix:
    near: Matrix = np.exp(_WIDTH * (cosines - 1.0))
    return near


def _readings(text: str) -> list[str]:
    """The whole of `text`, and its sentences apart when there are several of some length."""
    visible = _INTRODUCED.sub(" ", strip_hidden(text))
    pieces = [folded for piece in _SENTENCES.split(visible) if len((folded := fold(piece)).split()) >= 4]
    whole = fold(visible)
    texts = [whole[:_LONGEST], *(piece[:_LONGEST] for piece in (*pieces[:2], *pieces[2:][-2:])[:_PIECES])]
    return list(dict.fromkeys(reading for reading in texts if any(c.isalpha() for c in reading)))


def fold(text: str) -> str:
    """`text` as the exemplars are compared: plain, shorthand spelled out."""
    return plain(expand_chat(text))


@cache
def exemplars() -> tuple[tuple[str, str], ...]:
    """(code, folded sentence) pairs, in the order of the file; codes are "emergency:…", "self_harm:…" or "none:…"."""
    raw: dict[str, list[str]] = fast_yaml.load(_SOURCE.read_text(encoding="utf-8"))
    return tuple((code, fold(said)) for code, sentences in raw.items() for said in sentences)


def mark_of(model_id: str) -> str:
    """Names the sentences and the model together."""
    return sha256("\0".join([model_id, *(f"{code} {said}" for code, said in exemplars())]).encode()).hexdigest()


@cache
def thoughts() -> tuple[tuple[str, str], ...]:
    """(code, folded sentence) of what the second thought learned beside `exemplars`.

    Sentences are read without the mark that ends them, so what ends in a question is learned without it too.
    """
    own = tuple((code, fold(said)) for code, said in second_thought.sentences())
    known = {said for _, said in (*exemplars(), *own)}
    asked = dict.fromkeys((code, said.rstrip("? ")) for code, said in (*exemplars(), *own) if said.endswith("?"))
    return (*own, *(one for one in asked if one[1] not in known))


def write(encoder: Any) -> None:
    """Computes the vectors anew, and what the second thought learns of them (about a minute)."""
    every = (*exemplars(), *thoughts())
    vectors = encoder.encode_queries([said for _, said in every]).astype(np.float16)
    mark = mark_of(encoder.model_id)
    np.savez_compressed(_VECTORS, vectors=vectors[: len(exemplars())], mark=np.array(mark))
    danger = np.array([not code.startswith("none") for code, _ in every])
    second_thought.write(
        vectors.astype(np.float64),
        [said for _, said in every],
        danger,
        second_thought.mark_of(mark, thoughts()),
        len(thoughts()),
    )


if __name__ == "__main__":
    from knowledge.embed import offline_embedder

    write(cast(Encoder, offline_embedder()))
