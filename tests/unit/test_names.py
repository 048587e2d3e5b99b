"""When two names are of one person: what a family shares, what a form shortens."""

from __future__ import annotations

import pytest

from clinic.patients.names import corrects, proves, same

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


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("Katarina Lopes Amaral", "Catarina Lopes Amaral"),
        ("Thaís Moreira", "Taís Moreira"),
        ("Luiz Gonzaga Pires", "Luis Gonzaga Pires"),
        ("Wanderleia Pinto Caldas", "Wanderleia Pinto Caldas e Silva"),
        ("Yolanda", "Iolanda"),
        ("Ana Rocha Souza", "Ana Rosa Souza"),
        ("João Pires Neto", "Joao Pirez Neto"),
    ],
)
def test_a_name_spelled_otherwise_is_a_correction(said: str, known: str) -> None:
    assert corrects(said, known) and corrects(known, said)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("Paula Dias", "Paulo Dias"),
        ("Daniela Reis", "Daniel Reis"),
        ("Pedro Amaral", "Catarina Amaral"),
        ("João Silva Neto", "João Silva"),
        ("Ana Clara Prado", "Ana Lima Reis"),
        ("", "Ana"),
    ],
)
def test_another_persons_name_is_none(said: str, known: str) -> None:
    assert not corrects(said, known) and not corrects(known, said)
