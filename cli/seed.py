"""`carol db seed`: a clinic from one document, and the folder of what it has written. The demo clinic is one such file."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kit import fast_yaml

if TYPE_CHECKING:
    from clinic.tenants.document import ClinicDocument
    from clinic.tenants.service import SeedReport
    from db.provision import Urls
    from kit.settings import Settings
    from knowledge.models import IngestReport

DEMO = Path(__file__).parents[1] / "seeds" / "demo" / "clinic.yaml"


def seed(
    file: Annotated[
        Path, typer.Argument(help="Documento da clínica, em YAML ou JSON; sem ele, a de demonstração.", show_default=False)
    ] = DEMO,
    schema: Annotated[bool, typer.Option("--schema", help="Mostra o formato do documento (JSON Schema).")] = False,
) -> None:
    """The command: loads FILE and says what became of it; exit code 2 and one line per problem when it cannot."""
    if schema:
        typer.echo(schema_text(), nl=False)
        return
    from clinic.tenants.reading import DocumentError
    from clinic.tenants.seeding_store import ChannelTaken
    from kit.errors import Invalid
    from kit.settings import load_settings

    try:
        settings = load_settings()
        document, folder = read_file(file)
        report, ingested = _into_running(settings, document, folder)
    except DocumentError as error:
        typer.echo(_say("problems", path=file, count=len(error.problems)), err=True)
        for problem in error.problems:
            typer.echo(f"  {problem}", err=True)
        raise typer.Exit(2) from None
    except (Invalid, ChannelTaken) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    for line in _lines(report, ingested):
        typer.echo(line)


def seed_demo(urls: Urls, settings: Settings | None = None) -> SeedReport:
    """Loads the demonstration clinic and its documents into a migrated database. Not for use inside a running loop."""
    from kit.settings import load_settings

    document, folder = read_file(DEMO)
    report, _ = asyncio.run(load(urls.app, document, folder, settings or load_settings()))
    return report


def schema_text() -> str:
    """The published schema, as docs/clinic.schema.json keeps it."""
    import json

    from clinic.tenants.document import json_schema

    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def read_file(path: Path) -> tuple[ClinicDocument, Path | None]:
    """The document at `path` and its folder of knowledge. Raises DocumentError."""
    from clinic.tenants.reading import DocumentError, read

    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise DocumentError([_say("not_text")]) from None
    except OSError:
        raise DocumentError([_say("no_file")]) from None
    document = read(text)
    if document.knowledge is None:
        return document, None
    folder = (path.parent / document.knowledge).resolve()
    if not folder.is_dir():
        raise DocumentError([_say("no_folder", path=folder)])
    return document, folder


async def load(
    app_url: str, document: ClinicDocument, folder: Path | None, settings: Settings
) -> tuple[SeedReport, IngestReport | None]:
    """Loads the document, then its folder, through the app role. Raises what `clinic.tenants.service.seed` raises."""
    from clinic.tenants import service
    from db.pool import create_pool
    from kit.clock import utc_now
    from knowledge.embed import embedder_from
    from knowledge.ingest import ingest_folder

    pool = create_pool(app_url, max_size=2, name="carol-seed")
    await pool.open()
    try:
        report = await service.seed(pool, document, now=utc_now())
        if folder is None:
            return report, None
        embedder = embedder_from(
            settings.embeddings_model,
            base_url=settings.embeddings_base_url or None,
            api_key=settings.embeddings_api_key or None,
        )
        return report, await ingest_folder(pool, report.clinic_id, folder, embedder=embedder)
    finally:
        await pool.close()


def _into_running(settings: Settings, document: ClinicDocument, folder: Path | None) -> tuple[SeedReport, IngestReport | None]:
    from cli.stack import running_stack
    from db.migrate import upgrade

    with running_stack(settings, tell=typer.echo) as stack:
        upgrade(stack.urls.owner)
        return asyncio.run(load(stack.urls.app, document, folder, settings))


def _lines(report: SeedReport, ingested: IngestReport | None) -> list[str]:
    lines = [_say("title", name=report.name, slug=report.slug, version=report.version)]
    names: dict[str, str] = _words()["counts"]
    lines += [f"  {names[kind]}: {count}" for kind, count in report.counts.items() if count]
    if ingested is not None:
        stored = ingested.count("stored") + ingested.count("re-embedded")
        lines.append("  " + _say("documents", stored=stored, unchanged=ingested.count("unchanged")))
        lines += ["  " + _say("refused", source=file.source, reason=file.reason) for file in ingested.refused]
    return lines


@cache
def _words() -> dict[str, Any]:

    kept: dict[str, Any] = fast_yaml.load(files("cli").joinpath("seed.yaml").read_text("utf-8"))
    return kept


def _say(sentence: str, /, **values: object) -> str:
    return str(_words()[sentence]).format(**values)
