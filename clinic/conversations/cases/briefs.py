"""What a person reads before they answer: what is wanted, for whom, what was already done, the last words. From rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from clinic.conversations.models import CaseKind
from kit import fast_yaml

_SUMMED = ("service", "label", "professional", "person")
_WORDS_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """`wants`: the kind of matter in words. `noted`: what was written down when it was opened, by Carol or as the patient
    said it. `whom`: names of those it may be about. `done`: what was booked, moved, cancelled or still waits for a yes.
    `last_words`: what the patient wrote last, oldest first."""

    wants: str
    noted: str
    whom: tuple[str, ...]
    done: tuple[str, ...]
    last_words: tuple[str, ...]


def brief(
    kind: CaseKind,
    noted: str,
    *,
    people: Sequence[str],
    results: Sequence[Mapping[str, Any]],
    words: Sequence[tuple[str, str]],
) -> Brief:
    """`results`: of what tools wrote, oldest first; `words`: (kind of message, text) of the patient's last, oldest first."""
    said = tuple(text.strip()[:_WORDS_MOST] or _wordless(kind_) for kind_, text in words)
    noted = "" if noted.strip() in ("\n".join(said), *said) else noted.strip()
    done = [line for position, result in enumerate(results) if (line := _line(result, last=position == len(results) - 1))]
    about = [str(summary["person"]) for result in results if (summary := _summary(result)) and summary.get("person")]
    return Brief(
        wants=_texts()["kinds"][kind.value],
        noted=noted,
        whom=tuple(dict.fromkeys(about)) or tuple(people),
        done=tuple(dict.fromkeys(done)),
        last_words=said,
    )


def _line(result: Mapping[str, Any], *, last: bool) -> str | None:
    """What one receipt did, in words; a proposal counts only while nothing came after it."""
    summary = _summary(result)
    if not all(isinstance(summary.get(name), str) and summary[name] for name in _SUMMED):
        return None
    form = next((name for name in ("booked", "moved", "cancelled") if result.get(name) is True), None)
    if form is None:
        form = f"proposed_{result.get('kind')}" if last and "proposal" in result else ""
    written = _texts()["done"].get(form)
    return str(written).format(**{name: summary[name] for name in _SUMMED}) if written else None


def _summary(result: Mapping[str, Any]) -> Mapping[str, Any]:
    summary = result.get("summary")
    return summary if isinstance(summary, dict) else {}


def _wordless(kind: str) -> str:
    words: dict[str, str] = _texts()["wordless"]
    return words.get(kind, words["other"])


@cache
def _texts() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = fast_yaml.load(
        files("clinic.conversations.cases").joinpath("briefs.yaml").read_text("utf-8")
    )
    return loaded
