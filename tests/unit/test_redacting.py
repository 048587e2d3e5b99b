"""Texts with nobody in them: what is known of people, what only looks like them, and what must stay as it was said."""

from __future__ import annotations

import re
from datetime import date

import pytest

from clinic.scenarios.inventing import check_digits
from clinic.scenarios.redacting import Cover, Known, leaks
from kit.phone import canonical
from kit.text import plain

KNOWN = Known(
    names=("Ana Paula Ribeiro", "Carlos Eduardo Nunes", "Rosa Lima", "Helena Souza Dias"),
    near=("Ana Paula Ribeiro", "Lucas Ribeiro Matos"),
    phones=frozenset({"+5531900000101"}),
    births=frozenset({date(1988, 5, 14)}),
)
KEEP = ["Clínica Jacarandá", "Dra. Helena Prado", "Limpeza", "Unimed-BH", "Rua Pernambuco, 1000, Savassi", "Carol"]
TODAY = date(2026, 11, 23)


def cover(seed: str = "x") -> Cover:
    return Cover(KNOWN, keep=KEEP, seed=seed, today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "quero marcar limpeza com a Dra. Helena na Savassi dia 26/11/2026 às 10h30",
        "custa R$ 220,00? tem de segunda a sexta, das 8:00 às 18:00?",
        "Bom dia! Tudo bem? Obrigada, Carol",
        "quinta, 26/11, 15h ou 16h; são 2 pessoas de 35 anos",
        "a clínica fica na Rua Pernambuco, 1000?",
        "aceita Unimed? vi no Instagram de vocês",
        "quero uma rosa no vaso da recepção",
        "Sim, pode confirmar",
    ],
)
def test_what_is_nobodys_stays_word_by_word(text: str) -> None:
    assert cover().text(text) == text


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("oi, aqui é a Ana", "Ana"),
        ("ana paula ribeiro, 14/05/1988", "ana paula"),
        ("ANA PAULA RIBEIRO", "ANA PAULA"),
        ("consulta do Carlos Nunes", "Carlos"),
        ("quero falar da Helena Souza, não da Dra. Helena", "Souza"),
        ("meu nome é joana da silva santos e quero marcar", "joana da silva santos"),
        ("me chamo Zé", "Zé"),
        ("pra minha mãe, Dona Maria Aparecida de Souza", "Aparecida"),
        ("é pro Davi Lucca, meu filho", "Davi"),
        ("falei com o Pedro ontem", "Pedro"),
        ("obrigada, Cláudia", "Cláudia"),
        ("meu cpf é 529.982.247-25", "529.982.247-25"),
        ("cpf 52998224725", "52998224725"),
        ("me liga no (31) 9 8877-6655, por favor", "8877-6655"),
        ("31988776655", "88776655"),
        ("+55 31 98877-6655", "98877-6655"),
        ("maria.souza@gmail.com", "maria.souza"),
        ("meu insta é @joaninha.silva", "joaninha"),
        ("https://wa.me/5531988776655", "5531988776655"),
        ("moro na Rua das Flores, 123 apto 4, cep 30140-071", "Flores"),
        ("av. brasil 1500", "1500"),
        ("cep 30140-071", "30140-071"),
        ("nasci em 03/02/1990", "03/02/1990"),
        ("3 de fevereiro de 1990", "fevereiro de 1990"),
        ("03021990", "03021990"),
        ("nascimento: 14/05/88", "14/05/88"),
        ("minha carteirinha da Unimed é 0 123 456789012345-6", "456789012345"),
        ("o protocolo é 2023991", "2023991"),
    ],
)
def test_what_is_somebodys_is_gone_and_told(text: str, gone: str) -> None:
    covering = cover()
    told = covering.text(text)
    assert plain(gone) not in plain(told)
    assert covering.replaced
    assert all(one.was in text and one.now in told for one in covering.replaced)


def test_a_short_answer_to_who_asked_for_a_name_is_one() -> None:
    assert cover().text("joana pereira") == "joana pereira"
    assert "joana" not in cover().text("joana pereira", name=True)
    assert cover().text("quero marcar limpeza", name=True) == "quero marcar limpeza"


def test_one_thing_becomes_one_other_thing_and_each_seed_has_its_own_people() -> None:
    covering = cover()
    told = [covering.text(text) for text in ("sou a Ana Paula Ribeiro", "a Ana mandou", "ana paula")]
    first = covering.name("Ana Paula Ribeiro").split()[0]
    assert all(plain(first) in plain(text) for text in told)
    assert covering.name("Lucas Ribeiro Matos").split()[1] == covering.name("Ana Paula Ribeiro").split()[-1]  # one family
    again = cover()
    assert [again.text(text) for text in ("sou a Ana Paula Ribeiro", "a Ana mandou", "ana paula")] == told
    assert cover("another").name("Ana Paula Ribeiro") != covering.name("Ana Paula Ribeiro")


def test_the_invented_are_whole_and_nobody_the_clinic_knows() -> None:
    covering = cover()
    phone = covering.phone("+5531900000101")
    assert canonical(phone) == phone
    assert phone not in KNOWN.phones
    [cpf] = re.findall(r"\d{3}\.\d{3}\.\d{3}-\d{2}", covering.text("cpf 529.982.247-25"))
    digits = re.sub(r"\D", "", cpf)
    assert check_digits(digits[:9]) == digits[9:]
    assert abs((covering.birth(date(1988, 5, 14)) - date(1988, 5, 14)).days) in range(40, 320)
    names = {plain(word) for n in range(60) for word in cover(str(n)).name("Um Dois Tres").split()}
    assert not names & {"ana", "paula", "ribeiro", "helena", "rosa", "lucas", "prado"}


def test_known_and_suspected_are_told_apart() -> None:
    covering = cover()
    covering.text("sou a Ana Paula, 14/05/1988, 31 90000-0101, amiga da Cláudia Reis")
    assert {one.was: one.known for one in covering.replaced} == {
        "Ana Paula": True, "14/05/1988": True, "31 90000-0101": True, "Cláudia Reis": False,
    }  # fmt: skip


def test_what_is_left_of_somebody_is_found() -> None:
    assert leaks(["reclama a Ana Paula Ribeiro", "31900000101", "14/05/1988"], KNOWN) == [
        "ana paula ribeiro", "+5531900000101", "14/05/1988",
    ]  # fmt: skip
    assert leaks(["a Ana Clara Ribeiro", "31 99999-0000", "Ana"], KNOWN) == []
