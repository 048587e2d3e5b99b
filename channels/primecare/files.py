"""Shift reports in a folder of files, through the same protocol: the demonstration's source, and that of small systems."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from channels.primecare.base import BadSource, Broken, Fault, Mark, Page
from channels.primecare.folders import Line, Signature, lines, listed, signature
from channels.primecare.marks import Place, Window
from channels.primecare.rows import BrokenRow, clock_of, identity, instant_or_none, report_of
from channels.primecare.schema import FilesConfig
from clinic.reports.models import SourceReport
from kit.clock import utc_now

_AHEAD = timedelta(days=1)
_OURS = Path(__file__).parents[2]  # what a relative folder counts from, wherever a process was started
_ROUND = date(2024, 1, 1)  # any day that stays: what comes again must not move with the day it is read


@dataclass(frozen=True, slots=True)
class _Held:
    """All that a run finds, so that its pages need not look again."""

    of: tuple[Signature, datetime, datetime]
    reports: tuple[SourceReport, ...]  # in order
    broken: tuple[Broken, ...]
    since: tuple[datetime, ...]  # where they stand


class FilesSource:
    """A `Source`. The last row told of an id is the one that counts: files by name, lines in their order.

    Every broken row of the folder is told at the first page of each run.
    """

    def __init__(self, config: FilesConfig) -> None:
        self._config = config
        self._reading = config.reading
        self._held: _Held | None = None

    async def closed_since(self, mark: Mark | None, until: datetime, limit: int = 500) -> Page:
        """As `Source` promises."""
        if limit < 1:
            raise BadSource("source of reports: limit")
        return await asyncio.to_thread(self._page, mark, until, limit)

    async def check(self) -> None:
        """As `Source` promises."""
        await asyncio.to_thread(self._page, None, utc_now(), 1)

    def _page(self, mark: Mark | None, until: datetime, limit: int) -> Page:
        window = Window.of(mark, until, self._config.look_back)
        held = self._look(window)
        after = window.after or ("", "")
        due = [one for one in held.reports if _order(one) > after]
        told, more = tuple(due[:limit]), len(due) > limit
        last = Place(told[-1].closed_at, *_order(told[-1])) if told else None
        broken = held.broken if window.first else ()
        for place in held.since:
            window = window.holding(place, self._config.retell)
        return Page(told, broken, window.ended(last, more=more, look_back=self._config.look_back), more)

    def _look(self, window: Window) -> _Held:
        paths = listed(_OURS / self._config.folder)
        of = (signature(paths), window.start, window.until)
        kept = self._held
        if kept is None or kept.of != of:
            rows = [line for path in paths for line in lines(path, self._config.encoding, window.until)]
            kept = self._held = self._read(of, rows, window)
        return kept

    def _read(self, of: tuple[Signature, datetime, datetime], rows: list[Line], window: Window) -> _Held:
        found: dict[str, SourceReport | Fault] = {}
        places: dict[str, datetime] = {}
        for line in rows:
            for external_id, values in self._dated(line, window):
                taken = found[external_id] = self._taken(values, window)
                if isinstance(taken, Fault):
                    places[external_id] = self._since(values) or window.start
        broken = tuple(Broken(name, one) for name, one in found.items() if isinstance(one, Fault))
        reports = [one for one in found.values() if not isinstance(one, Fault) and window.start <= one.closed_at]
        due = sorted((one for one in reports if one.closed_at <= window.until), key=_order)
        return _Held(of, tuple(due), broken, tuple({places[one.external_id] for one in broken}))

    def _since(self, values: Mapping[str, Any] | Fault) -> datetime | None:
        """Where a broken row stands, by when it began."""
        return None if isinstance(values, Fault) else instant_or_none(values.get("began_at"), self._reading.zone)

    def _taken(self, values: Mapping[str, Any] | Fault, window: Window) -> SourceReport | Fault:
        if isinstance(values, Fault):
            return values
        if fault := next((one for one in values.values() if isinstance(one, Fault)), None):
            return fault
        try:
            report = report_of(values, self._reading)
        except BrokenRow as broken:
            return broken.code
        return Fault.FUTURE if report.closed_at > window.until + _AHEAD and not _is_relative(values) else report

    def _dated(self, line: Line, window: Window) -> Iterator[tuple[str, Mapping[str, Any] | Fault]]:
        """The row with its id and instants; one of relative days, for each day it stands for."""
        if isinstance(line.values, Fault):
            yield line.where, line.values
            return
        values = {**line.values, "external_id": line.values.get("external_id", line.values.get("id"))}
        try:
            name = identity(values["external_id"])
        except BrokenRow as broken:
            yield line.where, broken.code
            return
        if not _is_relative(values):
            yield name, values
            return
        try:
            began, closed = (clock_of(values.get(key)) for key in ("began", "closed"))
            nights = int(values.get("closed_day", values["day"])) - int(values["day"]) or int(closed <= began)
            days = list(self._days(int(values["day"]), window))
        except (BrokenRow, ValueError, TypeError):
            yield name, Fault.BAD_DATE
            return
        for day in days:
            at = {
                "external_id": f"{name}@{day.isoformat()}",
                "began_at": datetime.combine(day, began),
                "closed_at": datetime.combine(day + timedelta(days=nights), closed),
            }
            yield str(at["external_id"]), {**values, **at}

    def _days(self, offset: int, window: Window) -> Iterator[date]:
        """The days a relative row stands for: one, or those of the window when they come again."""
        zone, every = self._reading.zone, self._config.repeat_days
        anchor = self._config.anchor
        if every is None:
            yield (anchor or window.until.astimezone(zone).date()) + timedelta(days=offset)
            return
        first = (anchor or _ROUND) + timedelta(days=offset)
        day, end = window.start.astimezone(zone).date() - timedelta(days=7), window.until.astimezone(zone).date()
        day += timedelta(days=(first - day).days % every)
        while day <= end:
            yield day
            day += timedelta(days=every)


def _is_relative(values: Mapping[str, Any]) -> bool:
    return values.get("day") not in (None, "")


def _order(report: SourceReport) -> tuple[str, str]:
    return report.closed_at.isoformat(timespec="microseconds"), report.external_id
