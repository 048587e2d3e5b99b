"""Which share of the noisy variants a commit plays: together they are the set, and one that failed can be had again."""

from __future__ import annotations

import pytest

from evals.grading.grade import Verdict
from evals.patients.noise import KINDS
from evals.proving import shares
from evals.proving.selftest import known
from evals.proving.shares import SETTING, SHARES, NoShare, drawn, known_noise, share, variants
from evals.proving.whole import wrong
from evals.suites import of_suites

EVERY = variants(of_suites())
FAILS = Verdict(failures=("não disse o preço",))
VIOLATES = Verdict(violations=("marcou sem um sim",))


def test_the_shares_together_are_the_whole_set_and_none_is_played_twice() -> None:
    dealt = [one.name for number in range(SHARES) for one in share(EVERY, number)]
    assert sorted(dealt) == sorted(one.name for one in EVERY)
    assert len(set(dealt)) == len(dealt) > 1500
    assert {one.kind for one in EVERY} == set(KINDS)


def test_every_share_is_one_that_a_commit_can_wait_for() -> None:
    sizes = [len(share(EVERY, number)) for number in range(SHARES)]
    assert min(sizes) >= 10
    assert max(sizes) <= 60


def test_a_variant_stays_in_its_share_whatever_else_is_added() -> None:
    half = EVERY[::2]
    assert all(set(_names(half, number)) <= set(_names(EVERY, number)) for number in range(SHARES))


def _names(whole: list[shares.Variant], number: int) -> list[str]:
    return [one.name for one in share(whole, number)]


def test_a_variant_says_the_same_every_time_and_not_what_is_plain() -> None:
    assert [one.said for one in EVERY[:40]] == [one.said for one in EVERY[:40]]
    assert all(one.said.patient != one.scenario.patient for one in EVERY[::7])


def test_the_share_is_the_commits_unless_one_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "commit", lambda: "d360ab6")
    assert drawn({}) == drawn({}) == int("d360ab6", 16) % SHARES
    assert drawn({SETTING: "17"}) == 17
    monkeypatch.setattr(shares, "commit", lambda: "d360ab7")
    assert drawn({}) == int("d360ab7", 16) % SHARES != int("d360ab6", 16) % SHARES
    monkeypatch.setattr(shares, "commit", lambda: "")
    assert drawn({}) == 0


@pytest.mark.parametrize("asked", [str(SHARES), "-1", "x"])
def test_a_share_that_is_none_is_refused(asked: str) -> None:
    with pytest.raises(NoShare):
        drawn({SETTING: asked})


def test_what_is_named_is_a_variant_of_a_scenario_that_passes_as_it_stands() -> None:
    assert not set(known_noise()) - {one.name for one in EVERY if one.scenario.id not in known()}


def test_what_fails_unnamed_is_wrong_and_so_is_what_is_named_and_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    named, plain = "um/typos", "dois"
    monkeypatch.setattr("evals.proving.whole.known_noise", lambda: {named: "não entende"})
    monkeypatch.setattr("evals.proving.whole.known", lambda: {plain: "não entende"})
    assert wrong("outro/typos", FAILS)
    assert wrong("outro/typos", VIOLATES)
    assert not wrong("outro/typos", Verdict())
    assert not wrong(named, FAILS)
    assert "take it out" in wrong(named, Verdict())
    assert "take it out" in wrong(plain, Verdict())
    assert not wrong(plain, FAILS)
