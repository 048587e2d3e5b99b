"""What an ear wrote down, taken with care: only what was really said comes through. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from clinic.tenants.models import Clinic
from kit import fast_yaml
from kit.errors import CarolError
from kit.text import plain, strip_hidden

LANGUAGE = "pt"
LONGEST = 4_000  # characters
_PROMPT = 600  # characters: an ear reads no more than the last 220 tokens of it
_ECHO = 6  # words: a longer piece of the prompt was not said, it was read
_LATIN = 0.6  # the least share of letters that must be ours


class Unheard(CarolError):
    """This ear will not hear this note, however often it is asked."""

    code = "unheard"


class NoWords(Unheard):
    """There was nothing in it that could be made out."""

    code = "no_words"


class TooLong(Unheard):
    """Longer than anybody listens."""

    code = "too_long"


@dataclass(frozen=True, slots=True)
class Sound:
    """A voice note. `media_type` is what its bytes are."""

    data: bytes = field(repr=False)
    media_type: str


def prompt_for(clinic: Clinic) -> str:
    """The names of a clinic, so that they are written right."""
    words = str(_words()["prompt"]).format(
        clinic=clinic.name,
        professionals=", ".join(one.name for one in clinic.professionals),
        services=", ".join(one.name for one in clinic.services),
        convenios=", ".join(one.name for one in clinic.convenios) or "particular",
    )
    return words[:_PROMPT]


def heard(text: str, prompt: str = "") -> str:
    """A transcript as it may be kept: visible, in our letters, and really said. Raises NoWords."""
    said = " ".join(strip_hidden(text).split())[:LONGEST]
    bare = _bare(said)
    if not _ours(said) or _nothing().fullmatch(bare) or _echoes(bare, prompt):
        raise NoWords
    return said


def _ours(said: str) -> bool:
    """Whether most letters are Latin: another script is another language than the patient's, or noise."""
    letters = [c for c in said if c.isalpha()]
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return any(c.isalnum() for c in said) and latin >= _LATIN * len(letters)


def _echoes(bare: str, prompt: str) -> bool:
    return len(bare.split()) >= _ECHO and f" {bare} " in f" {_bare(prompt)} "


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", plain(text)).strip()


@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = fast_yaml.load(files("agent").joinpath("hearing.yaml").read_text("utf-8"))
    return found


@cache
def _nothing() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in _words()["nothing"]))
