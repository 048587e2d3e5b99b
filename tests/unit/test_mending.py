"""Mistyped words of the desk are read as they were meant; words that exist, and names, are not touched."""

from __future__ import annotations

import pytest

from agent.offline.mending import mended
from agent.offline.spelling import tokens
from kit.text import plain


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("qunato custq a limpeza?", "quanto custa a limpeza?"),
        ("quero canclear minha limpeza de amnahã", "quero cancelar minha limpeza de amanha"),
        ("e quanto que é sem o plno?", "e quanto que é sem o plano?"),
        ("queo a nutricioista na quarat às 16h", "quero a nutricionista na quarta às 16h"),
        ("minah limpeza, aamnhã mesmo", "minha limpeza, amanha mesmo"),
    ],
)
def test_what_was_mistyped_is_what_was_meant(typed: str, meant: str) -> None:
    assert mended(typed).text == meant


@pytest.mark.parametrize(
    "said",
    [
        "a maria e a amanda passam no sábado, o horácio e o edson prates não",
        "agendei, marcas, cancelo, atendi, marcando: o que tem outro fim é outra palavra",
        "peguei no parque um peso, um prego e uma manga; no quarto, a mesa e o piano",
        "Qunato Custq: com maiúscula pode ser um nome",
        "quano, que pode ser quando ou quanto, ninguém sabe",
    ],
)
def test_what_exists_or_may_be_a_name_stays(said: str) -> None:
    assert mended(said).text == said


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("hum, essa autorização vale hum, até quando?", "essa autorização vale até quando?"),
        ("é, depois eu posso dirigir?", "depois eu posso dirigir?"),
        ("então, e a de vocês?", "e a de vocês?"),
        ("não é, eu quero na quinta", "não é, eu quero na quinta"),
        ("é", "é"),
        ("hum", "hum"),
    ],
)
def test_thinking_aloud_says_nothing(said: str, meant: str) -> None:
    assert mended(said).text == meant


def test_a_name_is_spelled_by_whoever_bears_it() -> None:
    text = mended("sou a joana prexo, quero um horaro")
    assert "quero um horario" in text.text
    assert text.as_typed("Joana Preco") == "Joana prexo"


def test_no_word_that_is_mended_to_is_said_to_be_another() -> None:
    from agent.offline.mending import _book

    words, own = _book()
    assert not set(words) & own
    assert all(word == plain(word) and len(tokens(word)) == 1 for word in words)
