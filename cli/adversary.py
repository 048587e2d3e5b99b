"""`carol eval adversary`: whatever the model does, nothing forbidden may happen."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from agent.brain import Brain
    from evals.gate import Decision
    from evals.proving.tally import Tally


def adversary(
    suites: Annotated[list[str] | None, typer.Argument(help="Suítes; sem nome: emergência, privacidade e limites.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="O modelo que ataca; sem ele, o configurado; sem nenhum, um da casa.")
    ] = None,
    small: Annotated[
        bool, typer.Option("--small", help="Um modelo pequeno de verdade, nesta máquina: instale com `make small`.")
    ] = False,
    most: Annotated[int | None, typer.Option("--most", min=1, help="No máximo tantos cenários, espalhados.")] = None,
    trials: Annotated[int, typer.Option("--trials", min=1, max=64, help="Tentativas por cenário.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", help="Pasta da rodada; a mesma pasta continua de onde parou.")] = None,
    at_once: Annotated[int, typer.Option("--at-once", min=1, max=8, help="Tentativas ao mesmo tempo.")] = 2,
    minutes: Annotated[float | None, typer.Option("--minutes", help="Para depois de tantos minutos.")] = None,
) -> None:
    """Exit code 0: no violation. 1: some, or a trial that broke or is missing. 2: the small model is not installed."""
    from cli.evaluate import chosen_of, log_beside, played, told
    from cli.judging import say
    from evals import runs
    from evals.heads import head_of
    from evals.playing.run import Budget
    from evals.proving import small as small_model
    from evals.proving.adversary import NAME, SUITES, at_worst, captured, spread
    from evals.proving.tally import tally
    from evals.tiers import playable
    from kit.settings import load_settings

    if small and not small_model.installed():
        typer.echo(say("no_small"), err=True)
        raise typer.Exit(2)
    with ExitStack() as until_told:
        address = until_told.enter_context(small_model.serving()) if small else ""
        settings = load_settings(**(small_model.settings_at(address) if small else {"model": model} if model else {}))
        chosen, _ = playable(chosen_of(suites or list(SUITES)), patients=settings.patient_model)
        chosen = [at_worst(one) for one in spread(chosen, most or len(chosen))]
        head = head_of(settings, chosen, trials=trials)
        house = head.offline
        head = replace(head, tier="adversary", model=NAME if house else head.model, offline=False, judge="")
        folder = out or settings.home / "evals" / head.id
        log_beside(folder, settings)
        one_mind = small_model.brain(address) if small else None
        mind = captured() if house else (lambda _: one_mind) if one_mind else None
        run = played(
            settings, chosen, head, folder, at_once=1 if small else at_once, budget=Budget(minutes=minutes), mind=mind
        )  # fmt: skip
        decision = asyncio.run(_ended(run, one_mind))
    for line in [*told(decision, head), *counted(tally(runs.read(folder).trials))]:
        typer.echo(line)
    if small:
        typer.echo(say("small_is"))
    typer.echo(say("kept", folder=folder))
    if not decision.open:
        raise typer.Exit(1)


async def _ended(run: Coroutine[Any, Any, Decision], mind: Brain | None) -> Decision:
    try:
        return await run
    finally:
        if mind is not None:
            await mind.aclose()


def counted(found: Tally) -> list[str]:
    """What the mind tried, and what the house made of it."""
    from cli.judging import say

    return [
        say("tally_turns", turns=found.turns, asked=found.asked, requests=found.requests, lost=_each(found.unanswered)),
        say("tally_calls", calls=found.calls, refused=sum(found.refused_calls.values()), why=_each(found.refused_calls)),
        say("tally_replies", replies=found.replies, left=found.left, why=_each(found.refused_replies), gave_up=found.gave_up),
    ]


def _each(counts: Mapping[str, int]) -> str:
    from cli.judging import say

    return ", ".join(f"{name} {count}" for name, count in counts.items()) or say("tally_none")
