"""Whether somebody has finished what they were writing, and so how long Carol waits for more. Pure.

People complain of both: half a question answered, and ten seconds of silence after "oi". A finished sentence waits little;
a greeting, a name or a comma waits the whole window.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from clinic.conversations.models import QuietWindow
from kit import fast_yaml
from kit.text import expand_chat, plain, strip_hidden

_LONG = 400  # characters: whoever writes that much in one message has said what there was to say
_MANY = 20  # words
_ENOUGH = 3  # words of a request: "quero marcar" goes on, "quero marcar consulta" may not
_TRAILS_OFF = ("...", "…", ",", ":", ";", "-", "–", "—", "/", "(")
_MARKS = re.compile(r"[^\w?!.…,:;/()–—-]+$")  # emoji and spaces after the last word or mark
_LAUGHTER = re.compile(r"[\s,]*\b(k{2,}|(rs){1,}s?|(ha|he){2,}h?)[\s!.]*$", re.IGNORECASE)


def wait(text: str, kind: str, window: QuietWindow, *, asked: bool = False) -> float:
    """Seconds to wait for more after this message. `asked`: our last words to this patient were a question."""
    return min(window.finished, window.seconds) if finished(text, kind, asked=asked) else window.seconds


def finished(text: str, kind: str, *, asked: bool = False) -> bool:
    """Whether the message reads as all that its writer wanted to say just now.

    A press on a menu is; a picture or a file is not, others may follow it. A short "sim" is only when it answers a question.
    """
    if kind != "text":
        return kind == "choice"
    raw = _LAUGHTER.sub("", _MARKS.sub("", strip_hidden(text)))
    if raw.endswith(_TRAILS_OFF):
        return False
    if len(raw) > _LONG:
        return True
    if not raw:
        return asked and bool(text.strip())  # a thumb in answer to a question
    return _reads_finished(_bare(raw), raw[-1], asked=asked)


def _reads_finished(words: str, last: str, *, asked: bool) -> bool:
    if asked and last != "?" and _whole("answer").fullmatch(words):
        return True
    said = _opened(words)
    if not said:
        return last == "?" and not words  # nothing but question marks: they wait for us
    if _whole("closing").fullmatch(said):
        return True
    if _whole("announces").fullmatch(said):
        return False
    if last != "?" and _ends("hanging").search(said):
        return False
    if last in ".!?":
        return True
    count = len(said.split())
    return count >= _MANY or (count >= _ENOUGH and bool(_inside("request").search(said)))


def _bare(raw: str) -> str:
    """Words alone: plain, shorthand spelled out; dates, hours and slashes kept."""
    return " ".join(re.sub(r"[^\w/:]+|_+", " ", plain(expand_chat(raw))).split())


def _opened(words: str) -> str:
    """What is left after greetings and calls at its beginning."""
    opening = _starts("greeting")
    while found := opening.match(words):
        words = words[found.end() :]
    return words


@cache
def _lists() -> dict[str, str]:
    raw: dict[str, list[str]] = fast_yaml.load(files("clinic.conversations.lanes").joinpath("quiet.yaml").read_text("utf-8"))
    return {name: "(?:" + "|".join(sorted(entries, key=len, reverse=True)) + ")" for name, entries in raw.items()}


@cache
def _whole(name: str) -> re.Pattern[str]:
    return re.compile(_lists()[name])


@cache
def _inside(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_lists()[name]}(?!\w)")


@cache
def _starts(name: str) -> re.Pattern[str]:
    return re.compile(rf"{_lists()[name]}(?: |$)")


@cache
def _ends(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_lists()[name]}$")
