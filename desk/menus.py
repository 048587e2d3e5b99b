"""What a reply offers to choose from: the free times it shows, or a yes and a no under what it reads back. Pure.

A menu is plain JSON, as a send keeps it (`channels.contents`): `options` of `id`, `label` and `description`; `button`, which
opens it; `numbered`: numbers are written under the text where no buttons show; `listed`: the text has them already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from kit import fast_yaml, ptbr
from kit.text import plain

MOST = 10
YES, NO = "yes", "no"
_NUMBERED = re.compile(r"^[\W_]*(\d{1,2})[.)\-–:]?[\W_]+(.*)$", re.MULTILINE)
_CLOCK = re.compile(r"\b(\d{1,2})(?:h|:)(\d{2})?")

Result = Mapping[str, Any]
Menu = dict[str, Any]


@cache
def words() -> Mapping[str, str]:
    """The labels, as a patient reads them."""
    loaded: dict[str, str] = fast_yaml.load(files("desk").joinpath("menus.yaml").read_text("utf-8"))
    return loaded


def menu_of(results: Sequence[tuple[str, Result]], reply: str, read_back: Sequence[str]) -> Menu | None:
    """The menu of a reply, from what the tools answered in this turn; None when it offers no choice."""
    if read_back:
        return _yes_or_no(results, reply, read_back[-1])
    slots = next((result["slots"] for _, result in reversed(results) if len(result.get("slots") or ()) > 1), ())
    return _times(slots, reply)


def _yes_or_no(results: Sequence[tuple[str, Result]], reply: str, handle: str) -> Menu | None:
    """Only under a question: what was read back and asks nothing waits for no answer."""
    if "?" not in reply.rstrip()[-200:]:
        return None
    kind = next((result.get("kind") for _, result in results if result.get("proposal") == handle), None)
    yes, no = ("yes_cancel", "no_cancel") if kind == "cancel" else ("yes", "no")
    options = [{"id": YES, "label": words()[yes]}, {"id": NO, "label": words()[no]}]
    return {"options": options, "numbered": False}


def _times(slots: Sequence[Result], reply: str) -> Menu | None:
    shown = [slot for slot in slots if _said(slot, reply)][:MOST]
    if len(shown) < 2:
        return None
    lines = {int(number): line for number, line in _NUMBERED.findall(reply)}
    listed = bool(lines) and 1 in lines and 2 in lines
    if listed and not all(_said(slot, lines.get(place, "")) for place, slot in enumerate(shown, 1)):
        return None  # its own numbers mean something else: a "2" must never book what the patient did not read
    if len(lines) > len(shown) and listed:
        return None
    apart = [key for key in ("professional", "unit") if len({slot.get(key) for slot in shown}) > 1]
    options = []
    for slot in shown:
        about = ", ".join(str(slot[key]) for key in apart if slot.get(key))
        option = {"id": str(slot["slot"]), "label": ptbr.brief(datetime.fromisoformat(str(slot["starts_at"])))}
        options.append(option | ({"description": about} if about else {}))
    return {"options": options, "button": words()["open_slots"], "numbered": not listed, "listed": listed}


def _said(slot: Result, text: str) -> bool:
    """Whether this time is really in the words: its label, or its day of the month and its hour."""
    said = plain(text)
    if plain(str(slot.get("label") or "\0")) in said:
        return True
    at = datetime.fromisoformat(str(slot["starts_at"]))
    clocks = {(int(hour), int(minute or 0)) for hour, minute in _CLOCK.findall(said)}
    days = {int(day) for day in re.findall(r"\b(\d{1,2})(?=\s*(?:/|de\b|\)|,|$))|\bdia (\d{1,2})", said) for day in day if day}
    return (at.hour, at.minute) in clocks and at.day in days
