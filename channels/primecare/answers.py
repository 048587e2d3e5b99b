"""From a row of an answer to the values of a report, each where the configuration says it stands. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from channels.primecare.base import Fault
from channels.primecare.rows import BrokenRow, amount
from channels.primecare.schema import (
    MedicationsInColumns,
    MedicationsInJson,
    MedicationsInTable,
    Section,
    Tables,
    VitalsInColumns,
    VitalsInJson,
    VitalsInTable,
)
from channels.primecare.statements import Wanted

Found = dict[str, Any]
_PARTS = ("name", "value", "unit", "dose", "at", "given", "note")


@dataclass(frozen=True, slots=True)
class _Encoded:
    """Bytes and the character set they are said to be in."""

    data: bytes
    encoding: str

    def text(self) -> str:
        try:
            return self.data.decode(self.encoding)
        except UnicodeDecodeError:
            raise BrokenRow(Fault.ENCODING) from None


def found(wanted: Iterable[Wanted], values: Iterable[Any]) -> Found:
    """The values of a row by what they are for. Never raises for what they are."""
    return {one.key: _told(one, value) for one, value in zip(wanted, values, strict=True)}


def _told(one: Wanted, value: Any) -> Any:
    if one.encoding and isinstance(value, bytes):
        return _Encoded(value, one.encoding)
    return value.replace(tzinfo=UTC) if one.utc and isinstance(value, datetime) else value


def shown(external_id: Any) -> str:
    """An external id as it is told, however it is kept."""
    if external_id is None:
        return ""
    return external_id.hex() if isinstance(external_id, bytes) else str(external_id)


def written(row: Found, tables: Tables) -> Found:
    """The row with its parts decoded and put together, by the names of a report. Raises BrokenRow."""
    whole = ("external_id", "subject_id", "subject_name", "caregiver", "began_at", "closed_at", "shift", "born_on")
    said = {key: _plain(row.get(key)) for key in whole}
    return said | {"body": _body(row, tables), "vitals": _vitals(row, tables), "medications": _medications(row, tables)}


def _plain(value: Any) -> Any:
    return value.text() if isinstance(value, _Encoded) else value


def _body(row: Found, tables: Tables) -> str:
    sections = (Section(column=tables.body),) if isinstance(tables.body, str) else tables.body
    parts = []
    for position, section in enumerate(sections):
        value = _plain(row[f"body.{position}"])
        if isinstance(value, bytes):
            value = _Encoded(value, "utf-8").text()
        if value is not None and not isinstance(value, str):
            raise BrokenRow(Fault.BAD_TEXT)
        if value and value.strip():
            parts.append(f"{section.title}: {value.strip()}" if section.title else value.strip())
    return "\n".join(parts)


def _vitals(row: Found, tables: Tables) -> Any:
    match tables.vitals:
        case VitalsInTable():
            return [_parts(child) for child in row.get("vitals", ())]
        case VitalsInJson(fields=fields):
            return _json(row["vitals"], fields.model_dump(), Fault.BAD_VITALS)
        case VitalsInColumns(columns=columns):
            return [
                {
                    "name": one.name,
                    "value": _joined([_plain(row[f"vitals.{place}.value.{part}"]) for part in range(len(one.columns))]),
                    "unit": one.unit,
                    "at": _plain(row.get(f"vitals.{place}.at")),
                }
                for place, one in enumerate(columns)
            ]
        case None:
            return None


def _medications(row: Found, tables: Tables) -> Any:
    match tables.medications:
        case MedicationsInTable():
            return [_parts(child) for child in row.get("medications", ())]
        case MedicationsInJson(fields=fields):
            return _json(row["medications"], fields.model_dump(), Fault.BAD_MEDICATIONS)
        case MedicationsInColumns(columns=columns):
            return [_parts(row, f"medications.{place}.") for place in range(len(columns))]
        case None:
            return None


def _parts(row: Mapping[str, Any], before: str = "") -> Found:
    return {part: _plain(row.get(before + part)) for part in _PARTS}


def _joined(values: list[Any]) -> str:
    """130 and 80 as 130x80; half a measurement keeps the place of the other half."""
    said = [amount(value, Fault.BAD_VITALS) for value in values]
    return "x".join(one or "?" for one in said) if any(said) else ""


def _json(value: Any, fields: Mapping[str, str | None], code: Fault) -> Any:
    """What a JSON column holds, its keys by our names."""
    value = _plain(value)
    if value is None or (isinstance(value, str | bytes) and not value.strip()):
        return None
    try:
        held = json.loads(value)
    except (ValueError, TypeError, RecursionError):
        raise BrokenRow(code) from None
    if not isinstance(held, list):
        return held
    if not all(isinstance(one, Mapping) for one in held):
        raise BrokenRow(code)
    return [{part: one.get(name) for part, name in fields.items() if name} for one in held]
