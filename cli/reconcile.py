"""`carol reconcile`: compares a day of what was said with what is, now, and prints what it found. Codes and counts only."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kit import fast_yaml

if TYPE_CHECKING:
    from clinic.conversations.commitments.reconciling import Report
    from db.pool import Pool


def reconcile(
    clinic: Annotated[str | None, typer.Option("--clinic", help="Nome curto da clínica; sem ele, todas.")] = None,
    day: Annotated[str | None, typer.Option("--day", help="O dia, como 2026-11-23; sem ele, ontem.")] = None,
) -> None:
    """The command: exit code 1 when a promise is broken."""
    from cli.stack import running_stack
    from db.migrate import upgrade
    from db.pool import create_pool
    from kit.settings import load_settings

    try:
        chosen = date.fromisoformat(day) if day else None
    except ValueError:
        typer.echo(_say("bad_day", day=day), err=True)
        raise typer.Exit(2) from None

    async def work(url: str) -> tuple[list[str], int]:
        pool = create_pool(url, max_size=2, name="carol-reconcile")
        await pool.open()
        try:
            return await lines(pool, clinic, chosen)
        finally:
            await pool.close()

    with running_stack(load_settings(), tell=typer.echo) as stack:
        upgrade(stack.urls.owner)
        told, broken = asyncio.run(work(stack.urls.app))
    for line in told:
        typer.echo(line)
    if broken:
        raise typer.Exit(1)


async def lines(pool: Pool, slug: str | None, day: date | None) -> tuple[list[str], int]:
    """What to print, and how many promises are broken."""
    from clinic.tenants.service import clinic_for
    from db import system
    from jobs.reconciling import reconcile as compare
    from kit.clock import utc_now

    found = [(clinic_id, name) for clinic_id, name, _ in await system.clinics(pool) if slug in (None, name)]
    if not found:
        return [_say("none") if slug is None else _say("unknown", clinic=slug)], int(slug is not None)
    told, broken, now = [], 0, utc_now()
    for clinic_id, name in found:
        clinic = await clinic_for(pool, clinic_id)
        today = now.astimezone(clinic.zone).date()
        chosen = day or today - timedelta(days=1)
        if chosen >= today:
            return [_say("bad_day", day=chosen.isoformat())], 1
        report = await compare(pool, clinic, chosen, now=now, again=True)
        broken += len(report.broken) if report else 0
        told += _table(name, chosen, report)
    return told, broken


def _table(clinic: str, day: date, report: Report | None) -> list[str]:
    if report is None:
        return [_say("busy", clinic=clinic, day=day.isoformat())]
    head = _say("title", clinic=clinic, day=day.isoformat(), checked=report.checked, broken=len(report.broken))
    codes: dict[str, int] = report.as_json()["codes"]
    return [head, *(_say("code", label=_words()["codes"][code], count=count) for code, count in codes.items())]


def _say(key: str, **values: object) -> str:
    return str(_words()[key]).format(**values)


@cache
def _words() -> dict[str, Any]:

    loaded: dict[str, Any] = fast_yaml.load(files("cli").joinpath("reconcile.yaml").read_text("utf-8"))
    return loaded
