"""`carol eval reports`: shift reports told to families; the writer, the reviewer and their loop, weighed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evals.reports.measuring import Figures, Review
    from kit.settings import Settings


def reports(
    model: Annotated[str | None, typer.Option("--model", help="O modelo que escreve e revisa; sem ele, o configurado.")] = None,
    only: Annotated[list[str] | None, typer.Argument(help="Relatórios da suíte; sem nome, todos.")] = None,
) -> None:
    """Exit code 0: passed. 1: did not. 2: no such report."""
    from cli.judging import say
    from evals.reports.cases import cases
    from evals.reports.gate import unmet
    from kit.settings import load_settings

    chosen = [one for one in cases() if not only or one.id in only]
    if not chosen:
        typer.echo(say("nothing"), err=True)
        raise typer.Exit(2)
    settings = load_settings(**({"model": model} if model else {}))
    found = asyncio.run(_measured(settings, [one.id for one in chosen]))
    for line in told(found, offline=settings.offline, model=settings.model):
        typer.echo(line)
    wrong = unmet(found, offline=settings.offline)
    typer.echo(say("closed" if wrong else "open"))
    for name, value, limit in wrong:
        typer.echo(say("reason", reason=say(f"reports_{name}", value=_two(value), limit=_two(limit))))
    if wrong:
        raise typer.Exit(1)


async def _measured(settings: Settings, ids: list[str]) -> Figures:
    from agent.models import Role, brains
    from agent.reports.offline import ChecksAlone, TemplateWriter
    from agent.reports.reviewer import ModelReviewer
    from agent.reports.writer import ModelWriter
    from evals.reports.cases import cases
    from evals.reports.measuring import measured

    chosen = [one for one in cases() if one.id in ids]
    if settings.offline:
        return await measured(chosen, TemplateWriter(), ChecksAlone())
    models = brains(settings)
    try:
        return await measured(chosen, ModelWriter(models.role(Role.WRITER)), ModelReviewer(models.role(Role.REVIEWER)))
    finally:
        await models.aclose()


def told(found: Figures, *, offline: bool, model: str) -> Iterator[str]:
    """The figures, in lines. The template's are no measure of writing, and are not printed as one."""
    from cli.judging import say

    good, spoilt = len(found.review.good), len(found.review.read) - len(found.review.good)
    yield say("reports_began", reports=len(found.texts), good=good, spoilt=spoilt)
    yield say("reports_rules" if offline else "reports_reviewer", model=model)
    for row in found.review.rows():
        yield say(
            "reports_row", kind=row.kind, refused=row.refused, seeded=row.seeded, named=row.named, rightly=row.rightly,
            called=row.called,
        )  # fmt: skip
    yield from _review(found.review, say("reports_all"))
    yield from _review(found.review.part(held=True), say("reports_held"))
    yield from _review(found.rules, say("reports_rules_alone"))
    yield from _review(found.rules.part(held=True), say("reports_rules_held"))
    for one in found.review.missed:
        yield say("reports_missed", case=one.case, kind=one.kind)
    yield from _written(found, offline=offline, model=model)
    rounds = [sum(one == number for one in found.loop.rounds) for number in (1, 2, 3)]
    yield say(
        "reports_loop", of=found.loop.of, approved=found.loop.approved, one=rounds[0], two=rounds[1], three=rounds[2],
        residual=len(found.loop.residual),
    )  # fmt: skip


def _review(found: Review, name: str) -> Iterator[str]:
    from cli.judging import say

    spoilt = len(found.read) - len(found.good)
    if found.read:
        wrongly = len(found.wrongly)
        refused = spoilt - len(found.missed)
        names = ", ".join(one.case for one in found.wrongly) or "–"
        yield say("reports_part", name=name, refused=refused, spoilt=spoilt, wrongly=wrongly, good=len(found.good), names=names)


def _written(found: Figures, *, offline: bool, model: str) -> Iterator[str]:
    from cli.judging import say

    approved = [one for one in found.texts if one.approved]
    lost, invented = (sum(len(getattr(one, name)) for one in approved) for name in ("lost", "invented"))
    if offline:
        yield say("reports_template", lost=lost, invented=invented)
        return
    ease = [one.flesch for one in approved if one.flesch is not None]
    yield say(
        "reports_writer", model=model, approved=len(approved), of=len(found.texts), lost=lost, invented=invented,
        flesch=_two(median(ease)) if ease else "–", rounds=_two(sum(one.rounds for one in found.texts) / len(found.texts)),
    )  # fmt: skip
    for one in found.texts:
        if not one.approved or one.lost or one.invented:
            yield say("reports_text", case=one.case, why=one.error or "; ".join((*one.lost, *one.invented)))


def _two(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")
