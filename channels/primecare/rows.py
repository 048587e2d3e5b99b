"""From a row's values, as a driver or a file gives them, to a report. Pure: whoever reads decides where values stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from channels.primecare.base import ID_MOST, Fault
from clinic.reports.models import Medication, Shift, SourceReport, Vital
from kit.text import plain, storable

NAME_MOST = 200
During = tuple[datetime, datetime]
_CLOCK = re.compile(r"([01]?\d|2[0-3])\s*(?:[:h])\s*([0-5]\d)?(?::[0-5]\d)?\s*(?:h|hs|hrs)?", re.IGNORECASE)
_DAYS = ("%Y-%m-%d", "%d/%m/%Y")
_BRAZILIAN = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")
_BARE = {"1": True, "s": True, "sim": True, "true": True, "0": False, "n": False, "nao": False, "false": False}


class BrokenRow(Exception):
    """A row that is no report. The code alone, never what it holds."""

    def __init__(self, code: Fault) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source's values are to be understood."""

    zone: ZoneInfo  # of instants that do not say theirs
    most: int  # characters of a body
    shifts: Mapping[str, Shift]  # what the source calls them, plain
    given: Mapping[str, bool]  # words for given and not given, plain


def report_of(row: Mapping[str, Any], reading: Reading) -> SourceReport:
    """The report of a row with SourceReport's names. `vitals` and `medications` are lists of mappings. Raises BrokenRow."""
    began, closed = instant(row.get("began_at"), reading.zone), instant(row.get("closed_at"), reading.zone)
    external_id = identity(row.get("external_id"))
    if began is None:
        raise BrokenRow(Fault.NO_BEGINNING)
    if closed is None:
        raise BrokenRow(Fault.NO_CLOSING)
    if closed < began:
        raise BrokenRow(Fault.BACKWARDS)
    report = SourceReport(
        external_id=external_id,
        subject_id=_named(row.get("subject_id"), ID_MOST),
        subject_name=_named(row.get("subject_name"), NAME_MOST),
        caregiver=_words(row.get("caregiver"), NAME_MOST),
        began_at=began,
        closed_at=closed,
        body=_words(row.get("body"), reading.most),
        vitals=tuple(_vitals(row.get("vitals"), (began, closed), reading.zone)),
        medications=tuple(_medications(row.get("medications"), (began, closed), reading)),
        shift=reading.shifts.get(plain(_words(row.get("shift"), NAME_MOST))),
        born_on=born(row.get("born_on")),
    )
    if not (report.body or report.vitals or report.medications):
        raise BrokenRow(Fault.EMPTY)
    return report


def identity(value: Any) -> str:
    """An external id as text. Raises BrokenRow."""
    found = value.hex() if isinstance(value, bytes) else _words(value, None)
    if not found:
        raise BrokenRow(Fault.NO_ID)
    if len(found) > ID_MOST:
        raise BrokenRow(Fault.LONG_ID)
    return found


def instant(value: Any, zone: ZoneInfo) -> datetime | None:
    """The instant in UTC, from what a driver, ISO 8601 or a Brazilian hand writes; None for nothing. Raises BrokenRow."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    found = _written(value.strip()) if isinstance(value, str) else value
    if not isinstance(found, datetime) or not 2000 <= found.year <= 2200:
        raise BrokenRow(Fault.BAD_DATE)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def born(value: Any) -> date | None:
    """A date of birth; one that cannot be read is none, for which no report is kept back."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str):
        value = next((found for form in _DAYS if (found := _day(value.strip()[:10], form))), None)
    return value if isinstance(value, date) and 1900 <= value.year <= 2200 else None


def _day(value: str, form: str) -> date | None:
    try:
        return datetime.strptime(value, form).date()
    except ValueError:
        return None


def instant_or_none(value: Any, zone: ZoneInfo) -> datetime | None:
    """The instant, or None where there is none: for a row that is broken anyway."""
    try:
        return instant(value, zone)
    except BrokenRow:
        return None


def _written(value: str) -> datetime | None:
    if "-" in value[:8]:
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
        return found if len(value) > 10 else None  # a day alone is no instant
    for form in _BRAZILIAN:
        try:
            return datetime.strptime(value, form)
        except ValueError:
            continue
    return None


