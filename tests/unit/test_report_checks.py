"""The report suite on every commit, with no model; and what its rules, its template and its facts promise one by one."""

from __future__ import annotations

import asyncio
import re
from dataclasses import fields, replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.reports.checks import check, refused
from agent.reports.facts import facts_of
from agent.reports.offline import ChecksAlone, TemplateWriter, compose
from agent.reports.order import Order
from agent.reports.reading import read, topics
from cli.evaluate import evaluate
from clinic.reports.findings import find
from clinic.reports.history import Evidence, History
from clinic.reports.models import Report, Shift, SourceReport, Span, State, Trend
from clinic.reports.patterns import detect, entries
from clinic.reports.ranges import ADULT
from clinic.reports.texts import strangers
from clinic.reports.views import Work
from clinic.tenants.models import Clinic
from evals.reports.cases import Case, Defect, cases, formless
from evals.reports.flesch import flesch, syllables
from evals.reports.gate import unmet
from evals.reports.measuring import Settles, measured, reviewed
from graphs.report import Desk, written
from jobs.reports_mind import GraphMind
from jobs.reports_mind import order_of as ordered
from kit.clock import utc_now

CASES = cases()
MISSING = ("omitted", "attention_missing")


def order_of(text: str, **more: object) -> Order:
    made = Order(
        text, "Maria Lima", "Sueli Ramos", Shift.MORNING, date(2026, 11, 20), "Jacarandá em Casa", patterns=detect(text)
    )
    return replace(made, **more)  # type: ignore[arg-type]


def codes(source: str, message: str) -> set[str]:
    return {one.code for one in check(order_of(source), message)[0]} - {"empty"}


def test_the_suite_holds_without_a_model() -> None:
    found = asyncio.run(measured(CASES, TemplateWriter(), ChecksAlone()))
    assert unmet(found, offline=True) == []
    assert len(CASES) >= 30
    assert {row.kind for row in found.review.rows()} >= {
        "number", "dose", "time", "medication", "negation", "omitted", "invented", "name", "alarm", "advice", "jargon",
    }  # fmt: skip


def test_rules_that_sleep_do_not_pass_the_gate() -> None:
    """An order without its patterns is held to less: what is left out goes unseen, and the gate closes."""
    spoilt = [one for one in CASES if any(defect.kind == "omitted" for defect in one.defects)]

    async def asleep() -> float:
        blind = [_Blind(**{**one.model_dump(by_alias=True)}) for one in spoilt]
        return (await reviewed(blind, ChecksAlone())).recall() or 0.0

    assert asyncio.run(asleep()) < 0.95


class _Blind(Case):
    def order(self) -> Order:
        return replace(super().order(), patterns=())


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.id)
def test_what_the_template_says_is_traced_or_it_does_not_go(case: Case) -> None:
    result = asyncio.run(written(Desk(case.order(), TemplateWriter(), ChecksAlone())))
    if result.approved:
        (draft,) = result.drafts
        text = case.order().text
        assert all(one.source is not None and one.source.end <= len(text) for one in draft.traced)
        assert draft.model == "modelo-fixo"
    else:
        assert result.error_code in ("report_refused", "report_order")
        assert len(result.drafts) <= 1  # the template has no second thoughts


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.id)
def test_facts_stand_where_they_say_and_critical_ones_are_marked(case: Case) -> None:
    order = case.order()
    found = facts_of(order.text, order.patterns)
    assert all(order.text[one.span.start : one.span.end] == one.text for one in found)
    if case.critical:
        assert any(one.critical for one in found)


