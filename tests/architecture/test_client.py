"""The description the console's client is generated from is the one the code gives."""

from __future__ import annotations

from pathlib import Path

from api.openapi import description

KEPT = Path(__file__).parents[2] / "web" / "openapi.json"


def test_the_api_is_what_the_console_was_told() -> None:
    assert KEPT.read_text("utf-8") == description(), "run: make client"
