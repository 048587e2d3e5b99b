"""`carol eval gate`: may a clinic's draft be published? Its own scenarios and the safety core are played over it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kit import fast_yaml

if TYPE_CHECKING:
    from clinic.scenarios.schema import Scenario
    from db.pool import Pool
    from evals.publish import Decision
    from evals.runs import Trial


def gate(
    document: Annotated[Path, typer.Argument(help="O rascunho: um documento de clínica, em YAML ou JSON.")],
    scenarios: Annotated[Path | None, typer.Option("--scenarios", help="As provas da clínica, em um arquivo YAML.")] = None,
    clinic: Annotated[str | None, typer.Option("--clinic", help="A clínica que já guarda as próprias provas.")] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials", min=1, max=16, help="Tentativas por prova, com um modelo; sem ele, 3. A demonstração joga uma."
        ),
    ] = None,
) -> None:
    """Exit code 0: it may be published. 1: it may not. 2: it could not be asked."""
    from cli.evaluate import log_beside
    from clinic.scenarios import importing
    from clinic.scenarios.importing import BadScenarios
    from clinic.tenants.reading import DocumentError, content
    from evals.publish import decide
    from kit.settings import load_settings

    settings = load_settings()
    try:
        given = content(document.read_text("utf-8"))
        own = importing.read(scenarios.read_text("utf-8")) if scenarios else []
    except OSError as error:
        raise _refused(_say("no_file", path=error.filename)) from None
    except DocumentError as error:
        raise _refused(*error.problems) from None
    except BadScenarios as error:
        raise _refused(
            *(_say("mistake", **{"id": one.scenario, "at": one.field, "what": one.problem}) for one in error.mistakes)
        ) from None
    documents: list[tuple[str, bytes]] = []
    if clinic:
        kept, documents = _kept(clinic)
        own += [one for one in kept if one.id not in {each.id for each in own}]
    log_beside(settings.home / "evals" / "gate", settings)
    draft = given if isinstance(given, dict) else {}
    decision = decide(
        draft, own, settings=settings, folder=document.parent, documents=documents, trials=trials, told=_tell
    )  # fmt: skip
    if settings.offline and decision.played:
        typer.echo(_say("offline"))
    for line in told(decision):
        typer.echo(line)
    if not decision.open:
        raise typer.Exit(1)


def told(decision: Decision) -> list[str]:
    """How it ended, in lines."""
    played = [_say("played", core=decision.core, own=decision.played - decision.core)] if decision.played else []
    if decision.trials > 1 and played:
        played.append(_say("trials", trials=decision.trials))
    played += [_say("nobody_plays", title=title) for title in decision.left_out]
    if decision.open:
        return [*played, _say("open")]
    return [*played, _say("closed"), *(_say("reason", reason=reason) for reason in decision.reasons)]


def _tell(scenario: Scenario, trial: Trial, done: int, due: int) -> None:
    how = "passed" if trial.verdict.passed else "broke" if trial.verdict.error else "failed"
    typer.echo(_say(how, scenario=scenario.id, title=scenario.title, done=done, due=due))


def _kept(slug: str) -> tuple[list[Scenario], list[tuple[str, bytes]]]:
    """The scenarios and the documents that the clinic keeps."""
    from cli.lanes import with_pool
    from clinic.scenarios import store
    from db import system
    from db.session import clinic_session
    from knowledge import uploads_store

    known: list[str] = []

    async def read(pool: Pool) -> tuple[list[Scenario], list[tuple[str, bytes]]] | None:
        found = await system.clinic_of_slug(pool, slug)
        if found is None:
            known.extend(one for _, one, _ in await system.clinics(pool))
            return None
        async with clinic_session(pool, found) as s:
            return [one.scenario for one in await store.every(s)], await uploads_store.files(s)

    kept = with_pool(read)
    if kept is None:
        raise _refused(_say("no_clinic", slug=slug, known=", ".join(known)) if known else _say("no_clinics"))
    return kept


def _refused(*lines: str) -> typer.Exit:
    for line in lines:
        typer.echo(line, err=True)
    return typer.Exit(2)


def _say(key: str, **values: object) -> str:
    return _words()[key].format(**values)


@cache
def _words() -> dict[str, str]:

    loaded: dict[str, str] = fast_yaml.load(files("cli").joinpath("gating.yaml").read_text("utf-8"))
    return loaded