@pytest.mark.parametrize(
    ("source", "message", "wrong"),
    [
        ("PA 130x80 às 8h", "A pressão dela estava 130x80, às 8h, e foi só isso que se mediu.", set()),
        ("PA 130x80 às 8h. HGT 96", "A pressão dela estava 96x80, às 8h, pela manhã.", {"number"}),
        ("PA 130x80 às 8h. HGT 96 às 9h", "A pressão dela estava 130x80 às 9h, pela manhã de hoje.", {"time"}),
        ("Tomou losartana 50 mg às 8h", "Ela não tomou a losartana 50 mg às 8h da manhã.", {"negation"}),
        ("Recusou a losartana", "Ela tomou a losartana da manhã, como de costume.", {"negation", *MISSING}),
        ("Nega febre", "Ela teve febre hoje de manhã, em casa, na cama.", {"negation"}),
        ("Teve queda no banho", "Ela não teve queda no banho, foi uma manhã boa.", {"negation", *MISSING}),
        ("Almoçou bem", "Olá, família! Ela almoçou bem. Acessem www.fotos.com.br", {"contact"}),
        ("Almoçou bem", "Olá, família! Ela almoçou bem. Liguem para (31) 98888-7777.", {"contact", "number"}),
        ("Almoçou bem com Júlia", "Olá, família! Ela almoçou bem, e a Júlia também estava.", {"name"}),
        ("Almoçou bem", "Olá, Roberto! Ela almoçou bem hoje de manhã em casa.", {"name", "greeting"}),
        ("Almoçou bem", "Olá, família da Maria! A Sueli conta que ela almoçou bem.", set()),
        ("Deambulou pela sala", "Olá, família! Ela deambulou pela sala durante a manhã.", {"jargon"}),
        ("Deambulou pela sala", "Olá, família! Ela deambulou (caminhou) pela sala de manhã.", set()),
        ("Almoçou bem", "Olá, família! Ela almoçou bem. [nome da cuidadora] cuidou dela.", {"form"}),
        ("Fez 3 refeições", "Olá, família! Ela fez 5 refeições durante a manhã de hoje.", {"number"}),
    ],
)  # fmt: skip
def test_what_a_rule_finds(source: str, message: str, wrong: set[str]) -> None:
    assert codes(source, message) - {"untraced"} == wrong


def test_what_happened_and_is_not_in_the_report_is_refused_and_everyday_life_is_a_doubt() -> None:
    for message, hard in (
        ("Olá, família! Ela teve uma queda na sala, hoje de manhã.", True),
        ("Olá, família! Ela passeou na varanda hoje de manhã.", False),
    ):
        problems, _ = check(order_of("Almoçou bem."), message)
        assert refused(problems) is hard
        assert problems


def test_a_sentence_about_earlier_reports_is_let_stand_word_by_word_only() -> None:
    history = History(Trend.STABLE, 5, (Evidence("refused", Trend.STABLE, ("a", "b", "c", "d", "e"), (1, 1, 0, 1, 1)),))
    order = order_of("Recusou a medicação da manhã.", history=history)
    assert "4 dos últimos 5" in order.repetition
    text = compose(order)
    assert order.repetition in text
    assert not check(order, text)[0]
    assert check(order, text.replace("4 dos", "2 dos"))[0]


def test_the_points_of_attention_stand_exactly_when_there_are_some() -> None:
    assert "Pontos de Atenção" in compose(order_of("Teve febre de 38,5 às 10h."))
    assert "Pontos de Atenção" not in compose(order_of("Almoçou bem. Nega febre."))


@pytest.mark.parametrize("key", sorted(topics()))
def test_the_template_says_nothing_the_checks_do_not_understand(key: str) -> None:
    """Every phrase of the template is read as what it stands for, or as nothing at all."""
    tell = topics()[key].tell.replace("{time}", "")
    others = {one.key for one in read(tell).events} - {key}
    assert not others & set(entries()), "an alert that nobody reported"


def test_a_case_that_spoils_nothing_is_a_mistake_of_the_file() -> None:
    with pytest.raises(ValueError, match="not in the message"):
        Defect.model_validate({"kind": "number", "swap": ["9", "8"]}).on("nada")


def test_ease_of_reading() -> None:
    assert [syllables(word) for word in ("casa", "família", "pão", "água", "a")] == [2, 3, 1, 2, 1]
    easy, hard = flesch("Ela comeu bem. Dormiu cedo."), flesch("A paciente apresentou hipotensão ortostática transitória.")
    assert easy is not None and hard is not None and easy > hard
    assert flesch("…") is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=160), st.text(max_size=160))
def test_any_source_and_any_message_are_read(source: str, message: str) -> None:
    order = order_of(source)
    _, traced = check(order, message)
    assert all(isinstance(one.draft, Span) for one in traced)
    compose(order)


