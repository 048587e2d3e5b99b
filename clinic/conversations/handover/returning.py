"""What staff read where Carol answers again because the team was silent. Pure."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from kit import fast_yaml


def words(minutes: int, *, waits: bool) -> str:
    """The line in the transcript. `waits`: the patient was left without an answer."""
    hours, rest = divmod(minutes, 60)
    span = f"{minutes} min" if minutes <= 60 or rest else f"{hours} h"
    return _lines()["waited" if waits else "quiet"].format(span=span)


@cache
def _lines() -> dict[str, str]:
    loaded: dict[str, str] = fast_yaml.load(
        files("clinic.conversations.handover").joinpath("returning.yaml").read_text("utf-8")
    )
    return loaded
