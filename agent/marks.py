"""What a model is told of words that were not typed, and of files it cannot see: a mark beside the patient's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from clinic.conversations.models import Message
from kit import fast_yaml

LOST = frozenset({"refused", "failed"})


def marked(message: Message, words: str) -> str:
    """The message as a model reads it; `words` are its own words, already cleaned."""
    if message.heard:
        return _marks()["heard"].format(text=words)
    mark = _mark(message)
    return "\n".join(part for part in (mark, words) if part.strip())


def unheard(message: Message) -> bool:
    """A voice note that nobody here could make words of."""
    return _wordless(message) and not hearing(message)


def hearing(message: Message) -> bool:
    """A voice note that is still being heard: it is answered when it was."""
    file = message.file
    return _wordless(message) and file is not None and file.status == "waiting" and file.problem is None


def _wordless(message: Message) -> bool:
    return message.kind == "audio" and not message.heard and not message.text.strip()


def unopened(message: Message) -> bool:
    """A file that could not be kept."""
    return message.file is not None and message.file.status in LOST


def _mark(message: Message) -> str:
    if unheard(message):
        return _marks()["unheard"]
    if hearing(message):
        return _marks()["hearing"]
    if message.file is None:
        return _marks().get(message.kind, "") if message.kind in ("image", "video", "document") else ""
    return _marks()["unopened"] if unopened(message) else _marks().get(message.file.kind, "")


@cache
def _marks() -> Mapping[str, str]:
    found: dict[str, str] = fast_yaml.load(files("agent").joinpath("marks.yaml").read_text("utf-8"))
    return found
