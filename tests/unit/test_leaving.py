"""Opting out by intent, asked once, honoured on a yes: never by a keyword, never silently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from agent.guardrails.leaving import ASKED_FOR, Leaving, leaving
from clinic.patients.models import Contact
from kit import fast_yaml

CASES: dict[str, list[str]] = fast_yaml.load(Path(__file__).with_name("guardrails_leaving.yaml").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MEANT = {
    "asked": Leaving.ASK,
    "nothing": None,
    "out": Leaving.OUT,
    "stay": Leaving.STAY,
    "drop": Leaving.DROP,
    "back": Leaving.IN,
    "not_back": None,
}


def contact(**known: Any) -> Contact:
    return Contact(UUID(int=1), "Ana", known.get("out"), False, None, opt_out_asked_at=known.get("asked"))


def whom(case: str) -> Contact:
    if case in ("out", "stay", "drop"):
        return contact(asked=NOW - timedelta(minutes=2))
    return contact(out=NOW - timedelta(days=3)) if case in ("back", "not_back") else contact()


@pytest.mark.parametrize(("case", "said"), [(case, said) for case in CASES for said in CASES[case]])
def test_what_is_meant(case: str, said: str) -> None:
    found = leaving(whom(case), [said.replace("\\u200b", "\u200b")], now=NOW)
    # Whoever opted out and asks again not to be written to is told that it is so.
    assert found is MEANT[case] or (case == "not_back" and found is Leaving.ALREADY)


def test_a_yes_of_long_after_answers_nothing() -> None:
    late = contact(asked=NOW - ASKED_FOR - timedelta(minutes=1))
    assert leaving(late, ["sim"], now=NOW) is Leaving.DROP
    assert leaving(contact(), ["sim"], now=NOW) is None


def test_the_set_has_its_size() -> None:
    assert sum(map(len, CASES.values())) >= 80
