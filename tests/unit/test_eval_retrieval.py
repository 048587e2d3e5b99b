"""Passages against what answers: ranks worked out by hand, references that must exist, and a lexical search beside them."""

from __future__ import annotations

from math import log2
from typing import Any

import pytest

from clinic.scenarios.schema import Scenario
from evals import documents, suites
from evals.evidence import Evidence, Turn
from evals.grading.retrieval import Ranked, bm25, figures, ranked, retrieved
from knowledge.models import Piece

WRITTEN = {
    "retornos.md": (Piece("Retornos › Prazo", "O retorno vale por trinta dias depois da consulta."),),
    "animais.md": (
        Piece("Animais › Cães", "Cães-guia entram em todas as salas da clínica."),
        Piece("Animais › Outros", "Outros animais esperam do lado de fora."),
    ),
}


def scenario(refs: tuple[str, ...] = ("retornos#Prazo",), **knowledge: Any) -> Scenario:
    given = {
        "schema": "carol.scenario/v1", "id": "um", "title": "um", "suite": "retrieval", "patient": {"turns": ["oi"]},
        "expect": {"must_say": [{"any": ["oi"]}]}, "knowledge": {"refs": list(refs), **knowledge},
    }  # fmt: skip
    return Scenario.model_validate(given)


def passage(source: str, heading: str, text: str = "", *, used: bool = True) -> dict[str, Any]:
    return {"source": source, "heading": heading, "text": text, "used": used}


def talked(*searches: list[dict[str, Any]], said: str = "o retorno tem prazo?", reply: str = "") -> Evidence:
    trace = tuple({"step": "tool", "tool": "search_knowledge", "passages": one} for one in searches)
    return Evidence("um", 1, turns=(Turn(said=(said,), agrees=False, replies=(reply,), trace=trace),))


@pytest.mark.parametrize(
    ("ref", "right"),
    [
        ("retornos", True),
        ("retornos.md#prazo", True),
        ("retornos#Retornos › Prazo", True),
        ("retornos#Retornos", False),
        ("retorno#Prazo", False),
        ("retornos#Outro › Prazo", False),
    ],
)
def test_a_reference_means_a_document_or_a_heading_in_it(ref: str, right: bool) -> None:
    assert documents.means(ref, "retornos.md", "Retornos › Prazo") is right


def test_every_reference_of_the_suites_is_to_something_that_is_written() -> None:
    every = suites.of_suites()
    assert sum(bool(one.knowledge and one.knowledge.refs) for one in every) > 60
    assert not list(documents.wrong_refs(every))


def test_a_reference_to_nothing_is_told_and_what_is_laid_over_counts() -> None:
    wrong = scenario(("retornos#Prazo que não há", "nada", "avisos#Feriado"))
    assert [ref for _, ref in documents.wrong_refs([wrong])] == ["retornos#Prazo que não há", "nada", "avisos#Feriado"]
    overlaid = scenario(("avisos#Feriado",), overlay={"avisos.md": "# Avisos\n\n## Feriado\n\nNão abrimos no feriado.\n"})
    assert not list(documents.wrong_refs([overlaid]))


def test_ranks_are_cut_at_k_and_each_reference_counts_once() -> None:
    places = [("x.md", "X"), ("a.md", "A"), ("a.md", "A"), ("b.md", "B"), ("c.md", "C")]
    found = ranked(("a", "b", "c"), places, 4)
    best = 1 + 1 / log2(3) + 1 / log2(4)
    assert (found.recall, found.hit, found.reciprocal) == (pytest.approx(2 / 3), 1.0, 0.5)
    assert found.ndcg == pytest.approx((1 / log2(3) + 1 / log2(5)) / best)
    assert ranked(("a",), places[:1], 4) == Ranked(0.0, 0.0, 0.0, 0.0)
    assert ranked(("x",), places, 4) == Ranked(1.0, 1.0, 1.0, 1.0)


def test_several_searches_are_one_ranking_the_best_of_each_first() -> None:
    wrong, right = passage("animais.md", "Animais › Cães"), passage("retornos.md", "Retornos › Prazo")
    found = retrieved(scenario(), talked([wrong, wrong], [right]), WRITTEN)
    assert found is not None and found.ranked is not None
    assert found.ranked.reciprocal == 0.5
    never = retrieved(scenario(), talked(), WRITTEN)
    assert never is not None and never.ranked is not None
    assert (never.searched, never.ranked.recall) == (False, 0.0)


def test_a_reply_rests_on_what_it_shares_words_with_beyond_the_question() -> None:
    text = "O retorno vale por trinta dias depois da consulta."
    right, wrong = (
        passage("retornos.md", "Retornos › Prazo", text),
        passage("animais.md", "Animais › Cães", "Cães-guia entram."),
    )
    said = "Vale por trinta dias depois da consulta."

    def cited(reply: str, *passages: dict[str, Any]) -> bool | None:
        found = retrieved(scenario(), talked(list(passages), reply=reply), WRITTEN)
        assert found is not None
        return found.cited

    assert cited(said, right, wrong)
    asked = talked([right], said="o retorno da consulta tem prazo?", reply="O retorno da consulta tem prazo.")
    echoed = retrieved(scenario(), asked, WRITTEN)
    assert echoed is not None and not echoed.cited
    assert not cited(said, {**right, "used": False})
    assert not cited("Cães-guia entram em todas as salas, e vale por trinta dias", right, passage(
        "animais.md", "Animais › Cães", "Cães-guia entram em todas as salas, trinta dias, vale muito"))  # fmt: skip


def test_where_nothing_written_answers_nothing_should_be_given() -> None:
    seen = [passage("animais.md", "Animais › Cães", used=False)]
    rightly, wrongly = (
        retrieved(scenario(()), talked(seen), {}),
        retrieved(scenario(()), talked([{**seen[0], "used": True}]), {}),
    )
    assert rightly is not None and wrongly is not None
    found = figures([rightly, rightly, wrongly])
    assert found is not None
    assert (found.questions, found.unanswerable, found.abstained, found.ranked) == (0, 3, 2 / 3, None)
    assert figures([]) is None
    assert retrieved(scenario(), Evidence("um", 1, error="Boom"), WRITTEN) is None


def test_words_alone_find_what_shares_them_rare_ones_first() -> None:
    assert bm25("qual o prazo do retorno?", WRITTEN)[0] == ("retornos.md", "Retornos › Prazo")
    assert bm25("meu cão-guia entra na sala?", WRITTEN)[0] == ("animais.md", "Animais › Cães")
    assert bm25("xyz", WRITTEN) == []
    assert bm25("retorno", {}) == []
