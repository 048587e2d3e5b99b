"""What came in: cleaned for the model, and read for the wishes that code must honour whatever the model thinks. Pure."""

from __future__ import annotations

from functools import cache
from re import Pattern

from agent.guardrails.lexicon import flat, lexicon, sentences
from kit.text import strip_hidden

LONGEST = 4_000
CUT_MARK = "[…]"


def clean(text: str) -> str:
    """`text` without hidden characters, at most 4,000 characters; what is cut off at the end is marked "[…]"."""
    visible = strip_hidden(text).strip()
    if len(visible) <= LONGEST:
        return visible
    return visible[: LONGEST - len(CUT_MARK) - 1].rstrip() + " " + CUT_MARK


def is_opt_out(text: str) -> bool:
    """The patient wants no more messages: a verb of stopping with our messages as its object.

    Cancelling a visit, stopping a pain or a treatment, and asking for text instead of audio are not opt-outs.
    """
    return _says(text, "opt_out", "opt_out_not")


def may_be_opt_out(text: str) -> bool:
    """Perhaps they want no more messages, perhaps they only complain: to be asked, never to be acted upon."""
    return _says(text, "opt_out_maybe", "opt_out_not")


def is_opt_in(text: str) -> bool:
    """The patient wants automatic messages again. Only of somebody who opted out."""
    return _says(text, "opt_in", "opt_in_not")


def says_no(text: str) -> bool:
    """A plain no to a question just asked."""
    return _says(text, "refusal", None)


def says_yes(text: str) -> bool:
    """A plain yes to a question just asked, with no other wish beside it."""
    return _says(text, "agreement", None)


def wants_person(text: str) -> bool:
    """The patient asks for a person now. Wanting the professional who saw them last time is not that."""
    return _says(text, "person", "person_not") or wants_human_only(text)


def wants_human_only(text: str) -> bool:
    """The patient refuses to be served by AI from here on, not only in this matter."""
    return _says(text, "human_only", "human_only_not")


def _says(text: str, wish: str, unless: str | None) -> bool:
    lists = _lists()
    for sentence in sentences(text):
        words = flat(sentence)
        if lists[wish].search(words) and not (unless and lists[unless].search(words)):
            return True
    return False


@cache
def _lists() -> dict[str, Pattern[str]]:
    return lexicon("incoming")
