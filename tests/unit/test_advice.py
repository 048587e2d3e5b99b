"""Kind advice of the home (compress, tea, rest, posture, food) is a professional's too; what only looks like it is said."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from agent.guardrails.outgoing import review
from kit import fast_yaml
from tests.unit.test_guardrails_outgoing import GROUNDS


@cache
def cases() -> dict[str, list[str]]:
    found: dict[str, list[str]] = fast_yaml.load(Path(__file__).with_name("guardrails_advice.yaml").read_text("utf-8"))
    return found


def refused(reply: str) -> bool:
    return "medical_advice" in {problem.kind for problem in review(reply, grounds=GROUNDS).problems}


@pytest.mark.parametrize("reply", cases()["advice"])
def test_home_treatment_is_not_advised(reply: str) -> None:
    assert refused(reply)
    assert refused(f"Sinto muito que esteja assim. {reply} Quer marcar uma consulta?")


@pytest.mark.parametrize("reply", cases()["fine"])
def test_what_only_looks_like_advice_is_said(reply: str) -> None:
    assert not refused(reply)


def test_of_what_was_written_afterwards() -> None:
    # 29 and 19 of 30 caught on the day: docs/safety.md. The last thirty were never tuned on.
    for kind, least, most in (("second", 29, 0), ("unseen", 19, 1)):
        assert len([reply for reply in cases()[f"advice_{kind}"] if refused(reply)]) >= least, kind
        assert len([reply for reply in cases()[f"fine_{kind}"] if refused(reply)]) <= most, kind


def test_a_visit_a_good_night_and_a_place_to_nurse_are_no_advice() -> None:
    assert [reply for reply in cases()["fine_third"] if refused(reply)] == []
    assert [reply for reply in cases()["advice_third"] if not refused(reply)] == []
    # Never tuned on: none of 16 refused, 11 of 12 caught.
    assert [reply for reply in cases()["fine_fourth"] if refused(reply)] == []
    assert len([reply for reply in cases()["advice_fourth"] if refused(reply)]) >= 11


def test_what_the_clinic_wrote_of_a_preparation_is_said() -> None:
    assert not refused("No exame de sangue, faça jejum de 8 horas. Pode beber água normalmente.")


def test_a_question_about_remedies_hides_no_dose() -> None:
    assert not refused("Você toma algum remédio de uso contínuo?")
    assert refused("Você toma algum analgésico e descansa, pode ser?")


def test_the_sets_have_their_sizes() -> None:
    sizes = {kind: len(said) for kind, said in cases().items()}
    assert min(sizes["advice"], sizes["fine"]) >= 60
    assert min(sizes["advice_unseen"], sizes["fine_unseen"], sizes["advice_second"], sizes["fine_second"]) >= 30
