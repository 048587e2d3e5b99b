"""Shift reports in a MySQL or MariaDB that is somebody else's: read-only, by pages, bounded in time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from channels.primecare.answers import Found, found, shown, written
from channels.primecare.base import ID_MOST, BadSource, Broken, Fault, Mark, Page, SourceSchema
from channels.primecare.marks import Place, Window
from channels.primecare.rows import BrokenRow, instant, instant_or_none, report_of
from channels.primecare.schema import MedicationsInTable, MySqlConfig, VitalsInTable, columns_of
from channels.primecare.session import Session, session
from channels.primecare.statements import AHEAD, COLUMNS, Statement, Statements, Wanted
from clinic.reports.models import SourceReport
from kit.clock import utc_now

_INSTANTS = ("datetime", "timestamp")
_CHILDREN_AT_ONCE = 500


@dataclass(slots=True)
class _Read:
    """What one page came to, as it is read."""

    window: Window
    reports: dict[str, SourceReport] = field(default_factory=dict)
    broken: dict[str, Broken] = field(default_factory=dict)


class MySqlSource:
    """A `Source`. Each page is a session of its own; what the tables are like is looked up once."""

    def __init__(self, config: MySqlConfig) -> None:
        self._config = config
        self._tables = config.tables
        self._reading = config.reading
        self._known: Statements | None = None

    async def closed_since(self, mark: Mark | None, until: datetime, limit: int = 500) -> Page:
        """As `Source` promises."""
        if limit < 1:
            raise BadSource("source of reports: limit")
        return await asyncio.to_thread(self._page, mark, until, limit)

    async def check(self) -> None:
        """As `Source` promises."""
        self._known = None
        await asyncio.to_thread(self._check)

    def _check(self) -> None:
        with session(self._config) as reader:
            statement = self._statements(reader).page(Window.of(None, utc_now(), self._config.look_back), 1)
            list(reader.rows(statement.sql, statement.values))

    def _page(self, mark: Mark | None, until: datetime, limit: int) -> Page:
        read = _Read(Window.of(mark, until, self._config.look_back))
        with session(self._config) as reader:
            statements = self._statements(reader)
            statement = statements.page(read.window, limit)
            rows = self._rows(reader, statement, statements.reports())
            more, rows = len(rows) > limit, rows[:limit]
            apart = statements.unplaced(read.window, self._config.retell) if read.window.first else None
            lost = self._rows(reader, apart, statements.reports()) if apart else []
            self._add_children(reader, statements, [*rows, *lost])
        for row in rows:
            self._take(read, row, statements, placed=True)
        for row in lost:
            self._take(read, row, statements, placed=False)
        last = self._place(rows[-1], statements, read.window) if rows else None
        mark = read.window.ended(last, more=more, look_back=self._config.look_back)
        return Page(tuple(read.reports.values()), tuple(read.broken.values()), mark, more)

    def _statements(self, reader: Session) -> Statements:
        if self._known is None:
            self._known = Statements(self._tables, self._types(reader), self._reading.zone, self._reading.most)
        return self._known

    def _types(self, reader: Session) -> dict[tuple[str, str], str]:
        """The data types of all that is configured. Raises SourceSchema, naming what is not there."""
        wanted = columns_of(self._tables)
        asked = {"database": self._config.database, "own": tuple(wanted), "far": tuple(wanted)}
        there: dict[str, dict[str, tuple[str, bool]]] = {}  # names without case: some servers keep them in small letters
        for schema, table, column, kind, may_be_null in reader.rows(COLUMNS, asked):
            for name in (table.lower(), f"{schema}.{table}".lower()):
                there.setdefault(name, {})[column.lower()] = (kind.lower(), may_be_null == "YES")
        absent = [table for table in wanted if table.lower() not in there]
        absent += [
            f"{table}.{column}"
            for table, columns in wanted.items()
            for column in columns
            if table not in absent and column.lower() not in there[table.lower()]
        ]
        if absent:
            raise SourceSchema(f"not there, or not for this user: {', '.join(sorted(absent))}")
        types = {(table, column): there[table.lower()][column.lower()][0] for table in wanted for column in wanted[table]}
        order = self._tables.changed_at or self._tables.closed_at
        if types[self._tables.table, order] not in _INSTANTS:
            raise SourceSchema(f"no DATETIME or TIMESTAMP: {self._tables.table}.{order}")
        if self._tables.changed_at and there[self._tables.table.lower()][order.lower()][1]:
            raise SourceSchema(f"may be NULL, so it cannot be read in the order of: {self._tables.table}.{order}")
        return types

    def _rows(self, reader: Session, statement: Statement, wanted: Iterable[Wanted]) -> list[Found]:
        columns = tuple(wanted)
        return [found(columns, values) for values in reader.rows(statement.sql, statement.values)]

    def _add_children(self, reader: Session, statements: Statements, rows: list[Found]) -> None:
        by_id = {shown(row["external_id"]): row for row in rows if row["external_id"] is not None}
        ids = [row["external_id"] for row in by_id.values()]
        for key, place in (("vitals", self._tables.vitals), ("medications", self._tables.medications)):
            if not isinstance(place, VitalsInTable | MedicationsInTable):
                continue
            for start in range(0, len(ids), _CHILDREN_AT_ONCE):
                statement, wanted = statements.children(place, ids[start : start + _CHILDREN_AT_ONCE])
                for child in self._rows(reader, statement, wanted):
                    if parent := by_id.get(shown(child["parent"])):
                        parent.setdefault(key, []).append(child)

    def _take(self, read: _Read, row: Found, statements: Statements, *, placed: bool) -> None:
        """The row among the reports or the broken ones; one whose time is to come among neither."""
        external_id = shown(row["external_id"])
        at = self._place(row, statements, read.window).instant
        try:
            closed = _moment(row, "closed_at", self._reading.zone)
            if closed is not None and closed > read.window.until:
                if closed <= read.window.until + AHEAD:
                    read.window = read.window.holding(at, self._config.retell)
                    return
                raise BrokenRow(Fault.FUTURE)
            report = report_of(written(row, self._tables), self._reading)
        except BrokenRow as broken:
            read.broken[external_id] = Broken(external_id[:ID_MOST], broken.code)
            began = instant_or_none(row.get("began_at"), self._reading.zone)
            held = min(at, began or at) if placed else began or read.window.start
            read.window = read.window.holding(held, self._config.retell)
            return
        read.reports[report.external_id] = report

    def _place(self, row: Found, statements: Statements, window: Window) -> Place:
        spelt = row[statements.order_key]
        try:
            at = _moment(row, statements.order_key, self._reading.zone) or window.start
        except BrokenRow:
            at = window.start  # a day that the server lets pass, 31 February: it stands among its neighbours
        exactly = spelt.replace(tzinfo=None).isoformat(" ") if isinstance(spelt, datetime) else str(spelt)
        return Place(at, exactly, shown(row["external_id"]))


def _moment(row: Found, key: str, zone: ZoneInfo) -> datetime | None:
    return instant(row.get(key), zone)
