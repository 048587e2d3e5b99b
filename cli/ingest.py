"""`carol ingest`: what a clinic has written, from a folder or one file, into its knowledge."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kit import fast_yaml
from kit.errors import NotFound
from kit.ids import is_sandbox

if TYPE_CHECKING:
    from kit.settings import Settings
    from knowledge.models import IngestReport


class ClinicNotFound(NotFound):
    """No clinic has this short name."""

    code = "clinic_not_found"


def ingest(
    path: Annotated[Path, typer.Argument(help="Pasta, ou um arquivo Markdown, texto, PDF ou Word.", show_default=False)],
    clinic: Annotated[str, typer.Option("--clinic", help="Nome curto da clínica.", show_default=False)],
) -> None:
    """The command: one line per file; exit code 1 when a file was refused, 2 when nothing could be done."""
    from cli.stack import running_stack
    from db.migrate import upgrade
    from kit.errors import Invalid
    from kit.settings import load_settings

    if not path.exists():
        typer.echo(_say("no_path", path=path), err=True)
        raise typer.Exit(2)
    try:
        settings = load_settings()
        with running_stack(settings, tell=typer.echo) as stack:
            upgrade(stack.urls.owner)
            report = asyncio.run(load(stack.urls.app, clinic, path, settings))
    except (Invalid, ClinicNotFound) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    for line in lines(report, path):
        typer.echo(line)
    if report.refused:
        raise typer.Exit(1)


async def load(app_url: str, slug: str, path: Path, settings: Settings) -> IngestReport:
    """Ingests `path` for the clinic called `slug`, through the app role. Raises ClinicNotFound and Unavailable."""
    from db import system
    from db.pool import create_pool
    from knowledge.embed import embedder_from
    from knowledge.ingest import ingest_folder

    pool = create_pool(app_url, max_size=2, name="carol-ingest")
    await pool.open()
    try:
        clinic_id = await system.clinic_of_slug(pool, slug)
        if clinic_id is None or is_sandbox(clinic_id):
            known = ", ".join(name for _, name, _ in await system.clinics(pool)) or _say("none")
            raise ClinicNotFound(_say("no_clinic", slug=slug, known=known))
        embedder = embedder_from(
            settings.embeddings_model, base_url=settings.embeddings_base_url, api_key=settings.embeddings_api_key
        )
        return await ingest_folder(pool, clinic_id, path, embedder=embedder)
    finally:
        await pool.close()


def lines(report: IngestReport, path: Path) -> list[str]:
    """What to show: a line per file, then the total."""
    if not report.files:
        return [_say("empty", path=path)]
    told = [_say(file.outcome, source=file.source, passages=file.passages, reason=file.reason) for file in report.files]
    stored = report.count("stored") + report.count("re-embedded")
    return [*told, _say("total", stored=stored, unchanged=report.count("unchanged"), refused=len(report.refused))]


@cache
def _words() -> dict[str, str]:

    kept: dict[str, str] = fast_yaml.load(files("cli").joinpath("ingest.yaml").read_text("utf-8"))
    return kept


def _say(sentence: str, /, **values: object) -> str:
    return _words()[sentence].format(**values)
