"""Resolves what Brazilians call dates and hours in a chat message. Pure: the instant and the zone are arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from clinic.scheduling.when_days import DayMention, in_week, place, read_counts, read_days
from clinic.scheduling.when_feasts import by_feast, read_feasts
from clinic.scheduling.when_hours import HourMention, read_hours
from clinic.scheduling.when_links import OR, UP_TO, direction, moved_to, names_its_week, refusals
from clinic.scheduling.when_pairs import read_pairs
from clinic.scheduling.when_words import ASAP, COUNTED_FROM_NOW, NOISE, Reading, number

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class When:
    """What a message asked for.

    Days: `first_day` to `last_day`, inclusive; both None when no range was said; only `last_day` None when it is open
    ("depois do dia 20"). `dates` are the only ones meant inside that range ("dia 12 ou 15"), `weekdays` (0 is Monday)
    the only weekdays, `not_dates` those refused. Hours, local: starts from `from_time` up to, not including,
    `until_time`; `at` the exact start and `or_at` others as good. `at` with a window is "umas 3 da tarde".
    `ambiguous`: read the day back before acting. `past`: what was asked is over. `invalid`: a date or hour that does not
    exist, as written. `matched`: the spans understood, as written.
    """

    first_day: date | None = None
    last_day: date | None = None
    dates: tuple[date, ...] = ()
    weekdays: tuple[int, ...] = ()
    not_dates: tuple[date, ...] = ()
    from_time: time | None = None
    until_time: time | None = None
    at: time | None = None
    or_at: tuple[time, ...] = ()
    asap: bool = False
    past: bool = False
    ambiguous: bool = False
    invalid: str | None = None
    matched: tuple[str, ...] = ()


def resolve(text: str, *, now: datetime, zone: ZoneInfo) -> When | None:
    """The dates and hours asked for in `text`, counted from the local day of `now` in `zone`; None if it names none."""
    local = now.astimezone(zone)
    today = local.date()
    reading = Reading(text)
    later = _hours_from_now(reading, local)
    if later is not None:
        return later
    day_mentions = read_counts(reading, today)
    for match in NOISE.finditer(reading.rest):
        reading.take(match.start(), match.end())
    asap = [(match.start(), match.end()) for match in ASAP.finditer(reading.rest)]
    for start, end in asap:
        reading.take(start, end)
    day_mentions += read_pairs(reading, today)
    day_mentions += [*read_days(reading, today), *read_feasts(reading, today)]
    day_mentions = sorted(day_mentions, key=lambda mention: mention.start)
    hour_mentions = read_hours(reading)
    spans = sorted([*asap, *((m.start, m.end) for m in day_mentions), *((m.start, m.end) for m in hour_mentions)])
    if not spans and reading.invalid is None:
        return None
    day_mentions = by_feast(reading.plain, day_mentions, today)
    target = moved_to(reading.plain, [(m.start, m.end) for m in day_mentions], [(m.start, m.end) for m in hour_mentions])
    when = _with_days(reading, [m for m in day_mentions if m.start >= target], today)
    when = _with_hours(when, reading, [m for m in hour_mentions if m.start >= target])
    matched = tuple(reading.original[start:end].strip(" ,") for start, end in spans)
    return replace(when, asap=bool(asap), invalid=reading.invalid, matched=matched, past=when.past or _is_over(when, local))


def _hours_from_now(reading: Reading, local: datetime) -> When | None:
    """ "daqui a 2 horas": from then on."""
    match = COUNTED_FROM_NOW.search(reading.rest)
    if match is None or not match["unit"].startswith("hora") or match[0].startswith("em"):
        return None
    later = (local.astimezone(UTC) + timedelta(hours=number(match["count"]))).astimezone(local.tzinfo)
    said = (reading.original[match.start() : match.end()],)
    return When(later.date(), later.date(), from_time=later.time().replace(second=0, microsecond=0), matched=said)


def _with_days(reading: Reading, mentions: list[DayMention], today: date) -> When:
    refused = refusals(reading.plain, [(m.start, m.end) for m in mentions])
    wanted = [m for m in mentions if m.start not in refused]
    not_weekdays = {m.weekday for m in mentions if m.start in refused and m.weekday is not None}
    not_dates = tuple(m.first for m in mentions if m.start in refused and m.is_day and m.first is not None)
    current = [m for m in wanted if m.last is None or m.last >= today]
    when = _compose(reading, current or wanted, today)
    if not_weekdays:
        kept = tuple(n for n in (when.weekdays or range(7)) if n not in not_weekdays)
        when = replace(when, weekdays=() if when.first_day is not None and when.first_day == when.last_day else kept)
    if wanted or not not_dates:
        return when
    return replace(when, not_dates=not_dates)


def _compose(reading: Reading, mentions: list[DayMention], today: date) -> When:
    if not mentions:
        return When()
    unclear = any(mention.ambiguous for mention in mentions)
    spans = [m for m in mentions if m.first is not None and not m.is_day]
    exact = [m for m in mentions if m.is_day]
    named = [m for m in mentions if m.weekday is not None]
    if not exact and named:
        return _weekdays(reading, named, spans, today, unclear)
    placed = list(exact)
    for mention in named:
        if any(_dates_of(m)[0].weekday() == mention.weekday for m in exact):
            continue
        if _joined_by_or(reading, mentions, mention):
            day = place(mention, today)
            placed.append(replace(mention, first=day, last=day))
        else:
            unclear = True
    if exact and spans and not any(_dates_of(s)[0] <= _dates_of(e)[0] <= _dates_of(s)[1] for s in spans for e in exact):
        unclear = True
        placed.extend(s for s in spans if _joined_by_or(reading, mentions, s))
    return _range(reading, placed or spans, today, unclear)


def _dates_of(mention: DayMention) -> tuple[date, date]:
    assert mention.first is not None
    assert mention.last is not None
    return mention.first, mention.last


def _joined_by_or(reading: Reading, mentions: list[DayMention], mention: DayMention) -> bool:
    gaps = [reading.plain[a.end : b.start] for a, b in pairwise(mentions) if mention in (a, b)]
    return any(re.search(r"\bou\b|\bsenao\b|\bse nao\b", gap) for gap in gaps)


def _range(reading: Reading, mentions: list[DayMention], today: date, unclear: bool) -> When:
    mentions = sorted(mentions, key=lambda mention: mention.start)
    days = [_dates_of(mention) for mention in mentions]
    first, last = min(d[0] for d in days), max(d[1] for d in days)
    if len(mentions) == 1:
        return _directed(reading, mentions[0], first, last, today, unclear)
    gap = reading.plain[mentions[0].end : mentions[1].start]
    link = UP_TO.fullmatch(gap)
    if len(mentions) == 2 and link and (not link["e"] or re.search(r"\bentre\b", reading.plain[: mentions[0].start])):
        if days[1][0] < days[0][0]:
            last = days[1][1].replace(year=days[1][1].year + 1) if (days[0][0] - days[1][0]).days > 180 else last
        return When(first, last, past=last < today, ambiguous=unclear)
    listed = tuple(sorted({d[0] for d in days})) if all(a == b for a, b in days) else ()
    contiguous = len(listed) == (last - first).days + 1
    linked = all(OR.fullmatch(reading.plain[a.end : b.start]) for a, b in pairwise(mentions))
    unclear = unclear or not (linked or first == last)
    return When(first, last, () if contiguous else listed, past=last < today, ambiguous=unclear)


def _directed(reading: Reading, mention: DayMention, first: date, last: date, today: date, unclear: bool) -> When:
    """One span, or what lies after or before it."""
    if first == last and mention.weekday is None and names_its_week(reading.plain, mention.start):
        return When(max(today, in_week(first, 0)), in_week(first, 6), ambiguous=unclear)
    way = direction(reading.plain, mention.start, mention.end)
    if way in ("after", "from"):
        return When(last + _DAY if way == "after" else first, None, ambiguous=unclear)
    if way == "before":
        return When(today, first - _DAY, past=first <= today, ambiguous=unclear)
    if way == "until" and last > today:
        return When(today, last, ambiguous=unclear)
    return When(first, last, past=last < today, ambiguous=unclear)


def _weekdays(reading: Reading, named: list[DayMention], spans: list[DayMention], today: date, unclear: bool) -> When:
    numbers = tuple(sorted({m.weekday for m in named if m.weekday is not None}))
    first = min((_dates_of(s)[0] for s in spans), default=None)
    last = max((_dates_of(s)[1] for s in spans), default=None)
    if len(named) == 2 and named[0].weekday is not None and named[1].weekday is not None:
        link = UP_TO.fullmatch(reading.plain[named[0].end : named[1].start])
        if link and (not link["e"] or re.search(r"\bentre\b", reading.plain[: named[0].start])):
            length = (named[1].weekday - named[0].weekday) % 7
            numbers = tuple(sorted((named[0].weekday + n) % 7 for n in range(length + 1)))
    if len(numbers) > 1 or named[0].said == "every":
        return When(first, last, weekdays=numbers, ambiguous=unclear, past=last is not None and last < today)
    mention = named[0]
    if first is not None and last is not None and mention.weekday is not None:
        day = in_week(last, mention.weekday)
        if (last - first).days <= 6 and (first <= day <= last or day < today):
            return When(day, day, ambiguous=unclear, past=day < today)
        return When(first, last, weekdays=numbers, ambiguous=unclear)
    day = place(mention, today)
    soon = (day - today).days <= 2
    unclear = unclear or (mention.said == "next" and soon) or mention.said == "other"
    return _directed(reading, mention, day, day, today, unclear)


def _with_hours(when: When, reading: Reading, mentions: list[HourMention]) -> When:
    refused = refusals(reading.plain, [(m.start, m.end) for m in mentions])
    parts = [m for m in mentions if m.at is None and m.start not in refused]
    since: time | None = None
    until: time | None = None
    if parts:
        since, until = _hull(parts)
    elif any(m.at is None for m in mentions):
        since, until = _complement([m for m in mentions if m.at is None])
    # "terça de manhã ou quinta à tarde" pairs days with hours; the answer keeps them apart.
    paired = len(when.weekdays) > 1 or when.first_day != when.last_day
    unclear = when.ambiguous or _is_split(parts) or (paired and len(parts) > 1)
    exact: list[tuple[time, bool]] = []
    for mention in (m for m in mentions if m.at is not None and m.start not in refused):
        at = _halved_by(mention, parts)
        unclear = unclear or (mention.ambiguous and not parts)
        way = direction(reading.plain, mention.start, mention.end)
        if way in ("after", "from"):
            since = at if since is None else max(since, at)
        elif way in ("before", "until"):
            until = at if until is None else min(until, at)
        else:
            exact.append((at, mention.around))
    if since is not None and until is not None and since >= until:
        since, until, unclear = (max(since, until), None, True) if not exact else (None, None, True)
    if not exact:
        return replace(when, from_time=since, until_time=until, ambiguous=unclear)
    first, around = exact[0]
    others = tuple(dict.fromkeys(hour for hour, _ in exact[1:] if hour != first))
    if around and not others:
        return replace(when, at=first, from_time=_shift(first, -30), until_time=_shift(first, 60), ambiguous=unclear)
    unclear = unclear or (paired and bool(others))
    outside = parts != [] and not _inside(first, since, until)
    return replace(when, at=first, or_at=others, ambiguous=unclear or outside)


def _halved_by(mention: HourMention, parts: list[HourMention]) -> time:
    """An hour said without its half of the day, in the half that a part of the day beside it says."""
    assert mention.at is not None
    if not mention.half_open or not parts:
        return mention.at
    for at in (mention.at, mention.at.replace(hour=(mention.at.hour + 12) % 24)):
        if any(_inside(at, part.since, part.until) for part in parts):
            return at
    return mention.at


def _inside(at: time, since: time | None, until: time | None) -> bool:
    return (since is None or since <= at) and (until is None or at < until)


def _hull(parts: list[HourMention]) -> tuple[time | None, time | None]:
    opens = [part.since for part in parts if part.since is not None]
    closes = [part.until for part in parts if part.until is not None]
    return (min(opens) if len(opens) == len(parts) else None), (max(closes) if len(closes) == len(parts) else None)


def _is_split(parts: list[HourMention]) -> bool:
    """Whether two parts leave hours between them that nobody asked for."""
    ordered = sorted(parts, key=lambda part: part.since or time.min)
    return any(a.until is not None and b.since is not None and b.since > a.until for a, b in pairwise(ordered))


def _complement(parts: list[HourMention]) -> tuple[time | None, time | None]:
    """What is left of a day when these parts, all refused, are taken off its ends."""
    since, until = _hull(parts)
    return (until, None) if since is None else (None, since)


def _shift(at: time, minutes: int) -> time:
    total = min(max(at.hour * 60 + at.minute + minutes, 0), 23 * 60 + 59)
    return time(total // 60, total % 60)


def _is_over(when: When, local: datetime) -> bool:
    if when.first_day is None or when.first_day != when.last_day or when.first_day != local.date():
        return False
    if when.at is not None and when.from_time is None:
        return all(at < local.time() for at in (when.at, *when.or_at))
    return when.until_time is not None and when.until_time <= local.time()


def days(when: When, *, today: date, horizon_days: int) -> list[date]:
    """The candidate days from today to `horizon_days` after it, ascending; every one when no day was said.

    Empty when what was asked is past or does not exist.
    """
    last = today + timedelta(days=horizon_days)
    if when.invalid is not None and when.first_day is None and not when.weekdays:
        return []
    start = max(today, when.first_day or today)
    end = min(last, when.last_day or last)
    every = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [
        day
        for day in every
        if (not when.weekdays or day.weekday() in when.weekdays)
        and (not when.dates or day in when.dates)
        and day not in when.not_dates
    ]


def fits(when: When, start_local: datetime) -> bool:
    """Whether a visit starting then, by the local clock, satisfies the hours asked; days are `days`' matter."""
    start = start_local.time()
    if when.at is not None and when.from_time is None and when.until_time is None:
        return start in (when.at, *when.or_at)
    return _inside(start, when.from_time, when.until_time)
