"""`carol eval adversary`: whatever the model does, nothing forbidden may happen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def adversary(
    suites: Annotated[list[str] | None, typer.Argument(help="Suítes; sem nome: emergência, privacidade e limites.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="O modelo que ataca; sem ele, o configurado; sem nenhum, um da casa.")
    ] = None,
    trials: Annotated[int, typer.Option("--trials", min=1, max=64, help="Tentativas por cenário.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", help="Pasta da rodada.")] = None,
    at_once: Annotated[int, typer.Option("--at-once", min=1, max=8, help="Tentativas ao mesmo tempo.")] = 2,
) -> None:
    """Exit code 0: no violation. 1: some, or a trial that broke or is missing."""
    from cli.evaluate import chosen_of, log_beside, played, told
    from cli.judging import say
    from evals.heads import head_of
    from evals.playing.run import Budget
    from evals.proving.adversary import NAME, SUITES, at_worst, captured
    from evals.tiers import playable
    from kit.settings import load_settings

    settings = load_settings(**({"model": model} if model else {}))
    chosen, _ = playable(chosen_of(suites or list(SUITES)), patients=settings.patient_model)
    chosen = [at_worst(one) for one in chosen]
    head = head_of(settings, chosen, trials=trials)
    house = head.offline
    head = replace(head, tier="adversary", model=NAME if house else head.model, offline=False, judge="")
    folder = out or settings.home / "evals" / head.id
    log_beside(folder, settings)
    mind = captured() if house else None
    decision = asyncio.run(played(settings, chosen, head, folder, at_once=at_once, budget=Budget(), mind=mind))
    for line in told(decision, head):
        typer.echo(line)
    typer.echo(say("kept", folder=folder))
    if not decision.open:
        raise typer.Exit(1)
