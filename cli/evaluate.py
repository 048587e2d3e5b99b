"""`carol eval`: plays suites, shows them as they go, and ends with the gate's answer as exit code."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.adversary import adversary
from cli.gating import gate
from cli.judging import judge_check
from cli.remote import smoked
from cli.report_suite import reports
from kit import fast_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clinic.scenarios.schema import Scenario
    from evals.gate import Decision
    from evals.runs import Head, Run
    from kit.settings import Settings

evaluate = typer.Typer(no_args_is_help=True, help="Suítes que provam se a Carol é boa.")
evaluate.command("adversary", help="Põe no lugar dela um modelo em mãos erradas: nada proibido pode acontecer.")(adversary)
evaluate.command("gate", help="Diz se um rascunho de clínica pode ser publicado: joga as provas dela e o núcleo de segurança.")(
    gate
)
evaluate.command("reports", help="Relatórios de plantão contados à família: quanto valem quem escreve e quem revisa.")(reports)
evaluate.command("judge-check", help="Pergunta ao juiz o que pessoas já responderam, e diz quanto vale a palavra dele.")(
    judge_check
)


@evaluate.command("run", help="Joga suítes (sem nome: todas) e diz se passam.")
def run(
    suites: Annotated[list[str] | None, typer.Argument(help="Nomes de suítes ou de cenários.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="O modelo que atende; sem ele, o configurado.")] = None,
    trials: Annotated[int | None, typer.Option("--trials", min=1, max=64, help="Tentativas por cenário.")] = None,
    noise: Annotated[list[str] | None, typer.Option("--noise", help="Ruído do WhatsApp sobre cada cenário.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Pasta da rodada; a mesma pasta continua de onde parou.")] = None,
    at_once: Annotated[int, typer.Option("--at-once", min=1, max=8, help="Tentativas ao mesmo tempo.")] = 2,
    reais: Annotated[float | None, typer.Option("--budget", help="Para quando custar mais que isto, em reais.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", help="Para depois de tantos minutos.")] = None,
    tier: Annotated[str, typer.Option("--tier", help="T0 sem modelo; com modelo, T1 (de sempre) ou T2 (lançamento).")] = "",
    judge: Annotated[
        str | None, typer.Option("--judge", help="O modelo que julga as palavras; sem ele, o configurado.")
    ] = None,
    patients: Annotated[str | None, typer.Option("--patients", help="O modelo que faz os pacientes simulados.")] = None,
    target: Annotated[
        str | None, typer.Option("--target", help="O endereço de uma Carol que já roda: prova de fumaça, pela API dela.")
    ] = None,
    clinic: Annotated[str, typer.Option("--clinic", help="Com --target: a clínica de lá, ensaiada.")] = "jacaranda",
) -> None:
    """Exit code 0: passed. 1: did not. 2: could not be asked."""
    from evals.patients.noise import KINDS
    from evals.playing.run import Budget
    from kit.settings import load_settings

    unknown = [kind for kind in noise or () if kind not in KINDS]
    if unknown:
        typer.echo(_say("unknown_noise", kind=unknown[0], known=", ".join(KINDS)), err=True)
        raise typer.Exit(2)
    chosen = chosen_of(suites or [])
    if not chosen:
        typer.echo(_say("nothing"), err=True)
        raise typer.Exit(2)
    asked = {"model": model, "judge_model": judge, "patient_model": patients}
    settings = load_settings(**{name: value for name, value in asked.items() if value})
    from evals.heads import head_of
    from evals.tiers import playable

    chosen, alone = playable(chosen, patients=settings.patient_model)
    if alone:
        typer.echo(_say("nobody_plays", names=", ".join(one.id for one in alone)))
    if not chosen:
        raise typer.Exit(2)
    budget = Budget(reais, minutes)
    if target:
        there = smoked(
            settings, chosen, target, clinic=clinic, say=_say, out=out, trials=trials or 1, at_once=at_once, budget=budget
        )
        decision, head, folder = asyncio.run(there)
    else:
        head = head_of(settings, chosen, trials=trials, noise=tuple(noise or ()), tier=tier)
        for line in _beside(head):
            typer.echo(line)
        folder = out or settings.home / "evals" / head.id
        log_beside(folder, settings)
        decision = asyncio.run(played(settings, chosen, head, folder, at_once=at_once, budget=budget))
    for line in told(decision, head):
        typer.echo(line)
    typer.echo(_say("kept", folder=folder))
    if not decision.open:
        raise typer.Exit(1)


def log_beside(folder: Path, settings: Settings) -> None:
    """What the house says of itself while it is judged goes to the run's folder; whoever watches reads of trials."""
    from kit.log import configure

    folder.mkdir(parents=True, exist_ok=True)
    configure(settings, stream=(folder / "log.jsonl").open("a", encoding="utf-8", buffering=1))


