"""Words that go to families without a model, and what no text to a family may hold. Pure; words are in `words.yaml`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from clinic.patients.names import tidy
from clinic.reports.models import BadText, Report
from kit import fast_yaml, ptbr
from kit.text import plain, strip_hidden

MOST = 4000  # characters: WhatsApp takes 4096
_WORD = re.compile(r"[^\W\d_]+")
_SMALL = frozenset({"da", "de", "do", "das", "dos", "e", "dona", "seu", "sr", "sra", "dr", "dra"})


def fallback(report: Report, *, clinic: str, own: str, today: date, urgent: bool = False) -> str:
    """What a family reads when no text of the report may go: that there is one and where to ask; nothing of how anybody is.
    `urgent`: that somebody of the team calls them.

    `own`: the clinic's words, with {person}, {shift}, {day} and {clinic} where they please; empty: the house's.
    """
    kind = "_corrected" if report.revision > 1 else ""
    words = own.strip() or str(_words()[f"fallback{'_urgent' if urgent else ''}{kind}"])
    told = {
        "person": tidy(report.person_name) or report.person_name,
        "shift": str(_words()["shifts"][report.shift.value]),
        "day": ptbr.day(report.day, today=today),
        "clinic": clinic,
    }
    for name, value in told.items():
        words = words.replace("{" + name + "}", value)
    return words.strip()


def checked(text: str, report: Report, others: Iterable[str]) -> str:
    """The text as it would be sent. Raises BadText: it is empty, too long, or names somebody else whose reports we send."""
    tidied = strip_hidden(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not tidied or len(tidied) > MOST:
        raise BadText
    if strangers(tidied, report, others):
        raise BadText
    return tidied


def strangers(text: str, report: Report, others: Iterable[str]) -> list[str]:
    """Names of others that stand in the text.

    A whole name, word beside word, wherever else it stands: a report that has it may be of that person. Else what is neither in
    the report nor in this person's own name: a caregiver may be called like another family's mother.
    """
    said, known = _parts(text), set(_parts(f"{report.source_text} {report.person_name} {report.caregiver}"))
    own = [_bare(report.person_name), _bare(report.caregiver)]
    capitals = {plain(word) for word in _WORD.findall(text) if word[:1].isupper()}
    joined = f" {' '.join(word for word in said if word not in _SMALL)} "
    return [name for name in others if _whole(_bare(name), joined, own) or _named(name, said, known, capitals)]


def _bare(name: str) -> str:
    return " ".join(word for word in _parts(name) if word not in _SMALL)


def _whole(name: str, joined: str, own: Collection[str]) -> bool:
    return " " in name and f" {name} " in joined and not any(f" {name} " in f" {one} " for one in own)


def _named(name: str, said: list[str], known: Collection[str], capitals: Collection[str]) -> bool:
    parts = [word for word in _parts(name) if word not in _SMALL]
    if not parts or all(word in known for word in parts):
        return False
    whole = len(parts) > 1 and all(word in said for word in parts)
    return whole or (parts[0] not in known and parts[0] in capitals and parts[0] in said)


def _parts(text: str) -> list[str]:
    return [plain(word) for word in _WORD.findall(text)]


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("clinic.reports").joinpath("words.yaml").read_text("utf-8"))
    return loaded
