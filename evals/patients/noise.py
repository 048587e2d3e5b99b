"""WhatsApp as it is, over any scenario: the same words in pieces, mistyped, without accents, spoken, out of order, twice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

from clinic.scenarios.schema import Patient, Said, Scenario
from kit.dice import Dice, dice

# Neighbours on a phone's keyboard.
_NEAR = {
    "a": "sqz", "e": "wrd", "i": "uok", "o": "ipl", "u": "yij", "s": "adw", "r": "etf", "n": "bmh", "m": "nj", "t": "ryg",
    "d": "sfe", "c": "xvd", "l": "kop", "p": "ol", "g": "fht", "v": "cbg", "h": "gjy", "b": "vng", "q": "wa", "z": "xa",
}  # fmt: skip
# What a typo would turn into something else: names, times, dates, prices and answers of one word stay as they are.
_KEEP = re.compile(r"\d|[A-ZÁÀÂÃÉÊÍÓÔÕÚÇ]|^.{0,4}$")
_FILLERS = ("é", "hum", "então", "assim")


def noisy(scenario: Scenario, kind: str, *, seed: int) -> Scenario:
    """The scenario with every turn said so. Raises KeyError for a kind that is not in `KINDS`."""
    change, rng = KINDS[kind], dice(f"{scenario.id}:{kind}:{seed}")
    patient = scenario.patient
    turns = tuple(change(turn, rng) for turn in patient.turns)
    opening = change(patient.opening, rng) if patient.opening is not None else None
    fresh: Patient = patient.model_copy(update={"turns": turns, "opening": opening})
    return scenario.model_copy(update={"patient": fresh})


def kinds_of(scenario: Scenario, *, seed: int = 1) -> list[str]:
    """The kinds that change what this patient says, in order: what is one short sentence cannot be cut."""
    return [kind for kind in sorted(KINDS) if noisy(scenario, kind, seed=seed).patient != scenario.patient]


def _again(said: Said, *texts: str, **more: object) -> Said:
    return said.model_copy(update={"say": texts[0] if len(texts) == 1 else tuple(texts), **more})


def _burst(said: Said, rng: Dice) -> Said:
    """Cut where a thumb presses send: at commas and between sentences."""
    pieces = [piece.strip(" ,") for text in said.texts for piece in re.split(r"(?<=[,.!?])\s+", text)]
    return _again(said, *[piece for piece in pieces if piece]) if len(pieces) > 1 else said


def _typos(said: Said, rng: Dice) -> Said:
    return _again(said, *[" ".join(_mistyped(word, rng) for word in text.split(" ")) for text in said.texts])


def _mistyped(word: str, rng: Dice) -> str:
    if _KEEP.search(word) or rng.random() > 0.25:
        return word
    place = rng.randrange(1, len(word) - 1)
    match rng.randrange(3):
        case 0:
            return word[:place] + word[place + 1 :]
        case 1:
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        case _:
            return word[:place] + rng.choice(_NEAR.get(word[place], word[place])) + word[place + 1 :]


def _bare(said: Said, rng: Dice) -> Said:
    """As typed in a hurry: no accents, no capitals, no full stops."""
    texts = ["".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)) for text in said.texts]
    return _again(said, *[text.lower().rstrip(".") for text in texts])


def _spoken(said: Said, rng: Dice) -> Said:
    """A voice note as an ear writes it down: one stream, with a hesitation where one breathes. Where a sentence ends, and that
    it is a question, is heard (without the mark "é de vocês?" would say the contrary); commas are not."""
    phrases = [phrase.strip() for phrase in re.split(r"[,;:](?=\s)|(?<=[.!?])\s", " ".join(said.texts)) if phrase.strip()]
    if len(" ".join(phrases).split()) > 5:
        place = rng.randrange(len(phrases))
        phrases[place] = f"{rng.choice(_FILLERS)}, {phrases[place]}"
    return _again(said, " ".join(phrases), spoken=True)


def _disorder(said: Said, rng: Dice) -> Said:
    """A burst whose pieces arrive in another order."""
    pieces = list(_burst(said, rng).texts)
    if len(pieces) > 1:
        pieces[0], pieces[1] = pieces[1], pieces[0]
    return _again(said, *pieces)


def _twice(said: Said, rng: Dice) -> Said:
    return _again(said, *said.texts, twice=True)


KINDS: Mapping[str, Callable[[Said, Dice], Said]] = MappingProxyType(
    {"burst": _burst, "typos": _typos, "bare": _bare, "spoken": _spoken, "disorder": _disorder, "twice": _twice}
)
