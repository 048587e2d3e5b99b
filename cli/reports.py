"""`carol reports`: a run of the reports to families, or one stage of it, now and here. Counts, ids and codes only.

Progress goes to the error output, a summary as JSON to the output, one line a clinic. Exit codes: 0 all well, 1 a stage
failed or a critical alert stands, 2 there is nothing to run it for.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.messages import Words

if TYPE_CHECKING:
    from clinic.tenants.models import Clinic
    from db.pool import Pool
    from jobs.reports_works import Works

_WORDS = Words("reports.yaml")
_say = _WORDS.say
reports = typer.Typer(no_args_is_help=True, help="Relatórios para famílias: a rodada inteira, ou uma etapa dela.")

Told = tuple[dict[str, Any], bool]  # the summary, and whether all went well
ClinicOption = Annotated[
    str | None, typer.Option("--clinic", help="Nome curto da clínica; sem ele, todas as que enviam relatórios.")
]


@reports.command("run", help="Faz uma rodada: lê a origem, escreve, avisa a equipe, envia.")
def run(
    clinic: ClinicOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Só diz o que faria: nada é gravado nem enviado.")] = False,
    skip_sync: Annotated[bool, typer.Option("--skip-sync", help="Sem ler a origem: só os relatórios que já vieram.")] = False,
    skip_send: Annotated[bool, typer.Option("--skip-send", help="Sem enviar: o que for aprovado espera a próxima.")] = False,
    by: Annotated[str, typer.Option("--by", help="Quem pede, como assina.")] = "carol reports",
) -> None:
    """The command; one that is interrupted is followed by the clock at the stage it had come to."""
    from cli import reports_run

    async def work(works: Works, found: Clinic) -> Told:
        if dry_run:
            return await reports_run.foreseen(works, found, skip_sync=skip_sync, skip_send=skip_send)
        return await reports_run.whole(works, found, by=by, skip_sync=skip_sync, skip_send=skip_send)

    _for_each(clinic, work)


@reports.command("sync", help="Só a leitura da origem.")
def sync(clinic: ClinicOption = None) -> None:
    from cli import reports_run

    _for_each(clinic, reports_run.sync)


@reports.command("process", help="Só a escrita e a conferência do que está pendente.")
def process(clinic: ClinicOption = None) -> None:
    from cli import reports_run

    _for_each(clinic, reports_run.process)


@reports.command("notify", help="Só o aviso à equipe do que precisa de revisão.")
def notify(clinic: ClinicOption = None) -> None:
    from cli import reports_run

    _for_each(clinic, reports_run.notify)


@reports.command("timeouts", help="Aplica a mensagem padrão às revisões vencidas.")
def timeouts(clinic: ClinicOption = None) -> None:
    from cli import reports_run

    _for_each(clinic, reports_run.timeouts)


@reports.command("send", help="Só o envio do que está aprovado.")
def send(clinic: ClinicOption = None) -> None:
    from cli import reports_run

    _for_each(clinic, reports_run.send)


@reports.command("metrics", help="Mostra o dia até agora e os últimos, e fecha os que acabaram.")
def metrics(
    clinic: ClinicOption = None,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="Quantos dias, hoje incluído.")] = 7,
) -> None:
    from cli import reports_run

    _for_each(clinic, lambda works, found: reports_run.metrics(works, found, days=days))


@reports.command("alerts", help="Procura o que está errado e avisa quem administra; sai com 1 se há alerta crítico.")
def alerts(clinic: ClinicOption = None) -> None:
    from cli import reports_run

    _for_each(clinic, reports_run.alerts)


def _for_each(slug: str | None, work: Callable[[Works, Clinic], Awaitable[Told]]) -> None:
    from cli.lanes import with_pool
    from kit.log import configure
    from kit.settings import load_settings

    settings = load_settings()
    configure(settings.model_copy(update={"log_level": "warning", "log_format": "json"}))  # to the error output

    async def go(pool: Pool) -> int:
        from cli import reports_run
        from clinic.reports.runs import NoDesk, RunGoesOn

        found = await reports_run.chosen(pool, slug)
        if not found:
            typer.echo(_say("unknown", clinic=slug) if slug else _say("none"), err=True)
            return 2
        worst = 0
        for one in found:
            works = reports_run.works_of(pool, settings, tell=lambda event, one=one, **known: _progress(one.slug, event, known))
            try:
                summary, well = await work(works, one)
            except NoDesk:
                typer.echo(_say("no_desk", clinic=one.slug), err=True)
                worst = 2
                continue
            except RunGoesOn:
                typer.echo(_say("busy", clinic=one.slug), err=True)
                worst = 2
                continue
            typer.echo(json.dumps({"clinic": one.slug, **summary}, ensure_ascii=False, default=str))
            worst = max(worst, int(not well))
        return worst

    if code := with_pool(go, tell=lambda said: typer.echo(said, err=True)):
        raise typer.Exit(code)


def _progress(clinic: str, event: str, known: dict[str, object]) -> None:
    if event == "stage":
        known = {**known, "number": list(_WORDS.all["stages"]).index(str(known["stage"])) + 1,
                 "label": _WORDS.all["stages"][known["stage"]]}  # fmt: skip
    if event == "failed":
        from clinic.reports.telling import explained

        reason, following = explained(str(known["code"]))
        _, _, which = str(known["why"]).partition(": ")  # names of tables, columns, fields: what is to be mended
        known = {"reason": f"{reason} ({which})" if which else reason, "next": following, **known}
    typer.echo(f"{clinic}  {_say(f'progress.{event}', **known)}", err=True)