def test_the_command_tells_and_prints_no_figure_of_the_template_as_quality() -> None:
    told = CliRunner().invoke(evaluate, ["reports", "queda-sem-lesao", "manha-tranquila"])
    assert told.exit_code == 0, told.output
    assert "Não é medida de escrita" in told.output
    assert not re.search(r"Flesch", told.output)
    assert CliRunner().invoke(evaluate, ["reports", "nenhum"]).exit_code == 2


def test_a_worker_without_a_model_gets_the_template_under_its_own_name() -> None:
    now, id_ = utc_now(), UUID(int=1)
    text = "Almoçou bem. Teve febre de 38,5 às 13h."
    known = {
        "id": id_, "external_id": "r1", "person_id": id_, "person_name": "Maria Lima", "caregiver": "Sueli Ramos",
        "shift": Shift.AFTERNOON, "day": date(2026, 11, 20), "began_at": now, "closed_at": now, "source_text": text,
        "state": State.PROCESSING,
    }  # fmt: skip
    report = Report(**{one.name: known.get(one.name) for one in fields(Report)})  # type: ignore[arg-type]
    source = SourceReport("r1", "s1", "Maria Lima", "Sueli Ramos", now, now, text)
    work = Work(report, source, "Maria Lima", "Sueli Ramos", find(report.source_text), (), ADULT, id_, 1)
    clinic = Clinic(id_, "jacaranda", "Jacarandá em Casa", "America/Sao_Paulo", 1)
    outcome = asyncio.run(GraphMind(TemplateWriter(), ChecksAlone()).write(clinic, work))
    assert outcome.approved and outcome.error_code is None
    assert [one.model for one in outcome.drafts] == ["modelo-fixo"]
    assert {one.key for one in outcome.patterns} >= {"fever", "temperature_high"}
    assert ordered(clinic, work).history.trend is Trend.UNKNOWN


# ---------------------------------------------------------------- what a nurse would let go


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("Não quis fazer a caminhada hoje.", "Preferiu não caminhar hoje."),
        ("comuniquei a coordenação 8h50", "A coordenação foi comunicada às 8h50."),
        ("T 38,3 às 23h. 00h30 T 37,2", "A febre de 38,3 °C às 23h baixou para 37,2 °C à 0h30."),
        ("Donaren 50mg 20h ok", "Às 20h ela tomou o Donaren 50 mg."),
        ("Recusou banho, ficou irritada; 11h aceitou.", "Ficou irritada na hora do banho."),
        ("Abdome um pouco distendido", "A barriga está um pouco inchada."),
        ("viu futebol", "Ela assistiu ao futebol."),
        ("fechei a casa e reguei as flores", "A cuidadora fechou e regou tudo."),
    ],
)
def test_another_way_to_say_what_the_report_says_is_no_problem(source: str, message: str) -> None:
    assert codes(source, f"Olá, família da dona Maria! {message}") <= {"omitted", "attention_missing", "empty"}


@pytest.mark.parametrize(
    "greeting", ["Boa tarde! Aqui é a Carol.", "Oi! Passando para contar da tarde.", "Bom dia! Carol, da Jacarandá."]
)
def test_a_greeting_that_ends_with_its_own_mark_greets_nobody(greeting: str) -> None:
    assert "greeting" not in codes("Passou bem.", f"{greeting} A dona Maria passou bem o plantão.")


@pytest.mark.parametrize(
    "greeting", ["Olá, Renata, tudo bem?", "Bom dia! Renata, tudo bem?", "Oi! Dona Renata, aqui é a Carol."]
)
def test_nobody_of_the_family_is_greeted_by_a_name(greeting: str) -> None:
    assert codes("Passou bem.", f"{greeting} A dona Maria passou bem.") & {"greeting", "name"}


@pytest.mark.parametrize(
    ("source", "message", "code"),
    [
        ("Não bateu a cabeça.", "Ela bateu a cabeça.", "negation"),
        ("Ficou na sala.", "Ficou na sala e passeou na praça com a neta.", "untraced"),
        ("Donaren 50mg 20h ok", "Às 20h tomou o Donaren 100 mg.", "dose"),
        ("Donaren 50mg 20h ok", "Às 20h tomou o Prolopa 50 mg.", "medication"),
        ("Tomou banho às 9h.", "Não tomou banho.", "negation"),
    ],
)
def test_and_what_it_does_not_say_still_is(source: str, message: str, code: str) -> None:
    assert code in codes(source, f"Olá, família da dona Maria! {message}")


