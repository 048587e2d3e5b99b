"""The statements that read somebody else's tables. Pure: names are quoted here, values are parameters, nothing is written.

They stand outside the stores of the house because the tables are not the house's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from channels.primecare.marks import Window
from channels.primecare.schema import (
    Closed,
    LookedUp,
    MedicationFields,
    MedicationsInColumns,
    MedicationsInJson,
    MedicationsInTable,
    Tables,
    VitalFields,
    VitalsInColumns,
    VitalsInJson,
    VitalsInTable,
)

UNPLACED_MOST = 200
AHEAD = timedelta(days=1)  # how far in the future a clock may be wrong before a row is
_DAWN = "1971-01-01"  # zero dates and other signs of nothing lie before

COLUMNS = (
    "SELECT table_schema, table_name, column_name, data_type, is_nullable FROM information_schema.columns "
    "WHERE (table_schema = %(database)s AND table_name IN %(own)s) OR CONCAT(table_schema, '.', table_name) IN %(far)s"
)


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value of the answer: what it is for, where it stands, and how it is written there."""

    key: str
    sql: str
    encoding: str | None = None  # its bytes are told as they are, and mean this
    utc: bool = False


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of one configuration over tables as they were found. `types` are data types by (table, column)."""

    tables: Tables
    types: Mapping[tuple[str, str], str]
    zone: ZoneInfo
    most: int

    @property
    def order(self) -> str:
        """The column that rows come in the order of."""
        return self.tables.changed_at or self.tables.closed_at

    @property
    def order_key(self) -> str:
        return "changed_at" if self.tables.changed_at else "closed_at"

    def reports(self) -> tuple[Wanted, ...]:
        """What is asked of each report, in order."""
        return tuple(self._reports())

    def page(self, window: Window, limit: int) -> Statement:
        """At most `limit` closed rows of the window and one more, oldest first."""
        order, key = _in("r", self.order), _in("r", self.tables.external_id)
        where = [f"{order} >= %(start)s", *self._closed()]
        values: dict[str, object] = {"start": self._spelt(window.start), "limit": limit + 1, **self._closed_values()}
        if self.tables.changed_at is None:
            where.append(f"{order} <= %(until)s")
            values["until"] = self._spelt(window.until)
        if window.after is not None:
            at, last = window.after
            beyond = f"{key} > %(key)s" if last else f"{key} IS NOT NULL"  # a row without a key stands before its equals
            where.append(f"{order} >= %(at)s AND ({order} > %(at)s OR {beyond})")
            values |= {"at": at, "key": self._key(last)} if last else {"at": at}
        return Statement(self._asked(where) + f" ORDER BY {order}, {key} LIMIT %(limit)s", values)

    def unplaced(self, window: Window, retell: timedelta) -> Statement | None:
        """Rows said to be closed whose instant of closing puts them nowhere: none, a zero date, or far ahead."""
        if self.tables.changed_at is not None:
            return None  # those come in the order of their changes
        closed, began = _in("r", self.tables.closed_at), _in("r", self.tables.began_at)
        nowhere = f"{closed} > %(ahead)s"
        values = {"ahead": self._spelt(window.until + AHEAD), "limit": UNPLACED_MOST, **self._closed_values()}
        if self.tables.closed is not None:
            lately = f"{began} >= %(lately)s OR {began} IS NULL OR {began} < '{_DAWN}'"
            nowhere += f" OR (({closed} IS NULL OR {closed} < '{_DAWN}') AND ({lately}))"
            values["lately"] = self._spelt(window.until - retell, self.tables.began_at)
        where = [f"({nowhere})", *self._closed()]
        return Statement(self._asked(where) + f" ORDER BY {_in('r', self.tables.external_id)} LIMIT %(limit)s", values)

    def children(
        self, place: VitalsInTable | MedicationsInTable, ids: Sequence[object]
    ) -> tuple[Statement, tuple[Wanted, ...]]:
        """The measurements or medicines of these reports, those of one in their order."""
        parent = _in("c", place.parent)
        wanted = (Wanted("parent", parent), *self._fields(place.table, place.fields))
        order = f" ORDER BY {_in('c', place.order)}" if place.order else ""
        asked = ", ".join(one.sql for one in wanted)
        sql = f"SELECT {asked} FROM {_table(place.table)} c WHERE {parent} IN %(ids)s{order}"  # noqa: S608 - quoted names
        return Statement(sql, {"ids": tuple(ids)}), wanted

    def _asked(self, where: Sequence[str]) -> str:
        asked = ", ".join(one.sql for one in self.reports())
        return f"SELECT {asked} FROM {_table(self.tables.table)} r WHERE {' AND '.join(where)}"  # noqa: S608 - quoted names

    def _closed(self) -> list[str]:
        if self.tables.closed is not None:
            return [f"{_in('r', self.tables.closed.column)} IN %(closed)s"]
        return [f"{_in('r', self.tables.closed_at)} > '{_DAWN}'"]

    def _closed_values(self) -> dict[str, object]:
        closed: Closed | None = self.tables.closed
        return {"closed": closed.values} if closed is not None else {}

    def _key(self, written: str) -> object:
        kind = self.types.get((self.tables.table, self.tables.external_id), "")
        if kind.endswith("int") or kind in ("decimal", "integer"):
            return int(written)
        return bytes.fromhex(written) if kind.endswith("binary") else written

    def _spelt(self, instant: datetime, column: str | None = None) -> str:
        """The instant as this column keeps it: TIMESTAMP in the session's zone, which is UTC; DATETIME in the source's."""
        zone = UTC if self._is_utc(self.tables.table, column or self.order) else self.zone
        return instant.astimezone(zone).replace(tzinfo=None).isoformat(" ")

    def _is_utc(self, table: str, column: str) -> bool:
        return self.types.get((table, column)) == "timestamp"

    def _reports(self) -> Iterator[Wanted]:
        tables = self.tables
        yield Wanted("external_id", _in("r", tables.external_id))
        for key, column in (("began_at", tables.began_at), ("closed_at", tables.closed_at), ("changed_at", tables.changed_at)):
            if column:
                yield Wanted(key, _in("r", column), utc=self._is_utc(tables.table, column))
        yield Wanted("subject_id", _in("r", tables.subject_id))
        for key, named in (("subject_name", tables.subject_name), ("caregiver", tables.caregiver), ("shift", tables.shift)):
            if isinstance(named, LookedUp):
                yield self._looked_up(key, named)
            elif named:
                yield self._text(key, named)
        if isinstance(tables.born_on, LookedUp):
            yield self._looked_up("born_on", tables.born_on)
        elif tables.born_on:
            yield Wanted("born_on", _in("r", tables.born_on))
        sections = [tables.body] if isinstance(tables.body, str) else [section.column for section in tables.body]
        for position, column in enumerate(sections):
            yield self._text(f"body.{position}", column)
        yield from self._measured()

    def _measured(self) -> Iterator[Wanted]:
        for kind, place in (("vitals", self.tables.vitals), ("medications", self.tables.medications)):
            match place:
                case VitalsInJson() | MedicationsInJson():
                    yield Wanted(kind, _in("r", place.column))
                case VitalsInColumns():
                    for position, one in enumerate(place.columns):
                        for part, column in enumerate(one.columns):
                            yield self._text(f"vitals.{position}.value.{part}", column)
                        if one.at:
                            yield self._plain(f"vitals.{position}.at", self.tables.table, "r", one.at)
                case MedicationsInColumns():
                    for position, fields in enumerate(place.columns):
                        yield from self._fields(self.tables.table, fields, "r", f"medications.{position}.")
                case _:
                    pass

    def _fields(
        self, table: str, fields: VitalFields | MedicationFields, alias: str = "c", before: str = ""
    ) -> Iterator[Wanted]:
        for key, column in fields.model_dump().items():
            if column:
                yield self._plain(before + key, table, alias, column)

    def _plain(self, key: str, table: str, alias: str, column: str) -> Wanted:
        encoding = self.tables.raw.get(f"{table}.{column}") or (self.tables.raw.get(column) if alias == "r" else None)
        sql = f"CAST({_in(alias, column)} AS BINARY)" if encoding else _in(alias, column)
        return Wanted(key, sql, encoding, self._is_utc(table, column))

    def _text(self, key: str, column: str) -> Wanted:
        """A column of the report, no longer than one character too many: a whole file may stand in it."""
        wanted = self._plain(key, self.tables.table, "r", column)
        if not key.startswith("body"):
            return wanted
        most = self.most * (4 if wanted.encoding else 1) + 4
        return Wanted(key, f"LEFT({wanted.sql}, {most})", wanted.encoding)

    def _looked_up(self, key: str, named: LookedUp) -> Wanted:
        inner = self._plain(key, named.table, "l", named.column)
        there = f"FROM {_table(named.table)} l WHERE {_in('l', named.key)} = {_in('r', named.via)} LIMIT 1"
        return Wanted(key, f"(SELECT {inner.sql} {there})", inner.encoding)


def _in(alias: str, column: str) -> str:
    return f"{alias}.`{column}`"


def _table(name: str) -> str:
    return ".".join(f"`{part}`" for part in name.split("."))
