"""A second thought lets go of what only sounds like a danger, and of nothing that is one."""

from __future__ import annotations

import numpy as np
import pytest

from agent.guardrails import dangers, second_thought
from agent.guardrails.second_thought import KEPT, holds_back, learn, score, words_of
from clinic.conversations.dangers import red_flags
from clinic.conversations.dangers.past import is_past
from clinic.conversations.dangers.red_flags import RedFlag
from tests.unit.test_dangers import reader


def feared(said: str) -> set[str]:
    """The kinds of danger the reader alone would flag, before any second thought."""
    readings = dangers._readings(said)
    vectors = reader()._encoder.encode_queries(readings)
    return {flag.kind for vector in vectors for flag in dangers.judge(reader()._load(), vector)[1]}


@pytest.mark.parametrize(
    "said",
    [
        "em maio fizeram o cateterismo do meu pai, deu tudo normal e o doutor liberou ele pra academia",
        "o susto foi no domingo, a criança tomou soro, teve alta e já tá na escola",
        "o pediatra examinou a queda dela ontem, foi só um susto, ela ficou ótima",
    ],
)
def test_what_is_told_as_past_with_its_outcome_is_past(said: str) -> None:
    assert is_past(dangers.fold(said))


@pytest.mark.parametrize(
    "said",
    [
        "o doutor liberou ele sexta e hoje amanheceu trocando as palavras",
        "teve alta ontem mas tá molinho e não come",
        "foi só um susto, disseram, só que ela continua sem abrir o olho",
        "na semana passada o ultrassom da gravidez deu normal e foi só um susto",
        "ele me bateu em março e o corte já sarou",
        "tentei me matar em 2019, já melhorei",
    ],
)
def test_what_goes_on_or_is_grave_is_never_past(said: str) -> None:
    assert not is_past(dangers.fold(said))


def test_it_lets_go_of_what_the_reader_feared_for_nothing() -> None:
    """Of its own harmless sentences the reader fears many; few of those are left."""
    harmless = [said for code, said in second_thought.sentences() if code.startswith("none")][::4]
    afraid = [said for said in harmless if feared(said)]
    assert len(afraid) >= 15
    assert sum(bool(reader().read(said)) for said in afraid) <= 0.35 * len(afraid)


def test_it_holds_back_none_of_the_dangers_it_learned() -> None:
    said = [said for code, said in second_thought.sentences() if not code.startswith("none")][::3]
    afraid = [one for one in said if feared(one)]
    assert len(afraid) >= 50
    assert [one for one in afraid if not reader().read(one)] == []


def test_what_may_be_self_harm_or_is_grave_needs_a_surer_no() -> None:
    """The same doubt that lets an injury go keeps a farewell, and a blow at home."""
    said = "machuquei o dedo na porta, ficou roxinho"
    vector = reader()._encoder.encode_queries([said])[0].astype(np.float64)
    thought = reader()._thought()
    doubt = score(thought, said, vector)
    assert second_thought.LEAST_GRAVE < second_thought.LEAST < second_thought.LEAST_PAST
    for flag in (RedFlag("self_harm", "suicide_ideation", ""), RedFlag("emergency", "violence", "")):
        assert holds_back(thought, said, vector, [flag]) == (doubt < second_thought.LEAST_GRAVE)
    assert holds_back(thought, said, vector, [RedFlag("emergency", "trauma", "")]) == (doubt < second_thought.LEAST)
    assert not holds_back(thought, said, vector, [])


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("caiu da laje ano passado", "Caiu da laje ano passado, operou e ficou bem. Agora amanheceu confuso"),
        ("minha sogra ficou em coma em 2008", "minha sogra ficou em coma em 2008. hoje não acorda"),
        ("a crise foi controlada no posto", "A crise foi controlada no posto, só que a bombinha não faz mais nada"),
        ("quando era pequeno ele convulsionava", "quando era pequeno ele convulsionava, hoje convulsionou de novo"),
        ("a moça do mercado desmaiou, fiquei com medo", "a moça do mercado desmaiou, fiquei com medo. ela tá aqui comigo"),
        ("o irmão da patroa infartou, fiquei com medo", "o irmão da patroa infartou, fiquei com medo, sinto igual agora"),
    ],
)
def test_the_past_of_one_sentence_is_judged_with_what_the_rest_of_the_message_says_of_now(said: str, message: str) -> None:
    assert not red_flags.told_elsewhere(said, message)


