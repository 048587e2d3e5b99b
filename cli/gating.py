"""`carol eval gate`: may a clinic's draft be published? Its own scenarios and the safety core are played over it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from clinic.scenarios.schema import Scenario
    from db.pool import Pool
    from evals.grading.grade import Verdict
    from evals.publish import Decision


def gate(
    document: Annotated[Path, typer.Argument(help="O rascunho: um documento de clínica, em YAML ou JSON.")],
    scenarios: Annotated[Path | None, typer.Option("--scenarios", help="As provas da clínica, em um arquivo YAML.")] = None,
    clinic: Annotated[str | None, typer.Option("--clinic", help="A clínica que já guarda as próprias provas.")] = None,
) -> None:
    """Exit code 0: it may be published. 1: it may not. 2: it could not be asked."""
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
    if clinic:
        own += _kept(clinic)
    decision = decide(given if isinstance(given, dict) else {}, own, settings=settings, folder=document.parent, told=_tell)
    if settings.offline:
        typer.echo(_say("offline"))
    for line in told(decision):
        typer.echo(line)
    if not decision.open:
        raise typer.Exit(1)


def told(decision: Decision) -> list[str]:
    """How it ended, in lines."""
    played = [_say("played", played=decision.played, core=decision.core)] if decision.played else []
    if decision.open:
        return [*played, _say("open")]
    return [*played, _say("closed"), *(_say("reason", reason=reason) for reason in decision.reasons)]


def _tell(scenario: Scenario, verdict: Verdict) -> None:
    typer.echo(_say("passed" if verdict.passed else "failed", scenario=scenario.id, title=scenario.title))


def _kept(slug: str) -> list[Scenario]:
    from cli.lanes import with_pool
    from clinic.scenarios import store
    from db import system
    from db.session import clinic_session

    async def read(pool: Pool) -> list[Scenario] | None:
        found = await system.clinic_of_slug(pool, slug)
        if found is None:
            return None
        async with clinic_session(pool, found) as s:
            return [one.scenario for one in await store.every(s)]

    kept = with_pool(read)
    if kept is None:
        raise _refused(_say("no_clinic", slug=slug))
    return kept


def _refused(*lines: str) -> typer.Exit:
    for line in lines:
        typer.echo(line, err=True)
    return typer.Exit(2)


def _say(key: str, **values: object) -> str:
    return _words()[key].format(**values)


@cache
def _words() -> dict[str, str]:
    import yaml

    loaded: dict[str, str] = yaml.safe_load(files("cli").joinpath("gating.yaml").read_text("utf-8"))
    return loaded
