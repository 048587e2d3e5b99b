"""Reads the days a message mentions, each as a span of dates or as weekdays still to be placed."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.scheduling.when_calendar import dated, in_month, monday, months_later
from clinic.scheduling.when_words import (
    COUNTED_FROM_NOW,
    MONTH,
    MONTH_IN_FULL,
    NUMBER,
    WEEKDAYS,
    Reading,
    month,
    number,
)

# A full date older than this is somebody's birth, not a visit.
_BIRTH = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class DayMention:
    """One expression: the dates from `first` to `last`, or a `weekday` (0 is Monday), with how it was `said`."""

    start: int
    end: int
    first: date | None = None
    last: date | None = None
    weekday: int | None = None
    said: str = "bare"
    ambiguous: bool = False

    @property
    def is_day(self) -> bool:
        return self.first is not None and self.first == self.last


def read_days(reading: Reading, today: date) -> list[DayMention]:
    """Every mention of a day, in the order written; takes them from `reading` and notes dates that do not exist."""
    found: list[DayMention] = []
    for read in (_dates, _numbered, _weeks, _months, _relative, _weekdays):
        found.extend(read(reading, today))
    return sorted(found, key=lambda mention: mention.start)


def read_counts(reading: Reading, today: date) -> list[DayMention]:
    """ "em 3 dias", "daqui a duas semanas": days to the day, weeks and months as the calendar week they fall in."""
    # "segunda quinzena" before "segunda" is anything else.
    found = _months(reading, today, [_HALF_MONTH])
    for match in COUNTED_FROM_NOW.finditer(reading.rest):
        count, unit = number(match["count"]), match["unit"]
        if unit.startswith("hora"):
            continue
        if unit.startswith("dia"):
            first = last = today + timedelta(days=count)
        else:
            day = today + timedelta(weeks=count) if unit.startswith("semana") else months_later(today, count)
            first = max(today, monday(day))
            last = monday(day) + timedelta(days=6)
        found.append(DayMention(match.start(), match.end(), first, last))
        reading.take(match.start(), match.end())
    return found


_DATE = [
    re.compile(r"\b(?P<year>20\d\d)-(?P<m>\d{2})-(?P<day>\d{2})\b"),
    re.compile(
        r"\b(?:dia )?(?<![\d/,.-])(?P<day>\d{1,2})\s?(?P<sep>[/.-])\s?(?P<m>\d{1,2})"
        r"(?:\s?(?P=sep)\s?(?P<year>\d{4}|\d{2}))?(?![\d/])(?!\s*(?:h|:|da (?:manha|tarde|noite)))"
    ),
    re.compile(
        rf"\b(?:dia )?(?P<day>{NUMBER}|primeiro|1o)\s?(?:de |do |/)?\s?{MONTH}"
        r"(?:,?(?: de | do |/| )(?P<year>20\d\d\b|(?<=/)\d{2}\b|(?<=de )\d{2}\b))?"
    ),
    re.compile(r"\b(?:dia )(?P<day>\d{1,2}) do (?P<m>\d{1,2})\b(?!\s*h)"),
]
_TWO_OF_A_MONTH = re.compile(
    rf"\b(?:dias? )?(?P<from>{NUMBER}|primeiro|1o)\s+(?:a|ao|ate|e|ou|-)\s+(?:o )?(?:dia )?"
    rf"(?={NUMBER}(?: de {MONTH_IN_FULL}|/(?P<m>\d{{1,2}})\b))"
)


def _dates(reading: Reading, today: date) -> list[DayMention]:
    found: list[DayMention] = []
    for match in _TWO_OF_A_MONTH.finditer(reading.rest):
        numeral = match["from"]
        day = dated(
            1 if numeral in ("primeiro", "1o") else number(numeral),
            month(match["month"]) if match["month"] else int(match["m"]),
            None,
            today,
        )
        if day is not None:
            end = match.end("from")
            found.append(DayMention(match.start(), end, day, day))
            reading.take(match.start(), end)
    for pattern in _DATE:
        for match in pattern.finditer(reading.rest):
            found.extend(_date(match, reading, today))
    return found


def _date(match: re.Match[str], reading: Reading, today: date) -> list[DayMention]:
    parts = match.groupdict()
    if parts.get("sep") == "." and parts["year"] is None:
        return []
    named = parts.get("month")
    if named and not re.search(r"\d|\bde\b|\bdia\b|primeiro", match[0]):
        return []
    day = 1 if parts["day"] in ("primeiro", "1o") else number(parts["day"])
    of_month = month(named) if named else int(parts["m"] or 0)
    if parts.get("sep") == "-" and parts["year"] is None and (of_month > 12 or _follows_das(reading, match.start())):
        return []
    year = int(parts["year"]) if parts.get("year") else None
    exact = dated(day, of_month, None if year is None else year + 2000 * (year < 100), today)
    if exact is None:
        reading.refuse(match.start(), match.end())
        return []
    reading.take(match.start(), match.end())
    if year is not None and exact < today - _BIRTH:
        return []
    return [DayMention(match.start(), match.end(), exact, exact)]


def _follows_das(reading: Reading, start: int) -> bool:
    return re.search(r"\b(?:das|as|entre)\s*$", reading.rest[:start]) is not None


_NOT_AN_HOUR = r"(?!\s*(?:h\b|hs|hrs|horas|:|\d*h|d[ae] (?:manha|tarde|noite)|e meia))"
_DAY_NUMBERS = re.compile(
    rf"\bdias?\s+(?P<days>(?:{NUMBER}|primeiro|1o)(?!\s*:)(?:\s*(?:,|e|ou|a|ao|ate|-)\s*(?:o\s+)?(?:dia\s+)?{NUMBER}{_NOT_AN_HOUR})*)"
    r"(?P<month>\s+(?:d?esse|d?este|do) mes\b(?! que vem)|\s+do (?:mes que vem|proximo mes|mes seguinte)|\s+do outro mes)?"
)
_ONE_NUMBER = re.compile(rf"(?:dia\s+)?(?P<n>{NUMBER}|primeiro|1o)")
_TOO_LARGE = re.compile(r"\bdia\s+(\d{3,})\b")


def _numbered(reading: Reading, today: date) -> list[DayMention]:
    found = []
    for match in _TOO_LARGE.finditer(reading.rest):
        reading.refuse(match.start(), match.end())
    for match in _DAY_NUMBERS.finditer(reading.rest):
        said = (match["month"] or "").strip()
        for one in _ONE_NUMBER.finditer(reading.rest, match.start("days"), match.end("days")):
            day = 1 if one["n"] in ("primeiro", "1o") else number(one["n"])
            start = match.start() if one.start() == match.start("days") else one.start()
            end = match.end() if one.end() == match.end("days") else one.end()
            mention = _numbered_day(day, said, today, start, end)
            if mention is None:
                reading.refuse(start, end)
            else:
                found.append(mention)
                reading.take(start, end)
    return found


def _numbered_day(day: int, said: str, today: date, start: int, end: int) -> DayMention | None:
    if not 1 <= day <= 31:
        return None
    first = today.replace(day=1)
    if said:
        base = first if re.search(r"sse|ste|do mes$", said) else months_later(first, 1)
        exact = in_month(base, day)
        return None if exact is None else DayMention(start, end, exact, exact)
    months = (months_later(first, n) for n in range(13))
    days = [exact for base in months if (exact := in_month(base, day)) is not None and exact >= today]
    skips = (days[0].year - today.year) * 12 + days[0].month - today.month > (1 if day < today.day else 0)
    return DayMention(start, end, days[0], days[0], said="number", ambiguous=skips)


_PART = r"(?:(?P<part>come[cs]o|comecinho|inicio|meio|meados|meiados|fim|final|finalzinho|finzinho) d[aeo] )?"
_NEXT = r"(?:que vem|q vem|qvem|seguinte|proxim[ao]|que entra)"
_THIS = r"(?:d?n?ess[ea]|d?n?est[ea]|ness[ea]|nest[ea])"
_WEEK = re.compile(
    rf"\b{_PART}(?:(?P<next>(?:proxima|prox\.?|outra) (?:seman\w?|semna|smana|sem\b)|"
    rf"(?:seman\w?|semna|smana|sem) (?:{_NEXT}|q\.? vem))"
    rf"|(?P<this>{_THIS} (?:mesma )?semana|semana agora|semana atual)|(?P<the>(?<=da )semana))\b"
)
_WEEKEND = re.compile(
    rf"\b(?:(?P<which>proxim[oa]|prox|outro|{_THIS}) )?"
    rf"(?:(?:final|fim|finais|fins) de semana|fds|findi)(?P<next> (?:{_NEXT}|agora))?\b"
)


def _weeks(reading: Reading, today: date) -> list[DayMention]:
    found = []
    for match in _WEEKEND.finditer(reading.rest):
        saturday = monday(today) + timedelta(days=5)
        if match["which"] == "outro":
            saturday += timedelta(days=7)
        elif (match["next"] or "").strip() not in ("", "agora") or (match["which"] or "").startswith("prox"):
            saturday += timedelta(days=7 * (today >= saturday))
        first, sunday = max(today, saturday), saturday + timedelta(days=1)
        found.append(DayMention(match.start(), match.end(), first, sunday, ambiguous=match["which"] == "outro"))
        reading.take(match.start(), match.end())
    for match in _WEEK.finditer(reading.rest):
        part = match["part"]
        if match["the"] and part is None:
            continue
        week = monday(today) + timedelta(days=7 if match["next"] else 0)
        start, end = _part_of(part, (0, 6), (0, 1), (1, 3), (3, 4))
        first, last = week + timedelta(days=start), week + timedelta(days=end)
        if last >= today:
            first = max(first, today)
        found.append(DayMention(match.start(), match.end(), first, last, ambiguous="outra" in match[0]))
        reading.take(match.start(), match.end())
    return found


def _part_of(
    part: str | None, whole: tuple[int, int], start: tuple[int, int], middle: tuple[int, int], end: tuple[int, int]
) -> tuple[int, int]:
    if part is None:
        return whole
    if part.startswith(("com", "ini")):
        return start
    return middle if part.startswith("me") else end


_HALF_MONTH = re.compile(
    rf"\b(?:a )?(?P<half>primeira|segunda|ultima) (?P<unit>quinzena|semana) "
    rf"(?:de {MONTH_IN_FULL}|(?P<next>do mes que vem|do proximo mes)|d(?:o|esse|este) mes)\b"
)
_MONTH = [
    re.compile(rf"\b{_PART}(?P<next>(?:proximo|prox|outro) mes|mes {_NEXT})\b"),
    re.compile(rf"\b{_PART}(?P<this>{_THIS} mes)\b"),
    re.compile(r"\b(?P<part>come[cs]o|comecinho|inicio|meio|meados|fim|final|finalzinho|finzinho) d[eo] (?P<this>mes)\b"),
    re.compile(rf"\b{_PART}{MONTH_IN_FULL}(?:,? (?:de (?P<year>20\d\d)|do ano que vem|(?P<again>que vem)))?"),
    re.compile(r"\b(?P<ano>ano que vem|proximo ano)\b"),
]


def _months(reading: Reading, today: date, patterns: Sequence[re.Pattern[str]] = _MONTH) -> list[DayMention]:
    found = []
    for pattern in patterns:
        for match in pattern.finditer(reading.rest):
            first, last = _month_span(match, today)
            if first <= today <= last:
                first = today
            found.append(DayMention(match.start(), match.end(), first, last))
            reading.take(match.start(), match.end())
    return found


def _month_span(match: re.Match[str], today: date) -> tuple[date, date]:
    parts = match.groupdict()
    if parts.get("ano"):
        return date(today.year + 1, 1, 1), date(today.year + 1, 12, 31)
    if parts.get("month"):
        named = month(parts["month"])
        year = int(parts["year"]) if parts.get("year") else today.year + (named < today.month or "ano que vem" in match[0])
        base = date(year, named, 1)
    else:
        base = months_later(today.replace(day=1), 1 if parts.get("next") else 0)
    length = monthrange(base.year, base.month)[1]
    if parts.get("half"):
        half, unit = parts["half"], parts["unit"]
        size = 15 if unit == "quinzena" else 7
        start, end = (1, size) if half == "primeira" else (16, length) if unit == "quinzena" else (8, 14)
        if half == "ultima" and unit == "semana":
            start, end = length - 6, length
    else:
        start, end = _part_of(parts.get("part"), (1, length), (1, 10), (11, 20), (21, length))
    return base.replace(day=start), base.replace(day=end)


_FEW = [
    (1, 2, re.compile(r"\b(?:amanhan?|amnha) ou depois\b(?! d)")),
    (0, 7, re.compile(r"\bproximos dias\b")),
    (0, 21, re.compile(r"\bproximas semanas\b")),
]
_RELATIVE = [
    (2, re.compile(r"\b(?:depois|dps|dpois|depos)\s?(?:d[ei]?|do)?\s?(?:amanha|amanhan|amanah|amnha|amnh|amh)\b")),
    (-2, re.compile(r"\b(?:antes de ontem|anteontem|antiontem)\b")),
    (-1, re.compile(r"\bontem\b")),
    (1, re.compile(r"\b(?:amanhan?|amanah|amnha|amnhaa?|amanham|amhn?|amn|amanhaa+|aman|amaha|amnah|amanhqa)\b")),
    (0, re.compile(r"\b(?:hoje|hj|oje|hje|hoj)\b(?! em dia)")),
]


def _relative(reading: Reading, today: date) -> list[DayMention]:
    found = []
    for start, end, pattern in _FEW:
        for match in pattern.finditer(reading.rest):
            first, last = today + timedelta(days=start), today + timedelta(days=end)
            found.append(DayMention(match.start(), match.end(), first, last))
            reading.take(match.start(), match.end())
    for days, pattern in _RELATIVE:
        for match in pattern.finditer(reading.rest):
            day = today + timedelta(days=days)
            found.append(DayMention(match.start(), match.end(), day, day))
            reading.take(match.start(), match.end())
    return found


_FAIR = r"(?:\s?-?\s?(?:feira|f\b\.?))"
_SHORT = r"seg|ter|terc|qua|qui|sex|sab|dom"
_NAMES = "|".join(WEEKDAYS)
_WEEKDAY = re.compile(
    rf"(?:\b(?P<before>toda|todas|todos|todo|qualquer|uma|um|proxim[ao]|prox|outr[ao]|{_THIS})\s+(?:as |os |a |o )?)?"
    rf"\b(?:(?P<name>{_NAMES})\b{_FAIR}?|(?P<nth>[2-6])(?:a|ª){_FAIR}?(?![a-z0-9]))"
    rf"(?P<after>[ ,]*(?:{_NEXT}|agora|mesmo|(?:da |dessa )?outra)\b)?"
)
# Abbreviations that are also words ("ter", "dom") need company to be days.
_COMPANY_BEFORE = re.compile(
    rf"(?:\b(?:na|nessa|essa|esta|nesta|dessa|toda|proxima|prox|outra)|(?:\b(?:{_NAMES})|#)\s*(?:,|/|-|e|ou|a|ate)|^)\s*$"
)
_COMPANY_AFTER = re.compile(
    rf"\.?\s*(?:{_NEXT}|-?feira|"
    rf"(?:,|/|-|e|ou|a)\s*(?:{_SHORT})\b|,?\s*\d{{1,2}}\s*(?:/|h|:)|as \d|"
    r"de (?:manha|tarde|noite)|a (?:tarde|noite)|$|dia \d)"
)
_CHOOSING = re.compile(r"(?:^|\b(?:prefiro|quero|fico com|pode ser) )a $")
_VERB = re.compile(r"\b(?:vou|posso|quero|queria|pode|preciso|devo|vai|consigo|deve|gostaria de|para|pra|sem|de|por)\s*$")


def _weekdays(reading: Reading, today: date) -> list[DayMention]:
    found = []
    for match in _WEEKDAY.finditer(reading.rest):
        name = match["name"]
        if name is not None and name in _SHORT.split("|") and not _in_company(reading, match):
            continue
        index = int(match["nth"]) - 2 if name is None else _weekday(name)
        if name is None and not _in_company(reading, match) and not re.search("feira|f$", match[0]):
            continue
        before, after = match["before"] or "", (match["after"] or "").strip(" ,")
        said = _said(before, after, plural=name is not None and name.endswith("s"))
        start = match.start("before") if before else match.start("name") if name else match.start("nth")
        # "a segunda" may also be the second of what was offered.
        unclear = name == "segunda" and not before and _CHOOSING.search(reading.rest[:start]) is not None
        found.append(DayMention(start, match.end(), weekday=index, said=said, ambiguous=unclear))
        reading.take(start, match.end())
    return found


def _weekday(name: str) -> int:
    return next(n for n, names in enumerate(WEEKDAYS) if re.fullmatch(names, name))


def _in_company(reading: Reading, match: re.Match[str]) -> bool:
    if match["before"] or match["after"] or "feira" in match[0]:
        return True
    lead, tail = reading.rest[: match.start()], reading.rest[match.end() :]
    if match["name"] not in ("ter", "dom", "seg", None):
        return True
    if _VERB.search(lead):
        return False
    return bool(_COMPANY_BEFORE.search(lead) or _COMPANY_AFTER.match(tail))


def _said(before: str, after: str, *, plural: bool) -> str:
    if plural or before.startswith(("tod", "qualquer", "um")):
        return "every"
    if "outr" in before or "outra" in after:
        return "other"
    if before.startswith("prox") or re.fullmatch(_NEXT, after):
        return "next"
    return "this" if before or after else "bare"


def place(mention: DayMention, today: date) -> date:
    """The date a weekday alone stands for: the coming one, today included unless "que vem" was said."""
    assert mention.weekday is not None
    ahead = (mention.weekday - today.weekday()) % 7
    if mention.said == "next" and ahead == 0:
        ahead = 7
    return today + timedelta(days=ahead + 7 * (mention.said == "other"))


def in_week(day: date, weekday: int) -> date:
    """That weekday of the week in which `day` falls."""
    return monday(day) + timedelta(days=weekday)
