"""The words of the command line: each command's in a file beside it, what several say in messages.yaml."""

from __future__ import annotations

from functools import cached_property
from importlib.resources import files
from typing import Any

from kit import fast_yaml


class Words:
    """One file of words, read when the first one is said."""

    def __init__(self, file: str) -> None:
        self._file = file

    @cached_property
    def all(self) -> dict[str, Any]:
        """The file as it stands."""
        kept: dict[str, Any] = fast_yaml.load(files("cli").joinpath(self._file).read_text("utf-8"))
        return kept

    def words(self, path: str) -> Any:
        """What stands at a dotted path; KeyError when nothing does."""
        found: Any = self.all
        for step in path.split("."):
            found = found[step]
        return found

    def say(self, path: str, /, **values: object) -> str:
        """The sentence at a dotted path, filled in."""
        return str(self.words(path)).format(**values)


_MESSAGES = Words("messages.yaml")
words, say = _MESSAGES.words, _MESSAGES.say
