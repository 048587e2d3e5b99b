"""How people write the small things of a clinic document: days, hours, money, phones. Each is read once, here."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema

from clinic.tenants.problems import say
from kit.phone import canonical
from kit.text import plain

_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            ("mon", "monday", "seg", "segunda"),
            ("tue", "tuesday", "ter", "terca"),
            ("wed", "wednesday", "qua", "quarta"),
            ("thu", "thursday", "qui", "quinta"),
            ("fri", "friday", "sex", "sexta"),
            ("sat", "saturday", "sab", "sabado"),
            ("sun", "sunday", "dom", "domingo"),
        )
    )
    for name in names
}
_CLOCK = re.compile(r"([01]?\d|2[0-3])(?::|h)([0-5]\d)?")
_MONEY = re.compile(r"(?:R\$\s*)?(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d{2}))?|(?:R\$\s*)?(\d+)\.(\d{1,2})")


def weekday(value: Any) -> int:
    """0 (Monday) to 6, from an English or Brazilian name, short or long; accents and case do not matter."""
    number = _WEEKDAYS.get(plain(str(value)).removesuffix("-feira"))
    if number is None:
        raise ValueError(say("weekday", given=value))
    return number


def clock(value: Any) -> time:
    """A local time of day, from `08:00`, `8h` or `8h30`."""
    if isinstance(value, time):
        return value
    found = _CLOCK.fullmatch(str(value).strip().lower())
    if found is None:
        raise ValueError(say("clock", given=value))
    return time(int(found[1]), int(found[2] or 0))


def cents(value: Any) -> int | None:
    """Whole cents, from 180, 180.00, "180,00" or "R$ 1.250,00"; None stays None."""
    if value is None:
        return None
    found = _MONEY.fullmatch(str(value).strip())
    if found is None or (isinstance(value, float) and round(value, 2) != value):
        raise ValueError(say("price", given=value))
    whole, after_comma, plain_whole, after_point = found.groups()
    text = f"{plain_whole}.{after_point}" if plain_whole else f"{whole.replace('.', '')}.{after_comma or '00'}"
    return int(Decimal(text) * 100)


def span(value: Any) -> tuple[time, time]:
    """Opening and closing of "08:00-12:00"."""
    if isinstance(value, tuple):
        return value
    parts = re.split(r"\s*[-–]\s*", str(value).strip())
    if len(parts) != 2:
        raise ValueError(say("span", given=value))
    opens, closes = clock(parts[0]), clock(parts[1])
    if closes <= opens:
        raise ValueError(say("span_backwards", given=value))
    return opens, closes


def week(value: Any) -> dict[int, tuple[tuple[time, time], ...]]:
    """Spans by weekday, from {"mon": ["08:00-12:00"], "ter-sex": "13:00-18:00"}; days are given once, spans never overlap."""
    if not isinstance(value, dict):
        raise ValueError(say("week_shape"))
    found: dict[int, tuple[tuple[time, time], ...]] = {}
    for name, given in value.items():
        spans = tuple(sorted(span(item) for item in (given if isinstance(given, list | tuple) else [given])))
        for before, after in pairwise(spans):
            if after[0] < before[1]:
                raise ValueError(say("week_overlap", day=name, one=_said(before), other=_said(after)))
        for day in _days(name):
            if day in found:
                raise ValueError(say("week_twice", day=name))
            found[day] = spans
    return dict(sorted(found.items()))


def _days(name: Any) -> list[int]:
    if isinstance(name, int):
        return [name]
    text = str(name).replace("-feira", "")
    first, _, last = text.partition("-")
    start = weekday(first)
    if not last:
        return [start]
    end = weekday(last)
    if end < start:
        raise ValueError(say("week_backwards", given=name))
    return list(range(start, end + 1))


def _said(hours: tuple[time, time]) -> str:
    return f"{hours[0]:%H:%M}-{hours[1]:%H:%M}"


def day(value: Any) -> Any:
    """A date, from `2026-12-24` or `24/12/2026`."""
    if isinstance(value, date) or value is None:
        return value
    for shape in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(str(value).strip(), shape).date()
        except ValueError:
            continue
    raise ValueError(say("day", given=value))


def phone(value: Any) -> str:
    """E.164, Brazilian ninth digit restored."""
    found = canonical(str(value))
    if found is None:
        raise ValueError(say("phone", given=value))
    return found


def timezone(value: str) -> str:
    """The name of a time zone that exists."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(say("timezone", given=value)) from error
    return value


def everything(value: Any) -> Any:
    """None for "all", else the list as given."""
    if value == "all":
        return None
    if not isinstance(value, list | tuple):
        raise ValueError(say("services"))
    return value


class Part(BaseModel):
    """A part of the document: closed to unknown keys, never changed once read, described by its docstrings."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, coerce_numbers_to_str=True)


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Weekday = Annotated[
    int,
    BeforeValidator(weekday),
    WithJsonSchema(
        {"type": "string", "description": "A weekday: mon tue wed thu fri sat sun, or seg ter qua qui sex sab dom."}
    ),
]
Clock = Annotated[time, BeforeValidator(clock), WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}(:\d\d|h(\d\d)?)$"})]
Day = Annotated[date, BeforeValidator(day), WithJsonSchema({"type": "string", "format": "date"})]
Phone = Annotated[str, BeforeValidator(phone), WithJsonSchema({"type": ["string", "integer"]})]
Timezone = Annotated[str, AfterValidator(timezone)]
Price = Annotated[
    int | None,
    BeforeValidator(cents),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}, {"type": "null"}]}),
]
_SPAN_SCHEMA = {"type": "string", "pattern": r"^.+[-–].+$"}
Week = Annotated[
    dict[int, tuple[tuple[time, time], ...]],
    BeforeValidator(week),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"anyOf": [{"type": "array", "items": _SPAN_SCHEMA}, _SPAN_SCHEMA]},
            "examples": [{"mon": ["08:00-12:00", "13:00-18:00"], "ter-sex": ["08:00-18:00"]}],
        }
    ),
]
Services = Annotated[
    tuple[Key, ...] | None,
    BeforeValidator(everything),
    WithJsonSchema({"anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "string"}}]}),
]
