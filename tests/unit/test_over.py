"""Words that end a danger are told from those that do not: what is denied, thought, asked or another's does not count."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.guardrails import over
from kit import fast_yaml

CASES: dict[str, list[str]] = fast_yaml.load(Path(__file__).with_name("over_cases.yaml").read_text("utf-8"))


@pytest.mark.parametrize(("how", "said"), [(how, said) for how, lines in CASES.items() for said in lines])
def test_what_is_said_of_a_danger_known_before(how: str, said: str) -> None:
    found = over.read(said)
    assert (found.how if found else "none") == how


def test_there_are_as_many_of_one_kind_as_of_the_other() -> None:
    assert len(CASES["none"]) >= 30
    assert sum(len(lines) for how, lines in CASES.items() if how != "none") >= 30


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("já passou, foi só susto", False),
        ("já estou no hospital", False),
        ("Já está tudo bem por aqui. Obrigada pela preocupação!", False),
        ("a dor já passou, me encaixa amanhã cedo?", True),
        ("foi jeito de falar kkk, quero marcar dermato", True),
    ],
)
def test_what_is_asked_for_beside_it_is_seen(said: str, asks: bool) -> None:
    found = over.read(said)
    assert found and found.asks is asks


@pytest.mark.parametrize(
    "said",
    [
        "dou leite pra cortar o efeito?",
        "minha vizinha falou pra passar pasta de dente, passo?",
        "e se eu tomar um antialergico e passar aí amanhã?",
        "espero quanto tempo pra medir de novo?",
        "pelo menos me fala um remedio que segura até lá",
        "o que eu faço até o samu chegar?",
    ],
)
def test_treatment_is_a_professionals(said: str) -> None:
    assert over.asks_treatment(said)


@pytest.mark.parametrize("said", ["me encaixa hoje", "qual o endereço?", "vocês aceitam Unimed?", "tem terça?"])
def test_the_desks_own_questions_are_no_treatment(said: str) -> None:
    assert not over.asks_treatment(said)
