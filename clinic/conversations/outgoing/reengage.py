"""Outside the 24-hour window only an approved template may be sent: which one, and with which words in its gaps. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from clinic.tenants.policies import Template
from kit import fast_yaml
from kit.text import strip_hidden

PURPOSE, REPORT = "reengage", "report"
_REFUSED = frozenset({"missing", "rejected", "paused", "disabled", "deleted", "pending_deletion", "limit_exceeded"})
_GAP = re.compile(r"\{\{\s*([0-9]+)\s*\}\}")
_NAME = re.compile(r"[^\W\d_]{2,20}(?:['’-][^\W\d_]{2,20})?")
_LONG = 60  # characters of one parameter


@dataclass(frozen=True, slots=True)
class Call:
    """A template with its gaps filled. `text` is what the patient reads."""

    name: str
    language: str
    parameters: tuple[str, ...]
    text: str

    @property
    def content(self) -> dict[str, Any]:
        """As an outbox row keeps it (channels.contents)."""
        return {"template": {"name": self.name, "language": self.language, "parameters": list(self.parameters)}}


def usable(templates: Sequence[Template], states: Mapping[tuple[str, str], str], *, report: bool = False) -> Template | None:
    """The first template that asks a patient to write and that the platform has not refused, paused or disabled.

    `states` by (name, language); a template it never spoke of is usable. Of a `report` that waits one made for reports tells,
    and where there is none any.
    """
    open_ = [one for one in templates if states.get((one.name, one.language), "approved").lower() not in _REFUSED]
    purposes = (REPORT, PURPOSE) if report else (PURPOSE,)
    return next((one for purpose in purposes for one in open_ if one.purpose == purpose), None)


def call(template: Template, *, name: str | None, about_visit: bool, report: bool = False) -> Call:
    """The template as it is sent: its first gap is the patient's first name, every other one the matter."""
    words = _words()
    matter = str(words["matters"]["report" if report else "visit" if about_visit else "other"])
    first = first_name(name) or str(words["no_name"])
    gaps = sorted({int(number) for number in _GAP.findall(template.body)})
    by_gap = {gap: (first if gap == 1 else matter)[:_LONG] for gap in gaps}
    text = _GAP.sub(lambda match: by_gap[int(match[1])], template.body)
    return Call(template.name, template.language, tuple(by_gap[gap] for gap in gaps), text)


def first_name(display_name: str | None) -> str | None:
    """The first word of a profile's name, when it looks like one: what somebody typed there is not trusted further."""
    for word in strip_hidden(display_name or "").split()[:1]:
        if _NAME.fullmatch(word):
            return word if not (word.isupper() or word.islower()) else word.capitalize()
    return None


@cache
def _words() -> Mapping[str, Any]:
    found: Mapping[str, Any] = fast_yaml.load(
        files("clinic.conversations.outgoing").joinpath("reengage.yaml").read_text("utf-8")
    )
    return found