def _words(value: Any, most: int | None) -> str:
    """Text as written, without what no database keeps, lines ended one way, trimmed; "" for nothing. Raises BrokenRow."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            raise BrokenRow(Fault.ENCODING) from None
    if isinstance(value, Decimal) and value.is_finite() and value == int(value):
        value = int(value)  # a number without fraction, as some schemas keep their ids
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise BrokenRow(Fault.BAD_TEXT)
    found = str(storable(str(value))).replace("\r\n", "\n").replace("\r", "\n").strip()
    if most is not None and len(found) > most:
        raise BrokenRow(Fault.TOO_LONG)
    return found


def _named(value: Any, most: int) -> str:
    found = _words(value, most)
    if not found:
        raise BrokenRow(Fault.NO_SUBJECT)
    return found


def _vitals(value: Any, during: During, zone: ZoneInfo) -> Iterable[Vital]:
    for one in _rows(value, Fault.BAD_VITALS):
        measured = amount(one.get("value"), Fault.BAD_VITALS)
        if not measured:
            continue  # asked for and not measured
        name, unit = (amount(one.get(field), Fault.BAD_VITALS) for field in ("name", "unit"))
        if not name:
            raise BrokenRow(Fault.BAD_VITALS)
        at, said = _moment(one.get("at"), during, zone, Fault.BAD_VITALS)
        yield Vital(f"{name} ({said})" if said else name, measured, unit, at)


def _medications(value: Any, during: During, reading: Reading) -> Iterable[Medication]:
    for one in _rows(value, Fault.BAD_MEDICATIONS):
        name, dose, note = (amount(one.get(field), Fault.BAD_MEDICATIONS) for field in ("name", "dose", "note"))
        if not name:
            if not (dose or note):
                continue
            raise BrokenRow(Fault.BAD_MEDICATIONS)
        at, said = _moment(one.get("at"), during, reading.zone, Fault.BAD_MEDICATIONS)
        given, word = _given(one.get("given"), reading.given)
        yield Medication(name, dose, at, given, "; ".join(part for part in (said, word, note) if part))


def _rows(value: Any, code: Fault) -> Sequence[Mapping[str, Any]]:
    """Measurements as a list of mappings, or as one mapping of names to values."""
    if value is None or value == "":
        return ()
    if isinstance(value, Mapping):
        value = [{"name": name, "value": inner} for name, inner in value.items()]
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise BrokenRow(code)
    return value


def amount(value: Any, code: Fault) -> str:
    """A short text or a number, as a Brazilian writes it: 36,5."""
    if isinstance(value, float | Decimal):
        number = Decimal(str(value))
        if not number.is_finite():
            raise BrokenRow(code)
        short = format(number, "f")
        return (short.rstrip("0").rstrip(".") if "." in short else short).replace(".", ",")
    try:
        return _words(value, NAME_MOST * 5)
    except BrokenRow as broken:
        raise BrokenRow(broken.code if broken.code is Fault.ENCODING else code) from None


def clock_of(value: Any) -> time:
    """A time of the day: 07:00, 7h, 7h30. Raises BrokenRow."""
    found = _CLOCK.fullmatch(str(value).strip())
    if found is None:
        raise BrokenRow(Fault.BAD_DATE)
    return time(int(found[1]), int(found[2] or 0))


def _moment(value: Any, during: During, zone: ZoneInfo, code: Fault) -> tuple[datetime | None, str]:
    """When, of a shift: the time of the day nearest to it; or the words, when they are no time ("após o almoço")."""
    if isinstance(value, timedelta) and timedelta() <= value < timedelta(days=1):
        value = (datetime(2000, 1, 1, tzinfo=UTC) + value).time()
    if isinstance(value, str) and _CLOCK.fullmatch(value.strip()):
        value = clock_of(value)
    if isinstance(value, time):
        local = datetime.combine(during[0].astimezone(zone).date(), value, zone)
        around = [(local + timedelta(days=days)).astimezone(UTC) for days in (-1, 0, 1)]
        return min(around, key=lambda at: max(during[0] - at, at - during[1], timedelta())), ""
    if isinstance(value, str):
        try:
            return instant(value, zone), ""
        except BrokenRow:
            return None, amount(value, code)
    if value is None or isinstance(value, datetime):
        return instant(value, zone), ""
    if isinstance(value, date | timedelta):
        raise BrokenRow(Fault.BAD_DATE)
    raise BrokenRow(code)


def _given(value: Any, words: Mapping[str, bool]) -> tuple[bool | None, str]:
    """Whether it was given, and the word for it where it says more than yes or no ("recusou")."""
    if value is None or isinstance(value, bool):
        return value, ""
    if isinstance(value, bytes) and len(value) == 1:
        return value != b"\0", ""
    said = amount(value, Fault.BAD_MEDICATIONS)
    bare = _BARE.get(plain(said))
    if bare is not None or not said:
        return bare, ""
    return words.get(plain(said)), said
