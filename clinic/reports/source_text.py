"""A report as the one text that spans count in: what the caregiver wrote, then a line for each measure and medicine. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime, tzinfo

from clinic.reports.models import Medication, SourceReport, Vital
from clinic.reports.reading import words_of
from clinic.reports.rich_text import plain_text

# Units that a value already says, or that stand close to it.
_CLOSE = ("%", "°C", "ºC")


def source_text(report: SourceReport, zone: tzinfo) -> str:
    """The body as somebody would see it (no tags; composed, line ends as one), then lines like "PA 130x80 mmHg às 08:10" on the
    clinic's clock."""
    body = unicodedata.normalize("NFC", plain_text(report.body.replace("\r\n", "\n").replace("\r", "\n"))).strip()
    lines = [*_vitals(report.vitals, zone), *_medications(report.medications, zone)]
    return "\n".join([body, "", *lines] if body and lines else [body, *lines] if body else lines)


def _vitals(vitals: tuple[Vital, ...], zone: tzinfo) -> Iterator[str]:
    for one in vitals:
        known = not one.unit or one.unit.lower() in one.value.lower()
        unit = "" if known else one.unit if one.unit in _CLOSE else f" {one.unit}"
        yield _line(_word("vital").format(name=one.name, value=one.value, unit=unit, at=_at(one.at, zone)))


def _medications(medications: tuple[Medication, ...], zone: tzinfo) -> Iterator[str]:
    states = {True: "given", False: "not_given", None: "unknown"}
    for one in medications:
        dose = f" {one.dose}" if one.dose else ""
        note = _word("note").format(note=plain_text(one.note)) if one.note else ""
        state = _word(states[one.given])
        yield _line(_word("medication").format(name=one.name, dose=dose, at=_at(one.at, zone), state=state, note=note))


def _at(at: datetime | None, zone: tzinfo) -> str:
    return _word("at").format(time=f"{at.astimezone(zone):%H:%M}") if at else ""


def _line(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _word(key: str) -> str:
    return str(words_of("source_text")[key])
