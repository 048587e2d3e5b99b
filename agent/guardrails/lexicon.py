"""Word lists of the guardrails as compiled patterns, and the flattening the patterns are written for. Pure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from kit import fast_yaml
from kit.patterns import any_of, vocabulary_of
from kit.text import expand_chat, plain, strip_hidden

_NOT_WORDS = re.compile(r"[^\w,%]+|_+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_SENTENCES = re.compile(r"(?<!\bdr)(?<!\bdra)(?<!\bsr)(?<!\bsra)[.!;\n]+(?!\d)|(?<=\?)", re.IGNORECASE)


def lexicon(name: str) -> dict[str, re.Pattern[str]]:
    """The lists of `<name>.yaml` beside this file, each as one pattern that matches whole words of `flat` text.

    `{word}` in an entry stands for an entry of the list `vocabulary`; `{gN}` for white space with at most N words in it.
    """
    source = Path(__file__).with_name(f"{name}.yaml")
    raw: dict[str, Any] = fast_yaml.load(source.read_text(encoding="utf-8"))
    vocabulary = vocabulary_of(raw.pop("vocabulary", {}))
    return {name: any_of(patterns, vocabulary) for name, patterns in raw.items()}


def flat(text: str) -> str:
    """`text` as the lists expect it: visible, plain, shorthand spelled out, stretched letters cut, " , " for a comma."""
    words = plain(expand_chat(strip_hidden(text)))
    words = _STRETCHED.sub(r"\1", _NOT_WORDS.sub(" ", words).replace(",", " , "))
    return " ".join(words.split())


def sentences(text: str) -> list[str]:
    """The sentences of `text` as written, a question keeping its mark; dots inside numbers and after "Dr" do not end one."""
    return [piece for part in _SENTENCES.split(text) if (piece := part.strip())]
