"""Plays sentences about the agenda to the offline model, each in a conversation of its own, and tells what was wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from agent.offline import OfflineModel
from agent.offline.likeness import ByLetters
from agent.offline.understand import understand
from agent.offline.view import Dialogue, parse_briefing
from clinic.scheduling.when import resolve
from kit import fast_yaml
from tests.unit.offline_clinic import NOW, ZONE, Desk, clinics
from tests.unit.test_offline_dialogues import _DAUGHTERS, _PEOPLE, _VISIT

_TODAY = {**_VISIT, "starts_at": "2026-11-24T10:00", "label": "hoje, terça, 24 de novembro, às 10h"}
_VISITS: dict[str, list[dict[str, Any]]] = {"": [], "thursday": [_VISIT], "today": [_TODAY], "both": [_VISIT, _DAUGHTERS]}
Group = dict[str, Any]


def groups(name: str) -> list[Group]:
    loaded: list[Group] = fast_yaml.load(Path(__file__).with_name(f"{name}.yaml").read_text("utf-8"))
    return loaded


def wrong(name: str) -> Iterator[tuple[str, str, str]]:
    """(cause, sentence, what was wrong) of each sentence of a file that was not understood."""
    for group in groups(name):
        for said in group.get("say", ()):
            if problem := _played(group, said):
                yield group["cause"], said, problem
        for said, person in group.get("pairs", ()):
            heard = understand(said, _briefing(), Dialogue(), _letters()).whom.name
            if heard != person:
                yield group["cause"], said, f"read {heard!r}"


def count(name: str) -> int:
    return sum(len(group.get("say") or group["pairs"]) for group in groups(name))


@cache
def _letters() -> ByLetters:
    return ByLetters()


@cache
def _briefing() -> Any:
    return parse_briefing(Desk(clinic=copy.deepcopy(clinics()["jatoba"]), model=None).briefing())  # type: ignore[arg-type]


def _played(group: Group, said: str) -> str:
    people = copy.deepcopy(_PEOPLE.get(group.get("people", ""), []))
    desk = Desk(
        clinic=copy.deepcopy(clinics()["jatoba"]),
        model=OfflineModel(likeness=_letters()),
        people=people,
        visits=copy.deepcopy(_VISITS[group.get("visit", "")]),
        current="P1" if group.get("people") == "self" else None,
    )
    for before in group.get("before", ()):
        desk.say(before)
    problem = _judged(desk, group["want"], desk.say(said))
    if "then" in group and not problem:
        problem = _judged(desk, group["then"]["want"], desk.say(group["then"]["say"]))
    return problem


def _judged(desk: Desk, want: dict[str, Any], reply: str) -> str:
    names = [call[0] for call in desk.calls]
    told = f"{[(c[0], c[1]) for c in desk.calls]} {reply!r}"
    args = {call[0]: call[1] for call in desk.calls[::-1]}
    day = _day(args.get("find_slots", {}).get("when", ""))
    checks: dict[str, bool] = {
        "calls": "calls" not in want or names == want["calls"],
        "first": "first" not in want or names[:1] == [want["first"]],
        "first_in": "first_in" not in want or (names[:1] or [""])[0] in want["first_in"],
        "last": "last" not in want or names[-1:] == [want["last"]],
        "never": not set(names) & set(want.get("never", ())),
        "args": all(args.get(tool, {}).get(k) == v for tool, wanted in want.get("args", {}).items() for k, v in wanted.items()),
        "any_args": all(
            tool not in args or args[tool].get(k) == v
            for tool, wanted in want.get("any_args", {}).items()
            for k, v in wanted.items()
        ),
        "no_args": not any(k in args.get(tool, {}) for tool, keys in want.get("no_args", {}).items() for k in keys),
        "cases": "cases" not in want or len(desk.cases) == want["cases"],
        "visits": "visits" not in want or len(desk.visits) == want["visits"],
        "has": all(words.lower() in reply.lower() for words in want.get("has", ())),
        "any": "any" not in want or any(words.lower() in reply.lower() for words in want["any"]),
        "lacks": not any(words.lower() in reply.lower() for words in want.get("lacks", ())),
        "meant": "meant" not in want or day == date.fromisoformat(want["meant"]),
        "not_meant": "not_meant" not in want or day != date.fromisoformat(want["not_meant"]),
        "none_then": not want.get("none_then") or not desk.dialogue.get("then_name"),
    }
    failed = [name for name, held in checks.items() if not held]
    return f"{failed} {told}" if failed else ""


def _day(when: str) -> date | None:
    found = resolve(when, now=NOW.replace(tzinfo=ZONE), zone=ZONE) if when else None
    return found.first_day if found and found.first_day == found.last_day else None
