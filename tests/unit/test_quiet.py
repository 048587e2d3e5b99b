"""How long Carol waits for more: less after a finished sentence, the whole window after a greeting or a loose end."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.conversations.lanes import quiet
from clinic.conversations.models import QuietWindow
from kit import fast_yaml

CASES: dict[str, list[str]] = fast_yaml.load((Path(__file__).parent / "quiet_cases.yaml").read_text("utf-8"))
WINDOW = QuietWindow(seconds=6.0, cap=30.0, finished=2.5)


@pytest.mark.parametrize("text", CASES["finished"])
@pytest.mark.parametrize("asked", [False, True])
def test_a_finished_sentence_waits_little(text: str, asked: bool) -> None:
    assert quiet.wait(text, "text", WINDOW, asked=asked) == 2.5


@pytest.mark.parametrize("text", CASES["waiting"])
def test_a_loose_end_waits_the_whole_window(text: str) -> None:
    assert quiet.wait(text, "text", WINDOW) == 6.0


@pytest.mark.parametrize("text", CASES["asked"])
def test_a_short_answer_is_whole_only_when_something_was_asked(text: str) -> None:
    assert quiet.wait(text, "text", WINDOW, asked=True) == 2.5
    assert quiet.wait(text, "text", WINDOW) == 6.0


@pytest.mark.parametrize("text", CASES["still_waiting_when_asked"])
def test_a_question_of_ours_finishes_no_loose_end(text: str) -> None:
    assert quiet.wait(text, "text", WINDOW, asked=True) == 6.0


@pytest.mark.parametrize("kind", ["image", "video", "document", "sticker", "audio", "contact", "location"])
@pytest.mark.parametrize("text", ["", "Segue o exame.", "é isso?"])
def test_a_picture_waits_for_the_next_one(kind: str, text: str) -> None:
    assert quiet.wait(text, kind, WINDOW) == 6.0


def test_a_press_on_a_menu_is_whole() -> None:
    assert quiet.wait("ter, 24 nov, 15:00", "choice", WINDOW) == 2.5


def test_no_window_is_no_wait_and_a_short_one_is_not_made_longer() -> None:
    for text in ("oi", "Quanto custa a consulta?"):
        assert quiet.wait(text, "text", QuietWindow(0.0, 0.0)) == 0.0
        assert quiet.wait(text, "text", QuietWindow(1.5, 9.0)) == 1.5


def test_a_very_long_message_costs_nothing_to_judge() -> None:
    assert quiet.wait("oi " * 23_000, "text", WINDOW) == 2.5
    assert quiet.wait("e, " * 23_000 + "e,", "text", WINDOW) == 6.0
