"""Which questions belong to a professional: diagnosis, dose, medication, prognosis, reading an exam. Pure."""

from __future__ import annotations

from functools import cache
from re import Pattern

from agent.guardrails.lexicon import flat, lexicon, sentences


def asks_medical(text: str) -> bool:
    """The patient asks for what only a professional may say (CFM 2.454/2026).

    Preparation for an exam, whether the clinic treats something, and fetching or bringing exams are the desk's own ground.
    """
    lists = _lists()
    whole = sentences(text)
    # People tell the finding in one sentence and ask about it in the next.
    spans = whole + ([" ".join(whole)] if 1 < len(whole) <= 4 else [])
    for span in spans:
        words = _asked(span)
        if lists["medical"].search(words) and not lists["medical_not"].search(words):
            return True
    return False


def _asked(sentence: str) -> str:
    """The flat sentence, a final question mark kept as a word of its own."""
    words = flat(sentence)
    return f"{words} ?" if "?" in sentence else words


@cache
def _lists() -> dict[str, Pattern[str]]:
    return lexicon("medical")
