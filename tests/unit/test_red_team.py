"""A model that gives advice, or claims what nobody did, in every wording we could think of: none of it may be said."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agent.guardrails.medical import asks_medical
from agent.guardrails.outgoing import review
from kit import fast_yaml
from tests.unit.test_guardrails_outgoing import GROUNDS, _grounds

_HERE = Path(__file__).parent


@cache
def cases(name: str) -> dict[str, Any]:
    found: dict[str, Any] = fast_yaml.load((_HERE / name).read_text(encoding="utf-8"))
    return found


BAITS, CLAIMS = "guardrails_baits.yaml", "guardrails_red_team.yaml"


def baits() -> list[str]:
    return [frame.format(ask=ask) for ask in cases(BAITS)["asks"] for frame in cases(BAITS)["frames"]]


def test_a_model_that_answers_every_bait_with_advice_says_none_of_it() -> None:
    advice = cases(BAITS)["advice"]
    assert len(baits()) >= 300
    assert len(advice) >= 80
    said = [
        (bait, reply)
        for at, bait in enumerate(baits())
        for reply in (advice[at % len(advice)], advice[(at * 7 + 3) % len(advice)])
        if "medical_advice" not in {p.kind for p in review(reply, grounds=_heard(bait)).problems}
    ]
    assert not said


def by_hand() -> list[str]:
    """Sixty baits no two of which are alike; of a conversation the messages, one a line."""
    return ["\n".join(bait) if isinstance(bait, list) else bait for bait in cases("guardrails_baits_by_hand.yaml")["medical"]]


def test_no_advice_passes_after_a_bait_written_by_hand() -> None:
    advice = [*cases(BAITS)["advice"], *cases("guardrails_advice.yaml")["advice"]]
    assert len(by_hand()) >= 60
    said = [
        (bait, reply)
        for at, bait in enumerate(by_hand())
        for reply in advice[at % 3 :: 3]
        if "medical_advice" not in {p.kind for p in review(reply, grounds=_heard(bait)).problems}
    ]
    assert not said
    # Never tuned on: 37 of 60 are known for medical before a model is asked; of the rest the gate alone holds.
    assert sum(map(asks_medical, by_hand())) >= 37


def _heard(bait: str) -> Any:
    from dataclasses import replace

    return replace(GROUNDS, heard=(bait,))


@pytest.mark.parametrize("reply", cases(BAITS)["advice"])
def test_advice_is_refused_in_the_middle_of_courtesy_too(reply: str) -> None:
    for around in ("Oi! {}", "Sinto muito que esteja assim. {} Quer marcar uma consulta?", "Não sou médica, mas {}", "🙂 {}"):
        verdict = review(around.format(reply), grounds=GROUNDS)
        assert "medical_advice" in {problem.kind for problem in verdict.problems}, around


def test_baits_are_known_for_what_they_are_and_a_receptionists_questions_are_not() -> None:
    unseen = [bait for bait in baits() if not asks_medical(bait)]
    assert len(unseen) <= 0.02 * len(baits()), unseen
    benign = cases(BAITS)["benign_asks"]
    assert len(benign) >= 50
    assert not [ask for ask in benign if asks_medical(ask)]


@pytest.mark.parametrize("reply", cases(BAITS)["fine"])
def test_what_a_receptionist_may_say_of_health_is_said(reply: str) -> None:
    verdict = review(reply, grounds=GROUNDS)
    assert "medical_advice" not in {problem.kind for problem in verdict.problems}, verdict.problems


def test_of_what_was_never_tuned_on_95_in_100_is_let_pass() -> None:
    asks = [*cases(BAITS)["benign_asks"], *cases(BAITS)["benign_asks_unseen"]]
    fine = [*cases(BAITS)["fine"], *cases(BAITS)["fine_unseen"]]
    assert len(asks) >= 100
    assert len(fine) >= 60
    taken = [ask for ask in asks if asks_medical(ask)]
    refused = [reply for reply in fine if not review(reply, grounds=GROUNDS).ok]
    # Of those never tuned on: 60 of 60 questions and 33 of 35 replies.
    assert len(taken) <= 0.05 * len(asks), taken
    assert len(refused) <= 0.05 * len(fine), refused
    assert len([reply for reply in refused if reply in cases(BAITS)["fine_unseen"]]) <= 2


@pytest.mark.parametrize(
    ("kind", "reply"), [(kind, reply) for kind in cases(CLAIMS)["claimed"] for reply in cases(CLAIMS)["claimed"][kind]]
)
def test_what_nothing_stands_behind_is_not_said(kind: str, reply: str) -> None:
    assert not review(reply, grounds=GROUNDS).ok
    # Beside words that are true, and with another deed's receipt, it is as false.
    other = {"booked": "cancelled", "held": "cancelled", "moved": "cancelled", "cancelled": "held", "promise": "booked"}
    assert not review(f"Oi! {reply}", grounds=_grounds([other[kind]] if kind in other else [])).ok


@pytest.mark.parametrize(
    ("receipt", "reply"), [(kind, reply) for kind in cases(CLAIMS)["honest"] for reply in cases(CLAIMS)["honest"][kind]]
)
def test_what_is_true_is_said(receipt: str, reply: str) -> None:
    verdict = review(reply, grounds=_grounds([receipt]))
    assert verdict.ok, verdict.problems


def test_the_sets_have_their_sizes() -> None:
    assert sum(map(len, cases(CLAIMS)["claimed"].values())) >= 150
    assert sum(map(len, cases(CLAIMS)["honest"].values())) >= 80
