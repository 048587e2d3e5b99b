"""The fixed texts of texts.yaml: what Carol says with no model at all."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from kit import fast_yaml


@cache
def _texts() -> dict[str, str]:
    loaded: dict[str, str] = fast_yaml.load(files("agent").joinpath("texts.yaml").read_text("utf-8"))
    return loaded


def text(key: str, **words: object) -> str:
    """One text with its fields in place. Raises KeyError for a text that does not exist."""
    return _texts()[key].format(**words)