@evaluate.command("report", help="Escreve o relatório de uma rodada: HTML, JUnit e JSON, ao lado dela.")
def report(
    folder: Annotated[Path, typer.Argument(help="A pasta da rodada.")],
    out: Annotated[Path | None, typer.Option("--out", help="Outra pasta para os relatórios.")] = None,
    rescore: Annotated[
        bool, typer.Option("--rescore", help="Antes, corrige de novo o que foi dito, pelos cenários de hoje, sem jogar nada.")
    ] = False,
) -> None:
    """Writes report.html, junit.xml and report.json."""
    from evals import runs
    from evals.gate import decide
    from evals.suites import of_suites
    from evals.telling.report import as_json, html, junit

    run, scenarios = runs.read(folder), {one.id: one for one in of_suites()}
    if rescore:
        run = _rescored(run, scenarios.values())
    decision = decide(run)
    place = out or folder
    place.mkdir(parents=True, exist_ok=True)
    written = {
        "report.html": html(run, decision, scenarios),
        "junit.xml": junit(run, decision),
        "report.json": as_json(run, decision, scenarios),
    }
    for name, text in written.items():
        (place / name).write_text(text, "utf-8")
    typer.echo(_say("report_written", path=place / "report.html"))


def _rescored(run: Run, scenarios: Iterable[Scenario]) -> Run:
    """The run with today's verdicts; told is what changed."""
    from evals.heads import commit
    from evals.scoring import rescored
    from kit.clock import utc_now

    found = rescored(run, scenarios, at=utc_now(), commit=commit())
    before = {one.key: one.verdict for one in run.trials}
    flipped = [one for one in found.trials if one.verdict.passed != before[one.key].passed]
    typer.echo(_say("rescored", count=len(found.trials), version=found.head.graded[-1]["version"], changed=len(flipped)))
    for one in flipped:
        typer.echo(_say("now_passes" if one.verdict.passed else "now_fails", scenario=one.scenario))
    return found


@evaluate.command("compare", help="Compara duas rodadas, cenário por cenário.")
def compare(
    before: Annotated[Path, typer.Argument(help="A pasta da primeira.")],
    after: Annotated[Path, typer.Argument(help="A pasta da segunda.")],
) -> None:
    """Exit code 1: the second is surely worse, or violates where the first did not."""
    from evals import runs
    from evals.telling.compare import compare as compared

    one, other = runs.read(before), runs.read(after)
    found = compared(one, other)
    typer.echo(_say("compared", before=one.head.id, after=other.head.id, common=found.common))
    versions = [run.head.graded[-1]["version"] if run.head.graded else "?" for run in (one, other)]
    if versions[0] != versions[1]:
        typer.echo(_say("graded_apart", before=versions[0], after=versions[1]))
    if found.gain is None:
        typer.echo(_say("no_gain"))
    else:
        typer.echo(_say("gain", **{name: _signed(getattr(found.gain, name)) for name in ("share", "low", "high")}))
    for key, every in (("better", found.better), ("worse", found.worse)):
        for moved in every:
            typer.echo(_say(key, scenario=moved.scenario, before=_of(moved.before), after=_of(moved.after)))
    for scenario in found.violations:
        typer.echo(_say("violates", scenario=scenario))
    for scenario in found.unseen:
        typer.echo(_say("violates_unseen", scenario=scenario))
    for key, names in (("changed", found.changed), ("only_before", found.only_before), ("only_after", found.only_after)):
        if names:
            typer.echo(_say(key, names=", ".join(names)))
    typer.echo(_say("regressed" if found.regressed else "not_regressed"))
    if found.regressed:
        raise typer.Exit(1)


def _signed(value: float) -> str:
    from evals.grading.naming import share

    return f"{'+' if value >= 0 else '−'}{share(abs(value), 1)}"