@pytest.mark.parametrize("text", ["Faleceu", "ÓBITO ÀS 3H", "nao resistiu", "SAMU constatou. Almoçou bem."])
def test_a_death_is_told_by_a_person_alone(text: str) -> None:
    result = asyncio.run(written(Desk(order_of(text), TemplateWriter(), ChecksAlone())))
    assert (result.approved, result.error_code, result.drafts) == (False, "report_person", ())


@pytest.mark.parametrize("text", ["Tudo como combinamos.", "Xpto zvy qwk.", "Nega dor."])
def test_what_no_rule_reads_is_not_told_as_nothing(text: str) -> None:
    result = asyncio.run(written(Desk(order_of(text), TemplateWriter(), ChecksAlone())))
    assert (result.approved, result.error_code) == (False, "report_unreadable")


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("Almoçou bem. Filha avisada.", "equipe foi avisada"),
        ("Almoçou bem. A vizinha passou para ver ela.", "família"),
        ("Almoçou bem. Cantou o hino.", "ouviu"),
        ("Almoçou bem. Assistiu o jornal.", "le"),
        ("Almoçou bem. Exame marcado para amanhã. Liguei para a enfermagem.", "exame|enfermagem esteve"),
        ("Almoçou bem. Comeu bolo de fubá.", "data especial"),
    ],
)
def test_the_template_says_only_what_stands_there(text: str, never: str) -> None:
    body = compose(order_of(text)).split("\n\n")[1]
    assert "comeu bem" in body
    assert not re.search(rf"\b(?:{never})", body)


def test_another_familys_whole_name_is_caught_though_the_report_has_it_too() -> None:
    known = {
        "source_text": "Almoçou com Rosa Maria Prates. Zuleide veio.",
        "person_name": "Lourdes Lima",
        "caregiver": "Ana Reis",
    }
    report = Report(**{one.name: known.get(one.name) for one in fields(Report)})  # type: ignore[arg-type]
    others = ["Rosa Maria de Prates", "Zuleide Souza", "Ana Reis"]
    assert strangers("Ela almoçou com Rosa Maria Prates.", report, others) == ["Rosa Maria de Prates"]
    assert strangers("A Zuleide veio, e a Ana Reis cuidou.", report, others) == []
    assert strangers("A Rosa almoçou com ela.", report, others) == []


def test_messages_by_another_author_are_read_as_well_as_they_were() -> None:
    """All spoilt ones are refused or doubted, most by rules alone; few good ones by rules alone."""
    rules, doubts = (asyncio.run(reviewed(formless(), one)) for one in (Settles(), ChecksAlone()))
    assert (len(rules.good), len(rules.read)) == (60, 120)
    assert doubts.missed == ()
    assert len(rules.missed) <= 3
    assert len(rules.wrongly) <= 17


@pytest.mark.parametrize(
    ("source", "message", "hard"),
    [
        ("PA 118x70 às 22h", "A pressão dela estava 11,8 por 7, às 22h, e só isso se mediu.", False),
        ("PA 118x70 às 22h", "A pressão dela estava 12,8 por 7, às 22h, e só isso se mediu.", True),
        ("Almoçou com a vizinha Zuleide", "Olá, família! Ela almoçou com a vizinha Zuleide.", False),
        ("Almoçou com a vizinha", "Olá, família! Ela almoçou com a vizinha Zuleide.", True),
        ("Machucou o cotovelo, ferida limpa", "Ela machucou de leve o cotovelo, e a ferida está limpa.", False),
        ("Almoçou bem com a vó Alzira", "Olá, família! A vó Alzira almoçou bem hoje, em casa.", False),
        ("Ficou em repouso das 17-18h", "Ela ficou em repouso das 17h às 18h, em casa.", False),
    ],
)
def test_what_a_report_says_otherwise_is_no_fault(source: str, message: str, hard: bool) -> None:
    assert refused([one for one in check(order_of(source, shift=Shift.NIGHT), message)[0] if one.code not in MISSING]) is hard
