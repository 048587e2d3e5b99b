"""How a person is over their last reports, with what says so. Pure. Too little to tell is UNKNOWN, never STABLE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import mean
from typing import Any

from clinic.reports.findings import Findings
from clinic.reports.models import Pattern, Severity, Trend
from clinic.reports.patterns import name_of, points
from clinic.reports.ranges import ADULT, Ranges
from clinic.reports.reading import words_of
from clinic.reports.vitals import distance


@dataclass(frozen=True, slots=True)
class Past:
    """One report of a person: `ref` is how whoever asks calls it (its id)."""

    ref: str
    closed_at: datetime
    findings: Findings


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was compared. `about`: a measure's part ("systolic"), "points", or a pattern's key.

    `reports` and `values` go together, oldest first: for a measure the mean of that report, for the others how often.
    """

    about: str
    trend: Trend
    reports: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The trend over `of` reports, and what it was read from."""

    trend: Trend
    of: int
    evidence: tuple[Evidence, ...] = ()


NO_HISTORY = History(Trend.UNKNOWN, 0)


def history(reports: Iterable[Past], ranges: Ranges = ADULT) -> History:
    """Compares the earlier half of one person's last reports, this one included, with the later one. Nothing is read anew."""
    words = words_of("history")
    last = sorted(reports, key=lambda one: one.closed_at)[-int(words["window"]) :]
    if len(last) < words["least"]:
        return History(Trend.UNKNOWN, len(last))
    found = [one.findings.patterns for one in last]
    evidence = [*_measures(last, ranges), _points(last, found), *_repeated(last, found)]
    trends = {one.trend for one in evidence}
    whole = next((one for one in (Trend.WORSENING, Trend.IMPROVING, Trend.STABLE) if one in trends), Trend.UNKNOWN)
    if {Trend.WORSENING, Trend.IMPROVING} <= trends:
        whole = Trend.UNKNOWN if not _mostly_worse(evidence) else Trend.WORSENING
    return History(whole, len(last), tuple(evidence))


def told(found: History, patterns: Sequence[Pattern]) -> str:
    """The one sentence a family may read of it: what this report has and many of the last ones had; else empty."""
    words = words_of("history")
    here = {one.key for one in points(patterns)}
    for one in found.evidence:
        count = sum(value > 0 for value in one.values)
        if one.about in here and count >= words["repeats_from"]:
            return str(words["worsening"]).format(count=count, of=found.of, what=name_of(one.about))
    return ""


def as_json(found: History) -> dict[str, Any]:
    """As a row keeps it."""
    return {
        "trend": found.trend.value,
        "of": found.of,
        "evidence": [
            {"about": one.about, "trend": one.trend.value, "reports": list(one.reports), "values": list(one.values)}
            for one in found.evidence
        ],
    }


def from_json(found: Mapping[str, Any]) -> History:
    """What `as_json` wrote."""
    evidence = (
        Evidence(one["about"], Trend(one["trend"]), tuple(one["reports"]), tuple(one["values"])) for one in found["evidence"]
    )
    return History(Trend(found["trend"]), found["of"], tuple(evidence))


def _measures(last: Sequence[Past], ranges: Ranges) -> Iterable[Evidence]:
    """Each measure by how far out of its range it is: nearer is better, farther is worse, inside all along is stable."""
    series: dict[str, list[tuple[str, float]]] = {}
    for one in last:
        for part, measured in one.findings.measures.items():
            series.setdefault(part, []).append((one.ref, measured))
    least, steps = int(words_of("history")["readings_least"]), words_of("vitals")["steps"]
    for part, found in series.items():
        refs, values = tuple(ref for ref, _ in found), tuple(value for _, value in found)
        if len(values) < 2 * least:
            continue
        half = len(values) // 2
        before, after = (mean(distance(part, value, ranges) for value in one) for one in (values[:half], values[-half:]))
        change = after - before
        trend = Trend.STABLE if abs(change) < steps[part] else Trend.WORSENING if change > 0 else Trend.IMPROVING
        yield Evidence(part, trend, refs, values)


def _points(last: Sequence[Past], found: Sequence[Sequence[Pattern]]) -> Evidence:
    """How many things called for attention, report by report; an urgent one counts twice."""
    values = tuple(float(sum(2 if one.severity is Severity.URGENT else 1 for one in points(each))) for each in found)
    return Evidence("points", _of_counts(values), tuple(one.ref for one in last), values)


def _repeated(last: Sequence[Past], found: Sequence[Sequence[Pattern]]) -> Iterable[Evidence]:
    """What came back: each pattern of attention in at least three of the reports."""
    refs, every = tuple(one.ref for one in last), [{one.key for one in points(each)} for each in found]
    for key in sorted(set().union(*every)):
        values = tuple(float(key in keys) for keys in every)
        if sum(values) >= words_of("history")["repeats_from"]:
            yield Evidence(key, _of_counts(values), refs, values)


def _of_counts(values: Sequence[float]) -> Trend:
    half = len(values) // 2
    change = mean(values[-half:]) - mean(values[:half])
    least = float(words_of("history")["more_points"])
    return Trend.WORSENING if change >= least else Trend.IMPROVING if change <= -least else Trend.STABLE


def _mostly_worse(evidence: Sequence[Evidence]) -> bool:
    """Signs both ways: worse when what called for attention grew, else nobody can tell."""
    return any(one.about == "points" and one.trend is Trend.WORSENING for one in evidence)
