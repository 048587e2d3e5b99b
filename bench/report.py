"""What a run leaves: one table per bench on the screen, every figure in a JSON file, and the same tables as a page."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

_MEASURED = ("langgraph", "langgraph-checkpoint-postgres", "langchain-core", "psycopg", "fastapi", "uvicorn", "celery")


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal as a ratio inside one run, and what this run reached."""

    name: str
    promise: str
    reached: str
    met: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One bench's outcome. `figures` is everything, for machines; rows are what people read."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    says: str = ""
    goals: Sequence[Goal] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


def machine() -> str:
    """What it ran on, in a line."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _MEASURED)
    return f"{os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, Python {platform.python_version()}; {libraries}"


def markdown(tables: Sequence[Table]) -> str:
    """The tables as Markdown, goals first."""
    goals = [goal for table in tables for goal in table.goals]
    parts = [_grid(("goal", "promise", "this run", ""), [(g.name, g.promise, g.reached, "✓" if g.met else "✗") for g in goals])]
    parts += ["\n\n".join([f"## {table.title}", _grid(table.columns, table.rows), table.says]).strip() for table in tables]
    return "\n\n".join(part for part in parts if part)


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def screen(table: Table) -> str:
    """The table as aligned text."""
    widths = [max(len(line[n]) for line in (table.columns, *table.rows)) for n in range(len(table.columns))]
    lines = [
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width) for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in (table.columns, *table.rows)
    ]
    goals = [f"{'✓' if g.met else '✗'} {g.name}: {g.promise}: {g.reached}" for g in table.goals]
    return "\n".join([f"\n{table.title}", *lines, *goals])


def keep(tables: Sequence[Table], home: Path, *, at: datetime, load: float) -> Path:
    """Writes the run's figures under `home`/bench; returns the file."""
    folder = home / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at:%Y%m%dT%H%M%S}.json"
    run = {
        "at": at.isoformat(timespec="seconds"),
        "machine": machine(),
        "load": load,
        "benches": [
            {
                "title": table.title,
                "goals": [{"name": g.name, "promise": g.promise, "reached": g.reached, "met": g.met} for g in table.goals],
                "figures": table.figures,
            }
            for table in tables
        ],
    }
    path.write_text(json.dumps(run, ensure_ascii=False, indent=1, default=str) + "\n", "utf-8")
    return path


def page(tables: Sequence[Table], *, at: datetime, load: float) -> str:
    """docs/performance.md: the run's tables under what they mean."""
    head = (Path(__file__).parent / "page.md").read_text("utf-8")
    return head.format(at=f"{at:%Y-%m-%d}", machine=machine(), load=f"{load:.1f}", tables=markdown(tables))
