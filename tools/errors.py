"""The sentences of errors.yaml: what the model reads when a tool refuses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from kit import fast_yaml


@cache
def _sentences() -> dict[str, str]:
    loaded: dict[str, str] = fast_yaml.load(files("tools").joinpath("errors.yaml").read_text("utf-8"))
    return loaded


def sentence(code: str, extras: Mapping[str, Any]) -> str:
    """The sentence of a code, with the extras it names; an unknown code speaks for itself."""
    form = _sentences().get(code, code)
    words = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in extras.items()}
    try:
        return form.format(**words)
    except KeyError:
        return form
