"""`carol eval judge-check`: a judge against the labels that people gave."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated

import typer

from kit import fast_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evals.judging.calibration import Calibration, Figures, Label
    from evals.judging.judge import Rubric
    from kit.settings import Settings


def judge_check(
    rubric: Annotated[str, typer.Option("--rubric", help="A rubrica.")] = "default",
    judge: Annotated[str | None, typer.Option("--judge", help="O modelo que julga; sem ele, o configurado.")] = None,
    at_once: Annotated[int, typer.Option("--at-once", min=1, max=16, help="Perguntas ao mesmo tempo.")] = 4,
) -> None:
    """Exit code 0: its word is worth showing, or more. 1: it is not. 2: there is no judge, or nothing to hold it against."""
    from evals.judging.calibration import keep, labels_for
    from evals.judging.judge import rubric as rubric_called
    from kit.settings import load_settings

    settings = load_settings(**({"judge_model": judge} if judge else {}))
    about = rubric_called(rubric)
    labels = labels_for(about)
    if not settings.judge_model or not labels:
        typer.echo(say("no_judge") if labels else say("no_labels", rubric=rubric), err=True)
        raise typer.Exit(2)
    typer.echo(say("asking", judge=settings.judge_model, rubric=about.name, count=len(labels)))
    found = asyncio.run(_asked(settings, about, labels, at_once))
    keep(settings.home, found)
    for line in told(found):
        typer.echo(line)
    if found.standing == "unfit":
        raise typer.Exit(1)


async def _asked(settings: Settings, about: Rubric, labels: Sequence[Label], at_once: int) -> Calibration:
    from evals.judging.beside import judge_brain
    from evals.judging.calibration import calibrate
    from evals.judging.judge import Judge

    brain = judge_brain(settings)
    assert brain is not None
    try:
        return await calibrate(Judge(brain, settings.judge_model), about, labels, at_once=at_once)
    finally:
        await brain.aclose()


def told(found: Calibration) -> list[str]:
    """The figures of each question and of all, who is missing behind them, and what they allow."""
    lines = [_line(name, one) for name, one in found.by_question.items()]
    lines.append(_line(say("whole"), found.figures))
    if found.provisional:
        lines.append(say("provisional"))
    return [*lines, say("worth_is", standing=say(f"standing_{found.standing}"))]


def _line(name: str, one: Figures) -> str:
    return say(
        "figures", name=name, agreed=one.agreed, labels=one.labels, undecided=one.undecided,
        tpr=_share(one.tpr), tnr=_share(one.tnr), kappa=f"{one.kappa:.2f}".replace(".", ","),
    )  # fmt: skip


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}".replace("%", " %")


def say(key: str, **values: object) -> str:
    """A sentence of `carol eval`."""
    return _words()[key].format(**values)


@cache
def _words() -> dict[str, str]:

    loaded: dict[str, str] = fast_yaml.load(files("cli").joinpath("eval.yaml").read_text("utf-8"))
    return loaded
