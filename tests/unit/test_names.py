"""When two names are of one person: what a family shares, what a form shortens."""

from __future__ import annotations

import pytest

from clinic.patients.names import proves, same

ONE = [
    ("Ana", "Ana Lima"),
    ("Ana Lima", "ana lima"),
    ("Ana Lima", "Ana Souza Lima"),
    ("José da Silva", "Jose Silva"),
    ("João", "João Silva Neto"),
    ("João Neto", "João Silva Neto"),
    ("João Silva Júnior", "João Silva Jr"),
    ("João Silva Filho", "Joao da Silva Filho"),
    ("Maria Eduarda Costa", "Maria Costa"),
    ("Ana Neto", "Ana Maria Neto"),
    ("D'Ávila Rosa", "D'Avila Rosa"),
]
TWO = [
    ("João Silva", "João Silva Neto"),
    ("João Silva", "João Silva Filho"),
    ("João Silva", "João Silva Júnior"),
    ("João Silva", "João Silva Jr."),
    ("João Silva Filho", "João Silva Neto"),
    ("João Pedro Silva", "João Pedro Silva Sobrinho"),
    ("José Silva", "José Silva II"),
    ("Ana Lima", "Ana Souza"),
    ("Ana Lima", "Bia Lima"),
    ("Lima Ana", "Ana Lima"),
    ("", "Ana"),
    ("de", "da"),
]


@pytest.mark.parametrize(("one", "other"), ONE)
def test_one_person_under_two_spellings(one: str, other: str) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(("one", "other"), TWO)
def test_two_people_of_one_family(one: str, other: str) -> None:
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize(
    ("said", "known", "whole"),
    [
        ("Maria Souza", "Maria Aparecida de Souza", True),
        ("Maria Aparecida de Souza", "Maria Souza", True),
        ("Maria", "Maria Souza", False),
        ("Maria Aparecida", "Maria Aparecida de Souza", False),
        ("Maria Souza", "Maria", False),
        ("João Silva", "João Silva Neto", False),
        ("Mario Souza", "Maria Souza", False),
    ],
)
def test_a_first_name_proves_nothing(said: str, known: str, whole: bool) -> None:
    assert proves(said, known) is whole
