"""Several wishes in one message: two people, each with an hour of their own. The first is arranged, the second waits. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.offline.spelling import tokens
from agent.offline.temporal import When, find_when
from agent.offline.view import Briefing
from kit.text import plain

_SELF = r"eu|mim|comigo"


@dataclass(frozen=True, slots=True)
class Wish:
    """For whom, by the name known here, and when, in the patient's words."""

    name: str
    when: str


def wishes(text: str, briefing: Briefing) -> tuple[Wish, ...]:
    """The visits wished for two or more people this contact speaks for, in the order said; () when it is not that."""
    folded = plain(text)
    if len(folded) != len(text) or len(briefing.people) < 2:
        return ()
    named = {(tokens(person.name) or [""])[0]: person.name for person in briefing.people if person.relationship != "self"}
    itself = next((person for person in briefing.people if person.relationship == "self"), None)
    if itself is not None:
        named |= {(tokens(itself.name) or [""])[0]: itself.name, **dict.fromkeys(_SELF.split("|"), itself.name)}
    if len({head for head in named if head}) < len(named):
        return ()
    marks = list(re.finditer(rf"\b(?:{'|'.join(map(re.escape, named))})\b", folded))
    if len(marks) < 2:
        return ()
    after = [text[m.end() : n.start() if n else len(text)] for m, n in zip(marks, [*marks[1:], None], strict=True)]
    before = [text[(marks[i - 1].end() if i else 0) : m.start()] for i, m in enumerate(marks)]
    for beside in (after, before):
        said = [find_when(piece, briefing.now, briefing.zone) for piece in beside]
        hours = {named[m.group()]: when for m, when in reversed(list(zip(marks, said, strict=True))) if when.point}
        if len(hours) > 1:
            whole = [find_when(text[: marks[0].start()], briefing.now, briefing.zone), *said]
            day = next((when.day for when in whole if when.names_day and (not when.names_time or when.time)), "")
            order = list(dict.fromkeys(named[m.group()] for m in marks if named[m.group()] in hours))
            return tuple(Wish(name, _words(hours[name], day)) for name in order)
    return ()


def _words(when: When, day: str) -> str:
    return " ".join(part for part in (when.day if when.names_day else day, when.time) if part)