def test_what_the_whole_message_tells_as_past_is_told_so_for_each_of_its_sentences() -> None:
    message = "Minha sogra ficou em coma em 2008. Quero marcar o check-up dela"
    assert red_flags.told_elsewhere("minha sogra ficou em coma em 2008", message)
    assert red_flags.told_elsewhere("o irmão da patroa infartou, fiquei com medo, quero ver meu colesterol", "")


def test_what_is_feared_more_needs_a_surer_no() -> None:
    said = "machuquei o dedo na porta, ficou roxinho"
    vector = reader()._encoder.encode_queries([said])[0].astype(np.float64)
    doubt = score(reader()._thought(), said, vector)
    flags = [RedFlag("emergency", "trauma", "")]
    held = [holds_back(reader()._thought(), said, vector, flags, fear=fear) for fear in (0.0, 0.5, 1.0, 20.0)]
    assert held == [doubt < second_thought.LEAST - second_thought.PER_FEAR * fear for fear in (0.0, 0.5, 1.0, 20.0)]
    assert not held[-1]


def test_what_ends_in_a_question_is_learned_as_it_is_read_too_without_its_mark() -> None:
    learned = {said for _, said in (*dangers.exemplars(), *dangers.thoughts())}
    asked = [said for said in learned if said.endswith("?")]
    assert len(asked) >= 700
    assert [said for said in asked if said.rstrip("? ") not in learned] == []


@pytest.mark.parametrize(
    "said",
    ["tem vaga com a dentista quinta?", "meu genro marcou a consulta, que dia ficou?", "o convênio aceita a guia rasgada?"],
)
def test_the_desks_own_talk_is_known(said: str) -> None:
    assert second_thought.is_desk_talk(dangers.fold(said))


@pytest.mark.parametrize(
    "said",
    [
        "tem vaga? minha mãe desmaiou na recepção",
        "deixa pra lá a consulta, não vou precisar mais de horário nenhum",
        "desmarca a minha consulta, depois de hoje não faz sentido",
        "marca no meu nome, se ele souber ele me arrebenta",
        "faz tempo que ninguém liga",
    ],
)
def test_a_word_that_a_danger_is_told_with_makes_it_none(said: str) -> None:
    assert not second_thought.is_desk_talk(dangers.fold(said))


def test_no_danger_that_was_learned_is_plain_desk_talk_and_hardly_one_is_hinted_in_it() -> None:
    learned = [said for code, said in (*dangers.exemplars(), *dangers.thoughts()) if not code.startswith("none")]
    among = [said for said in learned if second_thought.is_desk_talk(said)]
    assert len(learned) >= 1400
    assert [said for said in among if not second_thought._talk()["doubt"].search(said)] == []
    assert len(among) <= 10, among


def test_words_reach_what_a_negation_reaches() -> None:
    assert "!febre" in words_of("nao teve mais febre")
    assert "!febre" not in words_of("ele teve febre")


def test_it_learns_from_words_where_meanings_are_the_same() -> None:
    same = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    said = ["caiu e quebrou", "caiu e sangrou", "caiu e sarou", "caiu mas ja sarou"]
    thought = learn(same, said, np.array([True, True, False, False]))
    assert score(thought, "caiu e ja sarou", same[0]) < score(thought, "caiu e sangrou", same[0])


def test_what_is_kept_was_learned_from_these_sentences() -> None:
    """The ridge's own equation holds for some of them. When this fails: `python -m agent.guardrails.dangers`."""
    thought = reader()._thought()
    every = (*dangers.exemplars(), *dangers.thoughts())
    assert len(every) == len(thought.weights) == len(thought.vectors)
    danger = np.array([not code.startswith("none") for code, _ in every])
    share = danger.mean()
    uncentred = np.concatenate([np.load(dangers._VECTORS)["vectors"], np.load(KEPT)["vectors"]]).astype(np.float64)
    for at in range(0, len(every), 211):
        ridge = 0.1 * thought.weights[at] / (0.5 / (share if danger[at] else 1 - share))
        told = score(thought, every[at][1], uncentred[at])
        assert abs(told + ridge - (1.0 if danger[at] else -1.0)) < 1e-3, every[at]


def test_other_sentences_are_not_judged_with_what_was_kept() -> None:
    with pytest.raises(ValueError, match="other sentences"):
        second_thought.load(reader()._load().vectors, "another mark")