def _of(counted: tuple[int, int]) -> str:
    return f"{counted[0]}/{counted[1]}"


@evaluate.command("check", help="Lê as suítes (ou um arquivo de cenários) e diz o que está errado, sem jogar nada.")
def check(
    path: Annotated[Path | None, typer.Argument(help="Um arquivo YAML de cenários; sem ele, todas as suítes.")] = None,
) -> None:
    """Exit code 1: with a mistake, told by file, scenario and field."""
    from clinic.scenarios.reading import read
    from evals.documents import wrong_refs
    from evals.suites import of_suites

    found = read(path.read_text("utf-8"), source=path.name) if path else of_suites()
    wrong = list(wrong_refs(found))
    for scenario, ref in wrong:
        typer.echo(_say("wrong_ref", scenario=scenario, ref=ref), err=True)
    if wrong:
        raise typer.Exit(1)
    typer.echo(_say("read", count=len(found)))


def chosen_of(names: list[str]) -> list[Scenario]:
    """Scenarios by suite or id, in the order of their files; all of them without names. Raises BadScenario."""
    from clinic.scenarios.reading import BadScenario
    from evals.suites import of_suites

    every = of_suites()
    known = {one.suite for one in every} | {one.id for one in every}
    if unknown := [name for name in names if name not in known]:
        raise BadScenario(", ".join(unknown))
    return [one for one in every if not names or one.suite in names or one.id in names]


async def played(
    settings: Settings, scenarios: list[Scenario], head: Head, folder: Path, *, at_once: int, budget: Any, mind: Any = None
) -> Decision:
    """Plays what is left of a run, saying each trial as it ends. `mind(scenario)` thinks instead of the configured model."""
    from rich.console import Console

    from cli.watching import watched
    from evals import runs
    from evals.gate import decide
    from evals.judging.beside import seated
    from evals.playing.ground import open_ground, scratch_database
    from evals.playing.run import Player

    found: Run = runs.begin(folder, head)
    typer.echo(_began(found, scenarios))
    if found.trials:
        typer.echo(_say("resumes", folder=folder, done=len(found.trials), due=found.due))
    if runs.left(found, scenarios):
        with scratch_database(settings) as urls:
            async with open_ground(settings, urls) as ground, seated(settings) as (ask, judge):
                with watched(Console(), _say, done=len(found.trials), due=found.due) as tell:
                    player = Player(
                        ground.stage, ground.lane(mind), at_once=at_once, ask=ask, judge=judge, told=tell, budget=budget
                    )
                    found = await player.play(found, scenarios)
    return decide(found)


def _beside(head: Head) -> list[str]:
    """Who plays and who judges, what that is worth, and whether they are of her own family."""
    from evals.judging.beside import kin

    told = [_say("patients", model=head.patients)] if head.patients else []
    if head.judge:
        name, *rubrics = head.judge.split()
        worth = [
            _say("worth", rubric=one, standing=_say(f"standing_{two}")) for one, two in zip(*[iter(rubrics)] * 2, strict=True)
        ]
        told.append(_say("judge", model=name, worth="; ".join(worth)))
    return told + [_say(f"kin_{role}") for role in kin(head.model, patients=head.patients, judge=head.judge)]


def _began(run: Run, scenarios: list[Scenario]) -> str:
    kinds = _say("noise", kinds=", ".join(run.head.noise)) if run.head.noise else ""
    return _say("began", scenarios=len(scenarios), trials=run.due, model=run.head.model, tier=run.head.tier, noise=kinds)


def told(decision: Decision, head: Head) -> list[str]:
    """The end of a run, in lines."""
    lines = [
        _say("suite", name=one.name, passed=one.passed, trials=one.trials, violations=one.violations, errors=one.errors)
        for one in decision.suites
    ]
    if head.offline:
        lines.append(_say("offline"))
    lines.append(_say("open") if decision.open else _say("closed"))
    return lines + [_say("reason", reason=reason) for reason in decision.reasons]


def _say(key: str, **values: object) -> str:
    return str(_words()[key]).format(**values)


@cache
def _words() -> dict[str, str]:

    loaded: dict[str, str] = fast_yaml.load(files("cli").joinpath("eval.yaml").read_text("utf-8"))
    return loaded
