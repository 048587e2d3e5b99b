"""A plain yes to a read-back, and everything that only looks like one. The cases are in consent_*.yaml."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from clinic.conversations.consent import Whose, affirms
from kit import fast_yaml

KINDS = ("book", "move", "cancel")
HERE = Path(__file__).parent


def cases(name: str) -> list[tuple[tuple[str, ...], frozenset[str]]]:
    """Each answer as its messages, with the kinds of proposal it is a yes to."""
    told = fast_yaml.load((HERE / name).read_text("utf-8"))
    return [
        (tuple(said) if isinstance(said, list) else (said,), frozenset(key.split()) - {"none"})
        for key, lines in told.items()
        for said in lines
    ]


@pytest.mark.parametrize(
    ("said", "to"),
    [*cases("consent_cases.yaml"), *cases("consent_heldout.yaml")],
    ids=lambda case: "|".join(sorted(case)) or "none",
)
def test_a_yes_is_to_what_was_read_back_and_to_nothing_else(said: tuple[str, ...], to: frozenset[str]) -> None:
    assert {kind for kind in KINDS if affirms(said, to=kind)} == to


THURSDAY = datetime(2026, 11, 26, 10, 0)


@pytest.mark.parametrize(
    ("said", "yes"),
    [
        ("sim, quinta às 10h", True),
        ("isso, quinta-feira 26/11 às 10:00", True),
        ("pode marcar quinta às 10 horas", True),
        ("pode ser quinta", True),
        ("pode ser às 10h", True),
        ("pode ser na quinta às 10h", True),
        ("confirmo dia 26 às 10h", True),
        ("isso, obrigada, até quinta!", True),
        ("isso, obrigada, até sexta!", False),
        ("sim, sexta às 10h", False),
        ("sim, quinta às 11h", False),
        ("sim, quinta às 10h30", False),
        ("pode marcar quinta às 1h", False),
        ("sim, dia 25 às 10h", False),
        ("pode ser sexta", False),
        ("quinta às 10h", False),
        ("quinta às 10h confirmo", False),
        ("quinta confirmo", False),
        ("sim, quinta não", False),
    ],
)
def test_only_the_day_and_hour_read_back_may_be_said_again(said: str, yes: bool) -> None:
    assert affirms([said], to="book", at=THURSDAY) is yes
    assert not affirms([said], to="book")


SOFIA = Whose("Sofia Ribeiro Matos", itself=False, others=("Lucas Ribeiro Matos",))


@pytest.mark.parametrize(
    ("said", "whose", "yes"),
    [
        ("sim, pode marcar pra ela", SOFIA, True),
        ("isso, só o dela. pode marcar", SOFIA, True),
        ("fechado, a da Sofia", SOFIA, True),
        ("sim, Sofia Ribeiro Matos, confirmo", SOFIA, True),
        ("isso mesmo, é Sofia", SOFIA, True),
        ("sim, pode marcar pra ele", SOFIA, False),
        ("sim, a do Lucas", SOFIA, False),
        ("Sofia Ribeiro Matos", SOFIA, False),
        ("sim, Sofia Ribeiro Prado", SOFIA, False),
        ("sim, pra ela e pra ele", SOFIA, False),
        ("certinho, pode marcar pra ele", Whose("Lino Barros", itself=False), True),
        ("certinho, pode marcar pra ele", Whose("Davi Barros", itself=False), True),
        ("certinho, pode marcar pra ele", Whose("Davi Barros", itself=False, others=("Ivo Barros",)), False),
        ("certinho, pode marcar pra ela", Whose("Lino Barros", itself=False), False),
        ("sim, pode marcar pra ela", Whose("Ana Reis"), False),
        ("sim, pode marcar pra ela", Whose("Ana Reis", itself=False, others=("Rita Reis",)), False),
        ("sim, a da Ana", Whose("Ana Reis", itself=False, others=("Ana Lima",)), False),
        ("sim, a da Ana Reis", Whose("Ana Reis", itself=False, others=("Ana Lima",)), True),
        ("sim, Ana Reis, pode marcar", Whose("Ana Reis"), True),
    ],
)
def test_only_the_person_read_back_may_be_named_again(said: str, whose: Whose, yes: bool) -> None:
    assert affirms([said], to="book", whose=whose) is yes
    assert not affirms([said], to="book")


def test_what_is_long_is_no_plain_yes_and_is_judged_at_once() -> None:
    assert not affirms(["sim por favor " * 2_000], to="book")
    assert not affirms(["pode sim " * 19 + "pode ser que nem"], to="book")
