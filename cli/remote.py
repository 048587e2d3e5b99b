"""`carol eval run --target`: the same scenarios over a Carol that runs somewhere, as a smoke test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from clinic.scenarios.schema import Scenario
    from evals.gate import Decision
    from evals.runs import Head
    from kit.settings import Settings

Say = Callable[..., str]


async def smoked(
    settings: Settings, scenarios: list[Scenario], url: str, *, clinic: str, say: Say, out: Path | None, trials: int,
    at_once: int, budget: Any,
) -> tuple[Decision, Head, Path]:  # fmt: skip
    """Plays those that mean the same there, and says which do not, and what nobody grades. Raises TargetAway."""
    from rich.console import Console

    from cli.watching import watched
    from evals import runs
    from evals.gate import decide
    from evals.judging.beside import seated
    from evals.playing.over_http import fits, open_target
    from evals.playing.run import Player

    chosen = [one for one in scenarios if fits(one)]
    if len(chosen) < len(scenarios):
        typer.echo(say("not_there", count=len(scenarios) - len(chosen), of=len(scenarios)))
    if not chosen:
        raise typer.Exit(2)
    async with seated(settings) as (ask, judge), open_target(settings, url, clinic=clinic, ask=ask) as target:
        due = target.due(chosen)
        head = target.head(settings, due, trials=trials)
        folder = out or settings.home / "evals" / head.id
        typer.echo(say("target", url=url, model=target.model, count=len(due)))
        typer.echo(say("graded_rows" if target.pool else "ungraded_rows"))
        run = runs.begin(folder, head)
        with watched(Console(), say, done=len(run.trials), due=run.due) as tell:
            player = Player(None, None, at_once=at_once, judge=judge, told=tell, budget=budget, hold=target.hold)
            run = await player.play(run, due)
    return decide(run), head, folder
