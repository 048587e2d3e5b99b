"""The judge of the crash matrix is not blind: what must be zero is counted when it is not."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.chaos.board import Board
from tests.chaos.matrix import MATRIX
from tests.chaos.mind import heard
from tests.chaos.oracle import Found, _answers, _copies, _order
from tests.chaos.patients import token
from tests.chaos.plan import short
from tests.chaos.points import NAMES
from tests.chaos.providers import Accepted, Posted, Providers
from tests.chaos.report import Measured

ROOT = Path(__file__).parents[2]
PATIENT = "80000001"
FIRST, SECOND = token(1, 0), token(1, 1)


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path / "board", NAMES, create=True)


def send(number: int, text: str, status: str = "sent") -> dict[str, Any]:
    return {"id": UUID(int=number), "reply_to": f"5531{PATIENT}", "text": text, "status": status, "error_code": None}


def providers(*texts: str) -> Providers:
    """Two messages written, these texts received in this order."""
    made = Providers(short(1))
    for at, word in enumerate((FIRST, SECOND)):
        made.posted[word] = Posted(word, 0, PATIENT, word, float(at), known_at=1.0)
    made.accepted = [Accepted(0, f"w{n}", PATIENT, text, None, 10.0 + n) for n, text in enumerate(texts)]
    return made


def test_all_well_is_all_zero(board: Board) -> None:
    sends = [send(1, heard([FIRST])), send(2, heard([SECOND]))]
    wires, found = providers(heard([FIRST]), heard([SECOND])), Found()
    for one in sends:
        board.note(f"noted {one['id']}")
    _answers(found, sends, wires)
    _order(found, sends, wires)
    _copies(found, short(1), sends, wires, board)
    assert not found.wrong


def test_a_fixed_text_written_twice_is_met_by_its_second_arrival() -> None:
    said = "Uma pessoa te responde amanhã. (caso nº 7)"
    sends = [send(1, said), send(2, heard([FIRST])), send(3, said)]
    found = Found()
    _order(found, sends, providers(said, heard([FIRST]), said))
    assert not found.wrong
    _order(found, sends, providers(said, said, heard([FIRST])))
    assert found.verdict == {"out of order": 1}


def test_replies_that_overtake_each_other_are_seen() -> None:
    found = Found()
    _order(found, [send(1, heard([FIRST])), send(2, heard([SECOND]))], providers(heard([SECOND]), heard([FIRST])))
    assert found.verdict == {"out of order": 1}


def test_an_answer_before_its_question_is_seen() -> None:
    wires, found = providers(heard([FIRST])), Found()
    wires.posted[FIRST].at = 99.0
    _order(found, [send(1, heard([FIRST]))], wires)
    assert found.verdict == {"answered before it was asked": 1}


def test_a_message_in_two_answers_is_seen() -> None:
    found = Found()
    sends = [send(1, heard([FIRST])), send(2, heard([FIRST, SECOND]))]
    _answers(found, sends, providers(*(one["text"] for one in sends)))
    assert found.verdict == {"answered twice": 1}


def test_a_reply_left_behind_or_never_received_is_seen() -> None:
    found = Found()
    _answers(found, [send(1, heard([FIRST]), "queued"), send(2, heard([SECOND]))], providers())
    assert found.verdict == {"not sent": 1, "never reached": 1}


@pytest.mark.parametrize(
    ("notes", "reconcile", "seen"),
    [
        (1, True, {"copies in spite of reconciliation": 1}),
        (1, False, {}),
        (2, False, {"unexplained copies": 2}),  # the copy, and the sum
    ],
)
def test_a_copy_is_excused_only_where_a_send_was_never_noted(
    board: Board, notes: int, reconcile: bool, seen: dict[str, int]
) -> None:
    one, found = send(1, heard([FIRST])), Found()
    for _ in range(notes):
        board.note(f"noted {one['id']}")
    _copies(found, replace(short(1), reconcile=reconcile), [one], providers(one["text"], one["text"]), board)
    assert found.verdict == seen


def test_every_fault_has_a_row_and_every_row_a_proof_that_exists() -> None:
    assert [fault.number for fault in MATRIX] == [f"F{number}" for number in range(1, 23)]
    assert not [path for fault in MATRIX for path in fault.proof if not (ROOT / path).exists()]


def test_a_row_asks_only_for_figures_there_are() -> None:
    asked = {found[1] for fault in MATRIX for found in re.finditer(r"\{(?:crash|blind|store)\.(\w+)", fault.measured)}
    points = {found[1] for fault in MATRIX for found in re.finditer(r"\.at\[([\w.]+)\]", fault.measured)}
    names = {
        "messages",
        "rows",
        "visits",
        "visits_agreed",
        "accepted_and_never_noted",
        "copies",
        "accepted",
        "dead_letters",
        "fenced",
    }
    found = Found(counts=dict.fromkeys(names, 0), points=dict.fromkeys(NAMES, (0, 0)))
    figures = Measured(short(1), found, {}, Counter(), Counter(), 0).figures
    assert asked <= set(vars(figures))
    assert points <= set(NAMES)
