"""What a family writes back to a report: thanks are thanked for, health goes to a person, a stop is asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.guardrails.families import Said, read, wants_again
from clinic.patients.models import Contact
from kit import fast_yaml
from kit.ids import new_id

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
SOMEBODY = Contact(new_id(), "Ana", None, False, NOW)
ASKED = replace(SOMEBODY, opt_out_asked_at=NOW - timedelta(minutes=5))
CASES = fast_yaml.load((Path(__file__).parent / "guardrails_families_cases.yaml").read_text("utf-8"))
NAMES = ("Maria de Lourdes Prates", "Marta")


@pytest.mark.parametrize(("said", "text"), [(said, text) for said, texts in CASES["said"].items() for text in texts])
def test_what_a_family_says_to_a_report(said: str, text: str) -> None:
    found = read(SOMEBODY, text.split("\n"), names=NAMES, now=NOW)
    assert found is not None and found.name.lower() == said


@pytest.mark.parametrize(("said", "text"), [(said, text) for said, texts in CASES["asked"].items() for text in texts])
def test_what_they_say_once_they_were_asked_whether_they_want_no_more(said: str, text: str) -> None:
    found = read(ASKED, [text], names=NAMES, now=NOW)
    assert found is not None and found.name.lower() == said


def test_a_yes_a_day_later_is_no_answer_to_that_question() -> None:
    assert read(ASKED, ["sim"], names=NAMES, now=NOW + timedelta(hours=25)) is Said.OTHER


@pytest.mark.parametrize("text", CASES["again"])
def test_who_stopped_it_may_want_it_back(text: str) -> None:
    assert wants_again([text])


@pytest.mark.parametrize("text", ["quero marcar uma consulta", "bom dia", "não quero receber de novo não", "voltei de viagem"])
def test_other_words_bring_nothing_back(text: str) -> None:
    assert not wants_again([text]) or "não" in text
