"""What the input guardrails understand: opting out, asking for a person, refusing AI; and how text is cleaned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import cast

import pytest

from agent.guardrails.incoming import CUT_MARK, LONGEST, clean, is_opt_out, says_no, says_yes, wants_human_only, wants_person
from agent.guardrails.medical import asks_medical
from clinic.conversations.dangers.red_flags import read_all
from kit import fast_yaml
from kit.text import expand_chat, plain, strip_hidden

_HERE = Path(__file__).parent


def _cases(name: str) -> dict[str, list[str]]:
    return cast(dict[str, list[str]], fast_yaml.load((_HERE / name).read_text(encoding="utf-8")))


def _table(name: str, wish: str) -> list[tuple[str, bool]]:
    cases = _cases(name)
    return [(said, True) for said in cases[wish]] + [(said, False) for said in cases[f"not_{wish}"]]


@pytest.mark.parametrize(("said", "expected"), _table("guardrails_incoming_cases.yaml", "opt_out"))
def test_opting_out_is_read_by_intent(said: str, expected: bool) -> None:
    assert is_opt_out(said) is expected


@pytest.mark.parametrize(("said", "expected"), _table("guardrails_incoming_cases.yaml", "person"))
def test_asking_for_a_person(said: str, expected: bool) -> None:
    assert wants_person(said) is expected


@pytest.mark.parametrize(("said", "expected"), _table("guardrails_incoming_cases.yaml", "human_only"))
def test_refusing_ai_for_good(said: str, expected: bool) -> None:
    assert wants_human_only(said) is expected


@pytest.mark.parametrize("said", _cases("guardrails_incoming_cases.yaml")["human_only"])
def test_who_refuses_ai_also_wants_a_person(said: str) -> None:
    assert wants_person(said)


@pytest.mark.parametrize(("said", "expected"), _table("guardrails_medical_cases.yaml", "medical"))
def test_medical_questions_are_told_from_front_desk_ones(said: str, expected: bool) -> None:
    assert asks_medical(said) is expected


@pytest.mark.parametrize("wish", [is_opt_out, wants_person, wants_human_only, asks_medical])
def test_nothing_is_read_into_silence(wish: Callable[[str], bool]) -> None:
    assert wish("") is False
    assert wish("…  \n 👍") is False


def test_clean_drops_what_cannot_be_seen_and_keeps_lines() -> None:
    smuggled = "oi\u200b, tudo\U000e0041\U000e0042 bem?\nquero\u202e marcar\ufe0f"
    assert clean(smuggled) == "oi, tudo bem?\nquero marcar"


def test_clean_caps_the_length_and_says_so() -> None:
    cut = clean("a " * 5_000)
    assert len(cut) <= LONGEST
    assert cut.endswith(CUT_MARK)
    assert clean("a" * LONGEST) == "a" * LONGEST


def test_plain_is_idempotent_and_flat() -> None:
    assert plain("  São\tJoão,\n10H  ÀS ") == "sao joao, 10h as"
    assert plain(plain("℃ ＡＢÇ ñ")) == plain("℃ ＡＢÇ ñ")


def test_shorthand_is_spelled_out_only_as_whole_words() -> None:
    assert expand_chat("vc n tá c dor") == "você não está com dor"
    assert expand_chat("vitamina C, hepatite c e n 120") == "vitamina C, hepatite c e n 120"
    assert expand_chat("dr. p. silva, cabeca") == "dr. p. silva, cabeca"


def test_hidden_characters_are_removed_everywhere() -> None:
    assert strip_hidden("a\u200bb\ufeffc\u2066d\U000e0061e\u00adf\tg\nh") == "abcdef\tg\nh"


PEOPLE_ONLY = _cases("guardrails_people_only.yaml")


@pytest.mark.parametrize(
    ("said", "expected"),
    [*((said, True) for said in PEOPLE_ONLY["refuses"]), *((said, False) for said in PEOPLE_ONLY["speaks"])],
)
def test_who_wants_people_for_good_is_told_from_who_speaks_of_machines(said: str, expected: bool) -> None:
    assert wants_human_only(said) is expected


@pytest.mark.parametrize("said", PEOPLE_ONLY["speaks_ordinary"])
def test_what_is_no_refusal_silences_nobody(said: str) -> None:
    assert not wants_human_only(said)


@pytest.mark.parametrize(("kind", "least"), [("second", 19), ("third", 15), ("unseen", 6)])
def test_of_what_was_written_afterwards(kind: str, least: int) -> None:
    # When written 8 and 5 of 20 were understood, learned from since; of the last 12, never tuned on, 6.
    assert sum(wants_human_only(said) for said in PEOPLE_ONLY[f"refuses_{kind}"]) >= least
    assert not [said for said in PEOPLE_ONLY[f"speaks_{kind}"] if wants_human_only(said)]


@pytest.mark.parametrize("read", [says_no, says_yes])
@pytest.mark.parametrize("said", ["não" + " obrigada" * 18 + " x", "sim" + " por favor" * 18 + " x", "não quero " * 18 + "qu"])
def test_a_long_no_that_is_none_is_read_at_once(read: Callable[[str], bool], said: str) -> None:
    began = process_time()
    assert read(said) is False
    assert process_time() - began < 0.5  # of this process's own: each word doubled it


def test_a_long_cry_for_help_is_read_at_once() -> None:
    began = process_time()
    read_all("socorro " * 60 + "x")
    assert process_time() - began < 5.0  # each word doubled it: thirty held whoever stores messages for minutes
    assert read_all("socorro, socorro, me ajudem")
