"""What the rules find in one report, kept with it so that nobody reads it anew; and by which rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files
from statistics import mean

from clinic.reports.models import Pattern
from clinic.reports.patterns import detect
from clinic.reports.ranges import ADULT, Ranges
from clinic.reports.reading import of_others, said
from clinic.reports.vitals import readings

_RULES = ("findings", "medicines", "patterns", "ranges", "reading", "vitals")


@dataclass(frozen=True, slots=True)
class Findings:
    """What stands out in a text, the mean of each part of its measures, and `rules` that found it (see `rules_of`)."""

    patterns: tuple[Pattern, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    rules: str = ""


def find(text: str, ranges: Ranges = ADULT) -> Findings:
    """Reads a source text, once."""
    here = said(text)
    parts: dict[str, list[float]] = {}
    for reading in readings(here):
        for part, value in () if of_others(here, reading.span) else reading.parts:
            parts.setdefault(part, []).append(value)
    measures = {part: round(mean(values), 1) for part, values in parts.items()}
    return Findings(detect(text, ranges), measures, rules_of(ranges))


def rules_of(ranges: Ranges) -> str:
    """Which rules and whose limits: findings with another mark are of an older day, and are found again before they count."""
    return f"{_digest()}:{sha256(ranges.key.encode()).hexdigest()[:8]}"


@cache
def _digest() -> str:
    """Of the rules' own words and code: a rule that is changed needs no number raised."""
    folder = files("clinic.reports")
    parts = (folder.joinpath(f"{name}{end}") for name in _RULES for end in (".py", ".yaml"))
    return sha256(b"\0".join(one.read_bytes() for one in parts if one.is_file())).hexdigest()[:12]
