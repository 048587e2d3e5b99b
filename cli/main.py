"""The `carol` command. Everything heavy is imported inside the command that needs it: `--help` stays quick."""

from __future__ import annotations

from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from cli import evaluate, ingest, lanes, reconcile, reports, seed

if TYPE_CHECKING:
    from kit.settings import Settings


class Explaining(TyperGroup):
    """Ends what Carol can explain in one clear line, never in a traceback."""

    def invoke(self, ctx: Any) -> Any:
        from kit.errors import CarolError

        try:
            return super().invoke(ctx)
        except CarolError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None


app = typer.Typer(
    name="carol",
    cls=Explaining,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
database = typer.Typer(no_args_is_help=True, help="Tabelas e dados de clínicas.")
app.add_typer(database, name="db")
app.add_typer(lanes.lanes, name="lanes")
app.add_typer(evaluate.evaluate, name="eval")
app.add_typer(reports.reports, name="reports")


def _settings() -> Settings:
    from kit.errors import Invalid
    from kit.settings import load_settings

    try:
        return load_settings()
    except Invalid as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


# Commands that are whole modules, each importing what is heavy when it runs.
app.command("ingest", help="Lê os documentos de uma clínica, de uma pasta ou arquivo.")(ingest.ingest)
app.command("reconcile", help="Confere o que foi dito aos pacientes num dia com o que está na agenda e nos casos.")(
    reconcile.reconcile
)
database.command("seed", help="Carrega uma clínica de um documento YAML ou JSON.")(seed.seed)


@app.command(help="Liga tudo e mostra o endereço; Ctrl-C desliga.")
def up(
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Sem tarefas de fundo, só a API.")] = True,
) -> None:
    settings = _settings()
    import sys

    from rich.console import Console

    from cli.up import run

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # whoever reads us through a pipe waits for the address
    raise typer.Exit(run(settings, Console(), worker=worker))


@app.command(help="Conversa com a Carol como paciente, no terminal ou por um script (--json).")
def chat(
    clinic: Annotated[str | None, typer.Option("--clinic", help="Nome curto da clínica; sem ele, a única que houver.")] = None,
    person: Annotated[str, typer.Option("--as", help="Quem escreve: um telefone, ou um nome.")] = "+5531900000999",
    at: Annotated[str | None, typer.Option("--at", help="O relógio da conversa, como 2026-03-10T09:30.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Uma mensagem por linha entra, um JSON por resposta sai.")] = False,
) -> None:
    settings = _settings()
    from cli.chat import run

    raise typer.Exit(run(settings, clinic=clinic, person=person, at=at, as_json=as_json))


@app.command(help="Diz o que roda, em que versão, e o que há de errado.")
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Um documento JSON.")] = False) -> None:
    from cli.doctor import run

    raise typer.Exit(run(as_json=as_json))


@app.command(help="Apaga os dados desta máquina, depois de perguntar.")
def reset(yes: Annotated[bool, typer.Option("--yes", help="Não pergunta.")] = False) -> None:
    settings = _settings()
    from cli.reset import run

    typer.echo(run(settings, ask=lambda question: yes or typer.confirm(question)))


@database.command("upgrade", help="Leva as tabelas à versão deste programa.")
def upgrade() -> None:
    settings = _settings()
    from cli.messages import say
    from cli.stack import running_stack
    from db.migrate import head
    from db.migrate import upgrade as bring

    with running_stack(settings) as stack:
        bring(stack.urls.owner)
    typer.echo(say("database.upgraded", head=head()))
