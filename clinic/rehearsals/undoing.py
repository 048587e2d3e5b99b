"""A rehearsal's rows as they were before something happened: the journal undone backwards, in memory. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.rehearsals.tables import CHANGING, JOURNAL, Table

Row = dict[str, Any]
_KEYS = {table.name: table for table in CHANGING}


def renamed(text: str, names: Mapping[UUID, UUID]) -> str:
    """The text with each of these ids in the place of another."""
    known = {str(old): str(new) for old, new in names.items()}
    return re.sub("|".join(map(re.escape, known)), lambda found: known[found[0]], text) if known else text


def undone(rows: Mapping[str, str], *, from_seq: int, at: datetime) -> dict[str, str]:
    """Rows (JSON text by table) as they were before journal entry `from_seq`, which was made at `at`; the journal too.

    Lanes rest: nothing is due until someone speaks. A turn that was still thinking then never ended here: it counts as
    superseded, and what it proposed is the next one's to say.
    """
    journal: list[Row] = json.loads(rows[JOURNAL.name])
    # What began before and was not committed yet goes back whole; whoever spoke, by what brought their message, stays.
    whole = {entry["tx"] for entry in journal if entry["seq"] > from_seq}
    whole -= {entry["tx"] for entry in journal if entry["seq"] == from_seq}
    kept = [entry for entry in journal if entry["seq"] < from_seq and entry["tx"] not in whole]
    later = [entry for entry in journal if entry["seq"] >= from_seq or entry["tx"] in whole]
    later.sort(key=lambda entry: -entry["seq"])
    found = {**rows, JOURNAL.name: json.dumps(kept)}
    for name in {entry["table_name"] for entry in later} | {"conversations", "turns"}:
        table = _KEYS[name]
        before = _before(table, json.loads(rows[name]), [entry for entry in later if entry["table_name"] == name])
        found[name] = json.dumps([_SETTLED.get(name, _as_is)(row, at) for row in before])
    return found


def _before(table: Table, now: Sequence[Row], later: Sequence[Row]) -> list[Row]:
    """The table's rows without these changes, which come newest first."""
    found = {_key(table, row): row for row in now}
    for entry in later:
        row = {name: value for name, value in entry["row"].items() if name != "clinic_id"}
        if entry["op"] == "INSERT":
            found.pop(_key(table, row), None)
        else:
            found[_key(table, row)] = row
    return list(found.values())


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in table.key)


def _as_is(row: Row, at: datetime) -> Row:
    return row


def _at_rest(row: Row, at: datetime) -> Row:
    resting = ("due_at", "waiting_since", "hears_until", "lease_until", "lease_token")
    return row | dict.fromkeys(resting) | {"attempts": 0}


def _over(row: Row, at: datetime) -> Row:
    finished = row["finished_at"]
    if finished is not None and datetime.fromisoformat(finished) <= at:
        return row
    return row | {"status": "superseded", "finished_at": at.isoformat()}


_SETTLED: Mapping[str, Callable[[Row, datetime], Row]] = {"conversations": _at_rest, "turns": _over}
