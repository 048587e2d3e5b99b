"""Scenarios as files: what is misspelt is refused by name, what can never fail is refused, and every suite reads."""

from __future__ import annotations

from typing import Any

import pytest

from clinic.scenarios import reading
from clinic.scenarios.schema import Scenario
from evals import suites
from evals.patients.noise import KINDS, noisy
from evals.patients.users import Reacting, Scripted

GIVEN: dict[str, Any] = {
    "schema": "carol.scenario/v1", "id": "um", "title": "um", "suite": "scheduling",
    "patient": {"turns": ["Oi, tudo bem? Quero marcar uma limpeza dental amanhã às 10h, por favor."]},
    "expect": {"must_say": [{"any": ["oi"]}]},
}  # fmt: skip


def changed(**more: Any) -> Scenario:
    return Scenario.model_validate({**GIVEN, **more})


def test_every_suite_reads_and_no_id_is_used_twice() -> None:
    assert suites.of_suites()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"titel": "x"}, "titel"),
        ({"suite": "nada"}, "suite"),
        ({"expect": {"state": {"visits": {}}}}, "doing nothing"),
        ({"expect": {"must_say": [{"regex": "("}]}}, "regular expression"),
        ({"expect": {"must_say": [{}]}}, "nothing to look for"),
        ({"patient": {"turns": []}}, "needs turns"),
        ({"patient": {"mode": "rules", "opening": "oi"}}, "needs rules"),
        ({"patient": {"mode": "model", "opening": "oi"}}, "persona"),
        ({"patient": {"mode": "rules", "turns": ["oi"], "rules": [{"when": "x", "say": "y"}]}}, "opening"),
        ({"id": "Um Dois"}, "id"),
    ],
)
def test_a_mistake_is_told_where_it_is(more: dict[str, Any], why: str) -> None:
    import yaml

    with pytest.raises(reading.BadScenario, match=why):
        reading.read(yaml.safe_dump([{**GIVEN, **more}]), source="x.yaml")


def test_a_suite_written_is_the_suite_read() -> None:
    every = suites.of_suites()
    assert reading.read(reading.written(every), source="again") == every


def test_what_is_played_is_told_apart_from_what_is_expected_of_it() -> None:
    one, other = changed(), changed(expect={"must_say": [{"any": ["olá"]}]}, title="outro")
    assert one.played == other.played
    assert one.digest != other.digest
    assert one.played != changed(patient={"turns": ["Oi"]}).played
    overlaid = {"overlay": {"avisos.md": "# Avisos\n\nFechado."}}
    assert one.played != changed(knowledge=overlaid).played
    assert one.played == changed(knowledge={"refs": ["retornos"]}).played


def test_the_digest_changes_with_the_scenario() -> None:
    assert changed().digest == changed().digest != changed(title="dois").digest


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_noise_is_drawn_from_its_seed_and_keeps_days_times_and_names(kind: str) -> None:
    noise = noisy(changed(), kind, seed=1)
    assert noise == noisy(changed(), kind, seed=1)
    said = " ".join(noise.patient.turns[0].texts).lower()
    assert "10h" in said
    assert noise.expect == changed().expect
    assert noise != changed()


def test_a_voice_note_still_asks_and_the_hesitation_is_no_word_of_the_sentence() -> None:
    asks = changed(patient={"turns": ["Oi, tudo bem. A limpeza é com a doutora Camila, às 10h, ou com outra pessoa?"]})
    for seed in range(1, 20):
        [said] = noisy(asks, "spoken", seed=seed).patient.turns
        assert said.spoken
        assert said.texts[0].endswith("?")
        assert "A limpeza é com a doutora Camila" in said.texts[0]


async def test_a_scripted_patient_says_their_lines_whatever_comes() -> None:
    who = Scripted(changed(patient={"turns": ["a", {"say": "sim", "agrees": True}]}).patient)
    first, second = await who.next(None), await who.next("?")
    assert first is not None and second is not None
    assert (first.texts, second.agrees) == (("a",), True)
    assert await who.next("!") is None


async def test_a_reacting_patient_answers_what_is_asked_and_no_sentence_for_ever() -> None:
    rules = [{"when": "qual dia", "say": "quinta", "most": 1}, {"when": "confirm", "say": "sim", "agrees": True}]
    patient = {"mode": "rules", "opening": "oi", "rules": rules, "stop_when": "marquei"}
    who = Reacting(changed(patient=patient).patient)
    said = [await who.next(reply) for reply in (None, "Qual dia?", "Posso confirmar?", "Marquei! Qual dia mesmo?")]
    assert [one and one.texts for one in said] == [("oi",), ("quinta",), ("sim",), None]
    who = Reacting(changed(patient=patient).patient)
    assert [await who.next(reply) is None for reply in (None, "qual dia?", "qual dia?")] == [False, False, True]


async def test_a_rule_waits_for_all_it_names_and_for_nothing_it_excludes_and_takes_its_time() -> None:
    rule = {"when": "posso", "and": ["16h", "marc|agend"], "not": "nome completo", "say": "sim", "after_minutes": 90}
    patient = {"mode": "rules", "opening": "oi", "rules": [rule]}
    for reply, right in [
        ("Posso marcar às 16h?", True),
        ("Posso marcar às 15h?", False),
        ("Posso cancelar às 16h?", False),
        ("Posso marcar às 16h? Me diz seu nome completo", False),
    ]:
        who = Reacting(changed(patient=patient).patient)
        assert await who.next(None) is not None
        said = await who.next(reply)
        assert (said is not None) is right, reply
        assert said is None or said.after_minutes == 90


def test_rules_are_written_as_they_are_read() -> None:
    rule = {"when": "a", "and": ["b"], "not": ["c"], "say": "d"}
    one = changed(patient={"mode": "rules", "opening": "oi", "rules": [rule]})
    assert "and:" in reading.written([one])
    assert reading.read(reading.written([one]), source="again") == [one]
