"""What counts as read back: the proposal's day and hour in any decent spelling, and never another's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from desk.read_back import read_back

TODAY = date(2026, 11, 23)  # a Monday


def proposal(starts_at: str, handle: str = "A1", **more: Any) -> tuple[str, dict[str, Any]]:
    return "propose_visit", {"proposal": handle, "kind": "book", "summary": {"starts_at": starts_at, **more}}


RIGHT = [  # quinta, 26 de novembro de 2026, às 10h
    "quinta, 26 de novembro, às 10h",
    "Quinta-feira, 26 de novembro, às 10h",
    "quinta-feira, 26/11, às 10h",
    "quinta (26/11) às 10h",
    "quinta-feira (26/11), às 10h00",
    "26/11 às 10h",
    "26/11, 10h",
    "26/11 às 10:00",
    "26/11/2026 às 10:00",
    "26/11/26 às 10h",
    "dia 26/11 às 10h",
    "dia 26 às 10h",
    "no dia 26, quinta-feira, às 10h",
    "quinta 26 às 10h",
    "quinta, 26, às 10h",
    "quinta-feira 26, 10:00",
    "quinta, dia 26, às 10 horas",
    "quinta dia 26/11, 10h",
    "26 de novembro às 10h",
    "26 de novembro de 2026, às 10h",
    "26 de nov às 10h",
    "26 nov, 10:00",
    "qui, 26 nov, 10:00",
    "26/nov às 10h",
    "às 10h de quinta, 26/11",
    "às 10h do dia 26/11",
    "10h da manhã do dia 26/11",
    "26/11 às 10h da manhã",
    "26/11 às 10 da manhã",
    "26/11 às 10hs",
    "26/11 às 10 h",
    "26/11 às 10h00",
    "26/11 às 10",
    "26/11 às dez",
    "26/11 às dez horas",
    "26/11 às dez da manhã",
    "*26/11* às *10h*",
    "Data: 26/11\nHorário: 10h",
    "Dia: quinta, 26 de novembro\nHora: 10:00\nCom Dra. Helena",
    "QUINTA, 26 DE NOVEMBRO, ÀS 10H",
    "2026-11-26 às 10:00",
    "26/11 às 10h. Se precisar desmarcar, avise até quarta, 25/11, às 10h",
    "26/11 às 10h. Chegue às 9h45",
    "26/11, das 10h às 10h30",
]
WRONG = [
    "",
    "Posso marcar então?",
    "26/11",
    "às 10h",
    "quinta às 10h",
    "sexta, 27/11, às 10h",
    "quinta, 26/11, às 11h",
    "26/11 às 10h30",
    "26/11 às 22h",
    "26/11 às 10 da noite",
    "26/11 às 1h",
    "26/11 às onze",
    "26/12 às 10h",
    "26/10 às 10h",
    "26/11/2027 às 10h",
    "sexta, 26/11, às 10h",
    "sexta 26 às 10h",
    "dia 27 às 10h",
    "dia 2 às 10h",
    "dia 6 às 10h",
    "amanhã, às 10h",
    "amanhã (26/11), às 10h",
    "26 de dezembro, às 10h",
    "2 de novembro, às 10h",
    "26/11 às 10h ou sexta, 27/11, às 9h",
    "26/11 às 10h ou às 11h",
    "quarta, 25/11, às 10h, ou quinta, 26/11, às 10h",
    "Custa R$ 26,00 e leva 10 minutos",
    "sala 26, 10h",
]


@pytest.mark.parametrize("said", RIGHT)
def test_the_day_and_the_hour_are_read_back_however_they_are_spelled(said: str) -> None:
    assert read_back([proposal("2026-11-26T10:00")], f"Limpeza dental, {said}. Posso confirmar?", today=TODAY) == ["A1"]


@pytest.mark.parametrize("said", WRONG)
def test_another_day_or_hour_reads_nothing_back(said: str) -> None:
    assert read_back([proposal("2026-11-26T10:00")], f"Limpeza dental, {said}. Posso confirmar?", today=TODAY) == []


@pytest.mark.parametrize(
    ("starts_at", "said", "shown"),
    [
        ("2027-01-20T09:00", "20 de janeiro, às 9h", True),
        ("2027-01-20T09:00", "quarta, 20/01, às 9h", True),
        ("2027-01-20T09:00", "20/1/27 às 09:00", True),
        ("2027-01-20T09:00", "dia 20, às 9h", False),  # of December, to whoever reads it
        ("2026-11-24T15:30", "amanhã às 15h30", True),
        ("2026-11-24T15:30", "amanhã (24/11), às 15:30", True),
        ("2026-11-24T15:30", "terça, dia 24/11, às três e meia da tarde", True),
        ("2026-11-24T15:00", "24/11 às 3 da tarde", True),
        ("2026-11-24T15:00", "24/11 às 3 da manhã", False),
        ("2026-11-23T12:00", "hoje ao meio-dia", True),
        ("2026-12-01T08:00", "1º de dezembro, às 8h", True),
        ("2026-12-01T08:00", "primeiro de dezembro às oito", True),
    ],
)
def test_other_days_and_hours(starts_at: str, said: str, shown: bool) -> None:
    assert bool(read_back([proposal(starts_at)], f"Fica {said}. Confirma?", today=TODAY)) is shown


def test_a_move_says_the_day_it_leaves_too() -> None:
    moving = proposal("2026-11-26T10:00", from_label="quarta, 25 de novembro, às 9h")
    assert read_back([moving], "De quarta, 25/11, às 9h, para quinta, 26/11, às 10h. Posso mudar?", today=TODAY) == ["A1"]
    assert read_back([moving], "A de quarta, 25/11, às 9h. Posso mudar?", today=TODAY) == []


def test_two_proposals_are_read_back_apart() -> None:
    both = [proposal("2026-11-26T10:00"), proposal("2026-11-26T11:00", "A2")]
    assert read_back(both, "Ana, quinta, 26/11, às 10h; Bia, quinta, 26/11, às 11h. Posso?", today=TODAY) == ["A1", "A2"]
    assert read_back(both, "Bia, quinta, 26/11, às 11h. Posso?", today=TODAY) == ["A2"]


def test_a_visit_on_the_books_may_stand_beside_it() -> None:
    said = "Você já tem terça, 24/11, às 15h. Fica mais uma quinta, 26/11, às 10h. Posso marcar?"
    made = [proposal("2026-11-26T10:00")]
    assert read_back(made, said, today=TODAY) == []
    assert read_back(made, said, today=TODAY, visits=[datetime(2026, 11, 24, 15)]) == ["A1"]
