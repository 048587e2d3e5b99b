"""The output gate: which replies may be sent, on one believable set of grounds."""

from __future__ import annotations

import time as clock
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, cast

import pytest

from agent.guardrails.outgoing import LONGEST, Grounds, Problem, review
from kit import fast_yaml

_CASES = Path(__file__).with_name("guardrails_outgoing_cases.yaml")

TUESDAY = datetime(2026, 11, 24, 15, 0)
WEDNESDAY = datetime(2026, 11, 25, 9, 30)
GROUNDS = Grounds(
    today=date(2026, 11, 20),
    moments=frozenset({TUESDAY, WEDNESDAY}),
    prices_cents=frozenset({18_000, 125_000}),
    phones=frozenset({"553132221000"}),
    names=frozenset({"Dra. Helena Prado", "Marina Souza"}),
    urls=frozenset({"https://www.clinicaexemplo.com.br"}),
    addresses=frozenset({"Rua dos Inconfidentes, 812, Savassi, Belo Horizonte"}),
    quotable=(
        "Horário: segunda a sexta das 8h às 18h; sábado das 8h às 12h.",
        "A avaliação é gratuita. Pix tem 5% de desconto.",
        "Exame de sangue: faça jejum de 8 horas. Pode beber água normalmente.",
        "Peeling: na véspera, suspenda o uso de ácidos e evite sol. Se toma anticoagulante, suspenda o uso só com o médico.",
    ),
    heard=("tô com sinusite, quero marcar com o otorrino", "me disseram que é 50 reais", "nasci em 12/05/1990"),
)


def _grounds(receipts: list[str]) -> Grounds:
    return replace(
        GROUNDS,
        booked="booked" in receipts,
        moved="moved" in receipts,
        cancelled="cancelled" in receipts,
        held="held" in receipts,
        case_open="case_open" in receipts,
        visits=frozenset({TUESDAY}) if "visits" in receipts else frozenset(),
    )


def _cases() -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], fast_yaml.load(_CASES.read_text(encoding="utf-8")))


@pytest.mark.parametrize("case", [case for case in _cases() if "ok" in case], ids=lambda case: case["ok"][:60])
def test_a_grounded_reply_passes(case: dict[str, Any]) -> None:
    verdict = review(case["ok"], grounds=_grounds(case.get("with", [])))
    assert verdict.problems == ()
    assert verdict.ok


@pytest.mark.parametrize("case", [case for case in _cases() if "bad" in case], ids=lambda case: case["say"][:60])
def test_an_ungrounded_reply_is_refused_for_its_reason(case: dict[str, Any]) -> None:
    verdict = review(case["say"], grounds=_grounds(case.get("with", [])))
    assert not verdict.ok
    assert {problem.kind for problem in verdict.problems} == set(case["bad"]), verdict.problems


def test_there_are_enough_cases_of_both_sorts() -> None:
    cases = _cases()
    assert sum("ok" in case for case in cases) >= 40
    assert sum("bad" in case for case in cases) >= 40


def test_a_flood_is_too_long() -> None:
    kinds = {problem.kind for problem in review("palavra " * 600, grounds=GROUNDS).problems}
    assert kinds == {"too_long"}
    assert review("a" * LONGEST, grounds=GROUNDS).ok


def test_hidden_characters_do_not_hide_a_claim() -> None:
    assert not review("Está mar\u200bcado!", grounds=GROUNDS).ok


@pytest.mark.parametrize("reply", ["Toma um\n\nibuprofeno.", "É só\n\numa virose", "Suspende o remédio até a consulta"])
def test_advice_split_over_bubbles_is_advice(reply: str) -> None:
    assert "medical_advice" in {problem.kind for problem in review(reply, grounds=Grounds(today=date(2026, 11, 23))).problems}


def test_days_and_times_must_have_been_given_together() -> None:
    loose = replace(GROUNDS, moments=frozenset(), days=frozenset({TUESDAY.date()}), times=frozenset({time(9, 30)}))
    assert review("Terça, 24/11, às 9h30 pode ser?", grounds=loose).ok
    given = review("Terça, 24/11, às 9h30 pode ser?", grounds=GROUNDS)
    assert given.problems == (Problem("ungrounded_time", "terca, 24/11 9h30"),)


def test_what_a_patient_says_grounds_days_but_never_a_price_or_a_remedy() -> None:
    grounds = replace(GROUNDS, heard=("pode ser dia 27/11 às 10h? é 99 reais né? minha vó disse que pode tomar dipirona",))
    assert review("Você pediu 27/11 às 10h; ainda preciso ver.", grounds=replace(grounds, moments=frozenset())).ok
    assert [p.kind for p in review("São 99 reais.", grounds=grounds).problems] == ["ungrounded_price"]
    assert [p.kind for p in review("Pode tomar dipirona.", grounds=grounds).problems] == ["medical_advice"]


def test_iso_moments_in_tool_results_ground_what_is_said_of_them() -> None:
    grounds = Grounds(today=date(2026, 11, 20), quotable=('{"slot": "2026-11-27T10:00:00-03:00", "price": 180}',))
    assert review("Sexta, 27/11, às 10h, por R$ 180,00. Serve?", grounds=grounds).ok
    assert not review("Sexta, 27/11, às 11h. Serve?", grounds=grounds).ok


def test_the_turn_of_the_year_is_read_right() -> None:
    grounds = Grounds(today=date(2026, 12, 29), moments=frozenset({datetime(2027, 1, 5, 8, 0)}))
    assert review("Terça, 5 de janeiro, às 8h, pode ser?", grounds=grounds).ok


def test_review_takes_a_few_milliseconds() -> None:
    grounds = replace(GROUNDS, quotable=GROUNDS.quotable * 10)
    replies = [case.get("ok") or case["say"] for case in _cases()]
    review("oi", grounds=grounds)
    began = clock.perf_counter()
    for reply in replies:
        review(reply, grounds=grounds)
    assert (clock.perf_counter() - began) / len(replies) < 0.01
