"""A folder of report files as rows: JSON, lines of JSON, CSV; half written, in old character sets, with comments. Blocking."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from channels.primecare.base import Fault, SourceDown, SourceRefused

MOST_BYTES = 64 << 20
FORMS = (".json", ".jsonl", ".csv")
# The last line of a table may be half of one while somebody writes: after this long it is whole.
SETTLED = timedelta(seconds=60)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_COMMENT = ("#", "//")

Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it was written, or why it is none. `where` is its file and line."""

    where: str
    values: Mapping[str, Any] | Fault


def listed(folder: Path) -> list[Path]:
    """The files of reports, in the order of their names. Raises SourceDown or SourceRefused."""
    try:
        return sorted(
            path for path in folder.iterdir() if path.suffix.lower() in FORMS and path.name[0] != "." and path.is_file()
        )
    except PermissionError:
        raise SourceRefused("the folder of reports may not be read by this process") from None
    except OSError:
        raise SourceDown("the folder of reports is not there") from None


def signature(paths: list[Path]) -> Signature:
    """Which files as they are now: what was read of the same ones need not be read again."""
    told = []
    for path in paths:
        try:
            known = path.stat()
        except OSError:
            continue  # gone meanwhile
        told.append((path.name, known.st_size, known.st_mtime_ns))
    return tuple(told)


def lines(path: Path, encoding: str, now: datetime) -> Iterator[Line]:
    """The rows of one file. Never raises for what is in it."""
    try:
        if path.stat().st_size > MOST_BYTES:
            yield Line(path.name, Fault.BAD_FILE)
            return
        data = path.read_bytes()
        fresh = datetime.fromtimestamp(path.stat().st_mtime, UTC) > now - SETTLED
    except FileNotFoundError:
        return
    except OSError:
        yield Line(path.name, Fault.BAD_FILE)
        return
    text = _decoded(data, encoding)
    if text is None:
        yield Line(path.name, Fault.ENCODING)
    elif path.suffix.lower() == ".json":
        yield from _whole(path.name, text)
    elif path.suffix.lower() == ".jsonl":
        yield from _by_line(path.name, text)
    else:
        yield from _table(path.name, text, unfinished=fresh and not text.endswith("\n"))


def _decoded(data: bytes, encoding: str) -> str | None:
    """The text, without a mark at its beginning; a character cut at the end is left out. None: not in this character set."""
    if encoding == "auto" and data.startswith(_WIDE):
        return data.decode("utf-16", "replace")
    known = "utf-8-sig" if encoding in ("auto", "utf-8") else encoding
    try:
        return codecs.getincrementaldecoder(known)().decode(data, final=False)
    except UnicodeDecodeError:
        if encoding != "auto":
            return None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return Fault.UNREADABLE


def _row(value: Any) -> Mapping[str, Any] | Fault:
    return value if isinstance(value, Mapping) else Fault.UNREADABLE


def _whole(name: str, text: str) -> Iterator[Line]:
    if not text.strip():
        yield Line(name, Fault.UNREADABLE)  # created, and nothing written yet
        return
    held = _parsed(text)
    if isinstance(held, Mapping) and isinstance(held.get("reports"), list):
        held = held["reports"]
    for number, one in enumerate(held if isinstance(held, list) else [held], 1):
        yield Line(f"{name}#{number}" if isinstance(held, list) else name, _row(one))


def _by_line(name: str, text: str) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith(_COMMENT):
            yield Line(f"{name}#{number}", _row(_parsed(line)))


def _table(name: str, text: str, *, unfinished: bool) -> Iterator[Line]:
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False))
    except csv.Error:
        yield Line(name, Fault.UNREADABLE)
        return
    for number, row in enumerate(rows, 2):
        whole = None not in row and None not in row.values() and not (unfinished and number == len(rows) + 1)
        yield Line(f"{name}#{number}", _celled(row) if whole else Fault.UNREADABLE)


def _celled(row: Mapping[str, str]) -> Mapping[str, Any] | Fault:
    """A row of a table, whose measurements and medicines are JSON in a cell."""
    values: dict[str, Any] = {str(key).strip(): value for key, value in row.items()}
    for key, fault in (("vitals", Fault.BAD_VITALS), ("medications", Fault.BAD_MEDICATIONS)):
        if cell := (values.get(key) or "").strip():
            held = _parsed(cell)
            values[key] = held if held is not Fault.UNREADABLE else fault
        else:
            values.pop(key, None)
    return values
