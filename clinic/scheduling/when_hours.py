"""Reads the hours a message mentions: exact ones, ranges, and parts of the day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from clinic.scheduling.when_words import COUNTED, MONTH, NUMBER, NUMBERS, Reading, number


@dataclass(frozen=True, slots=True)
class HourMention:
    """`at`, an exact hour, or the hours from `since` up to `until` (None reaches the edge of the day).

    `half_open`: no half of the day was said with `at`, so that a part of the day said elsewhere decides it.
    """

    start: int
    end: int
    at: time | None = None
    since: time | None = None
    until: time | None = None
    around: bool = False
    half_open: bool = False
    ambiguous: bool = False


_DURING = (
    r"(?:(?:na |no |pela |pelo |d[aeo] |a |so ){0,2}(?:parte|periodo|turno|horario) d[ae] |horario |periodo |turno )?"
    r"(?:(?:de|na|da|pela|p/|a|so) ){0,3}"
)
# The hours Brazilian clinics mean by each part of the day; overlaps are meant.
_PARTS: list[tuple[str, time | None, time | None]] = [
    (r"(?:depois|dps|apos|passad[oa]) (?:d?o |a )?(?:hora do )?almoco", time(13), None),
    (r"antes d[oe] (?:hora do )?almoco", None, time(12)),
    (r"(?:n[ao] |de )?(?:hora|horario) d[eo] almoco", time(12), time(14)),
    (r"(?:depois|dps|apos|saindo) d?o (?:trabalho|expediente|servico|trampo)", time(18), None),
    (r"antes d?o (?:trabalho|expediente|servico)", None, time(9)),
    (r"(?:come[cs]o|comecinho|inicio|primeir[oa]s? hor\w+) da manha", None, time(10)),
    (r"(?:(?:de )?manha )?(?:bem )?(?:cedinho|cedin|cedim|cedo)(?: (?:da|de|pela) manha)?", None, time(10)),
    (r"meio da manha", time(9), time(11)),
    (r"(?:fim|final|finalzinho|finzinho) d[ae] manha", time(10, 30), time(12, 30)),
    (r"(?:come[cs]o|comecinho|inicio) da tarde", time(12), time(15)),
    (r"meio da tarde", time(14), time(16)),
    (r"(?:fim|final|finalzinho|finzinho) d[aeo] (?:tarde|dia)|(?:de |a |na |da )?(?:tardinha|tardezinha)", time(16), time(19)),
    (r"(?:come[cs]o|comecinho|inicio) da noite|(?:de |a |na |da )?noitinha", time(17, 30), time(20)),
    (r"(?:de |na |da )?madrugada", None, time(6)),
    (_DURING + r"(?:manha|manhazinha|matutino)", None, time(12)),
    (_DURING + r"(?:tarde|vespertino)", time(12), time(18)),
    (_DURING + r"(?:noite|noturno)", time(18), None),
]
_PART_PATTERNS = [(re.compile(rf"\b(?:{words})\b"), since, until) for words, since, until in _PARTS]

_HALF = r"(?:\s*,?\s*(?:d[aeo]|pela|a)\s+(?P<{p}half>manha|madrugada|tarde|tardinha|noite|noitinha))"
_MINUTES = r"(?:meia|quinze|trinta|vinte|dez|cinco|quarenta(?: e cinco)?|cinquenta|[0-5]\d)"
_NOT_COUNTED = rf"(?!\s*(?:{COUNTED}\b|[\d/%$]|[,.]\d|de {MONTH.replace('(?P<month>', '(?:')}))"


def _clock(p: str) -> str:
    return (
        rf"(?:(?P<{p}noon>meio[- ]?dia(?: e meia)?)|(?P<{p}midnight>meia[- ]?noite)"
        rf"|(?P<{p}h>(?<![\d.,/]){NUMBER})"
        rf"(?:\s?(?P<{p}mark>h(?:oras?|rs?|s)?(?![a-z])|[:;]|\.(?=\d\d\b))\s?(?:(?P<{p}m>\d{{2}})(?!\d)\s?(?:h(?:rs?|s)?\b|min\w*)?)?)?"
        rf"(?:\s?e\s(?P<{p}w>{_MINUTES})\b(?!\s*(?:h\b|hs|horas|:)))?(?:\s?(?P<{p}late>horas?|hrs?|hs)\b)?"
        + _HALF.format(p=p)
        + r"?)"
    )


_BEFORE_HOUR = (
    r"(?:(?:por volta d|la p[oe]l|perto d|p[oe]l|pr?|d|n|tipo )?[ao]?s\b|umas|uns|(?:pra|para|tipo|la pras) (?:as|umas)|"
    r"ate|apos|antes d[aeo]s?|(?:depois|dps|a partir) d?[aeo]s?|a partir|entre|tipo|a(?= uma\b))"
)
_TO = r"\s*(?:as|a|ate(?: as| umas)?|e(?: as)?|-|/)\s*(?:as )?"
_RANGE = re.compile(rf"\b(?P<lead>entre|das?|de)\s+(?:as |umas )?{_clock('a')}{_TO}{_clock('b')}(?![\d:/])" + _NOT_COUNTED)
_STRONG_RANGE = re.compile(rf"{_clock('a')}\s*(?:as|a|ate(?: as)?|-)\s*{_clock('b')}(?![\d:/])" + _NOT_COUNTED)
_MINUTES_TO = re.compile(
    rf"\b(?P<minutes>cinco|dez|quinze|vinte|5|10|15|20)\s+(?:pras?|para)\s+(?:as? )?(?P<h>{NUMBER}|meio[- ]dia)"
    rf"(?:{_HALF.format(p='')})?"
)
_EXACT = re.compile(rf"\b(?P<lead>{_BEFORE_HOUR})\s+{_clock('')}(?!\d)" + _NOT_COUNTED)
_ALONE = re.compile(_clock("") + r"(?!\d)" + _NOT_COUNTED)
_AND_ANOTHER = re.compile(rf"\s*(?:,|ou|ou entao)\s*(?:as |pelas )?{_clock('')}(?!\d)" + _NOT_COUNTED)
_AROUND = re.compile(r"^(?:umas|uns|por volta|la p|perto|tipo|pelas|para umas|pra umas|.*umas)")


def read_hours(reading: Reading) -> list[HourMention]:
    """Every mention of an hour, in the order written; takes them from `reading` and notes hours no clock shows."""
    found = [*_before_the_hour(reading), *_ranges(reading), *_exact(reading), *_parts(reading)]
    return sorted(found, key=lambda mention: mention.start)


def _ranges(reading: Reading) -> list[HourMention]:
    found = []
    for pattern in (_RANGE, _STRONG_RANGE):
        for match in pattern.finditer(reading.rest):
            parts = match.groupdict()
            weak = not any(parts[p + name] for p in "ab" for name in ("mark", "late", "half", "noon", "midnight", "w"))
            if weak and parts.get("lead") not in ("das", "da", "entre", "de"):
                continue
            first, last = _value(parts, "a", parts["bhalf"]), _value(parts, "b", parts["ahalf"])
            worded = weak and parts.get("lead") == "de" and not (parts["ah"] or "0").isdigit()
            if first is None or last is None or worded:
                continue
            since, until = _business(parts, "a", first), _business(parts, "b", last)
            if since >= until:
                since, until = first, (last if last > first else _business(parts, "b", last))
            if since < until:
                found.append(HourMention(match.start(), match.end(), since=since, until=until))
                reading.take(match.start(), match.end())
    return found


def _before_the_hour(reading: Reading) -> list[HourMention]:
    """ "quinze pras três"."""
    found = []
    for match in _MINUTES_TO.finditer(reading.rest):
        name = match["h"]
        hour = 12 if name.startswith("meio") else number(name)
        if not 1 <= hour <= 23:
            continue
        half = match["half"]
        hour = _halved(hour, half) if half else hour + 12 * (hour <= 7)
        at = time(hour - 1, 60 - number(match["minutes"]))
        found.append(HourMention(match.start(), match.end(), at=at, half_open=half is None and hour < 20))
        reading.take(match.start(), match.end())
    return found


def _exact(reading: Reading) -> list[HourMention]:
    found: list[HourMention] = []
    for pattern in (_EXACT, _ALONE):
        at = 0
        while (match := pattern.search(reading.rest, at)) is not None:
            mention = _one(match, reading)
            at = match.end() if mention else match.start() + 1
            while mention is not None:
                found.append(mention)
                reading.take(mention.start, mention.end)
                another = _AND_ANOTHER.match(reading.rest, mention.end)
                mention = None if another is None else _mention(another, another.groupdict(), reading)
    return found


def _one(match: re.Match[str], reading: Reading) -> HourMention | None:
    parts = match.groupdict()
    if parts["noon"] or parts["midnight"]:
        return _mention(match, parts, reading)
    lead = (parts.get("lead") or "").strip()
    sure = bool(parts["half"] or (parts["mark"] and not parts["mark"].startswith("hora")) or parts["m"] or parts["w"] == "meia")
    if parts["mark"] in (":", ";", ".") and not parts["m"]:
        return None
    if parts["mark"] in (";", ".") and not lead:
        return None
    if not sure and not lead and not (parts["late"] or parts["mark"]):
        return None
    if not sure and not lead and (parts["h"] in ("uma", "1", "um", "duas", "2", "meia") or not _as_hours(parts)):
        return None
    if lead and not sure and not _said_as_hour(match, parts, lead, reading):
        return None
    return _mention(match, parts, reading)


def _as_hours(parts: dict[str, str | None]) -> bool:
    """ "9 horas" is an hour of the day; "3 horas" without "às" may be a length."""
    return number(parts["h"] or "") >= 7 or parts["w"] is not None


def _said_as_hour(match: re.Match[str], parts: dict[str, str | None], lead: str, reading: Reading) -> bool:
    named = parts["h"] or ""
    if re.fullmatch(r"(?:[dn]|pel|(?:antes|depois) d)?os?|depois o", lead) and not parts["mark"]:
        return False
    if lead in ("das", "nas", "da", "de") and named in NUMBERS and not (parts["late"] or parts["mark"] or parts["w"]):
        return False
    # "as duas" are two of something, "às duas" an hour: the accent tells.
    if named in ("uma", "duas", "tres") and lead in ("as", "a") and not (parts["late"] or parts["mark"] or parts["w"]):
        return reading.original[match.start("lead")] in "àÀáÁ" or reading.rest[: match.start()].rstrip(", ").endswith("#")
    return True


def _mention(match: re.Match[str], parts: dict[str, str | None], reading: Reading) -> HourMention | None:
    start = match.start("lead") if parts.get("lead") and _AROUND.match(parts["lead"] or "") else _first(match)
    value = _value(parts, "", None)
    if value is None:
        if parts["mark"] or parts["half"] or parts["late"] or reading.original[match.start()] in "àÀ":
            reading.refuse(_first(match), match.end())
        return None
    lead = parts.get("lead") or ""
    at = _business(parts, "", value)
    half_open = bool(parts["h"]) and parts["half"] is None and value.hour <= 12 and not _literal(parts)
    around, unclear = bool(_AROUND.match(lead)), half_open and value.hour == 7
    return HourMention(start, match.end(), at=at, around=around, half_open=half_open, ambiguous=unclear)


def _first(match: re.Match[str]) -> int:
    return min(match.start(name) for name in ("h", "noon", "midnight") if match[name])


def _literal(parts: dict[str, str | None], p: str = "") -> bool:
    return (parts[p + "h"] or "").startswith("0")


def _value(parts: dict[str, str | None], p: str, other_half: str | None) -> time | None:
    """The hour as written, moved by the half of the day said with it or with its pair; None if no clock shows it."""
    if parts[p + "noon"]:
        return time(12, 30 if "meia" in (parts[p + "noon"] or "")[6:] else 0)
    if parts[p + "midnight"]:
        return time(0)
    hour = number(parts[p + "h"] or "")
    minutes = _minutes(parts[p + "m"] or parts[p + "w"])
    half = parts[p + "half"] or other_half
    if half is not None:
        hour = _halved(hour, half)
    return time(hour, minutes) if hour <= 23 and minutes <= 59 else None


def _minutes(said: str | None) -> int:
    if said is None:
        return 0
    if said.isdigit():
        return int(said)
    return {"meia": 30, "quarenta": 40, "quarenta e cinco": 45, "cinquenta": 50}.get(said) or NUMBERS[said]


def _halved(hour: int, half: str) -> int:
    if half == "manha":
        return hour
    if half == "madrugada":
        return 0 if hour == 12 else hour
    if half.startswith("tarde") or half == "tardinha":
        return hour + 12 if hour < 12 else hour
    return 0 if hour == 12 else hour + 12 if 5 <= hour < 12 else hour


def _business(parts: dict[str, str | None], p: str, value: time) -> time:
    """Without a half of the day, 1 to 7 are afternoon hours in a clinic; "7h", "7:30" and "07" are what they say."""
    if not parts[p + "h"] or parts["half" if not p else p + "half"] or _literal(parts, p):
        return value
    last = 6 if parts[p + "mark"] else 7
    return value.replace(hour=value.hour + 12) if 1 <= value.hour <= last else value


def _parts(reading: Reading) -> list[HourMention]:
    found = []
    for pattern, since, until in _PART_PATTERNS:
        for match in pattern.finditer(reading.rest):
            found.append(HourMention(match.start(), match.end(), since=since, until=until))
            reading.take(match.start(), match.end())
    return found
