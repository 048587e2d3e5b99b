"""Whole dialogues with the offline model, judged by the tools it called, the rows it left and what it said."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from agent.guardrails.claims import claims
from agent.offline import OfflineModel
from agent.offline.likeness import ByLetters
from kit import fast_yaml
from tests.unit.offline_clinic import Desk, clinics

_DIALOGUES: list[dict[str, Any]] = fast_yaml.load(Path(__file__).with_name("offline_dialogues.yaml").read_text("utf-8"))
_MARIA = {"person": "P1", "name": "Maria Souza", "relationship": "self"}
_PEOPLE = {"self": [_MARIA], "family": [_MARIA, {"person": "P2", "name": "Ana Souza", "relationship": "child"}]}
_VISIT = {
    "visit": "V1", "person": "Maria Souza", "service": "Limpeza dental", "professional": "Dra. Paula Reis", "unit": "Centro",
    "starts_at": "2026-11-26T10:00", "label": "quinta, 26 de novembro, às 10h", "status": "booked",
}  # fmt: skip
_DAUGHTERS = {
    "visit": "V2", "person": "Ana Souza", "service": "Consulta nutricional", "professional": "Ana Beatriz Lopes",
    "unit": "Centro", "starts_at": "2026-11-30T09:00", "label": "segunda, 30 de novembro, às 9h", "status": "booked",
}  # fmt: skip
_FACT = re.compile(r"R\$ [\d.,]+\d|\b\d{1,2}h(?:\d{2})?\b|\b\d{1,2} de [a-zç]+")
_LONGEST = 900  # characters: a reply must fit a phone's screen or two


def desk_of(dialogue: dict[str, Any], model: OfflineModel) -> Desk:
    visits = [{**_VISIT, "late": dialogue["visit"] == "late"}] if dialogue.get("visit") else []
    visits += [copy.deepcopy(_DAUGHTERS)] if dialogue.get("visit") == "both" else []
    return Desk(
        clinic=copy.deepcopy(clinics()[dialogue.get("clinic", "jatoba")]),
        model=model,
        people=copy.deepcopy(_PEOPLE.get(dialogue.get("people", ""), [])),
        visits=visits,
        current="P1" if dialogue.get("people") == "self" else None,
        lost=set(dialogue.get("lost", ())),
    )


def receipts(desk: Desk) -> frozenset[str]:
    did = {name for name, _, result in desk.calls if "error" not in result}
    kinds = {"book_visit": "booked", "move_visit": "moved", "cancel_visit": "cancelled", "propose_visit": "held"}
    standing = {kind for tool, kind in kinds.items() if tool in did}
    standing |= ({"visits"} if desk.visits else set()) | ({"case_open"} if desk.cases else set())
    return frozenset(standing)


def check_reply(desk: Desk, reply: str, known: str) -> None:
    """What must hold of every reply: plain, short, and no date, time or price that was not given."""
    assert reply.strip(), "empty reply"
    assert len(reply) <= _LONGEST, f"{len(reply)} characters"
    assert not re.search(r"[{}]|None|nan\b|\*\*| {2,}|\.\.(?!\.)", reply), reply
    assert not list(claims(reply, receipts(desk))), reply
    given = known + json.dumps([c[2] for c in desk.calls], ensure_ascii=False)
    for fact in _FACT.findall(reply):
        assert fact in given, f"{fact!r} is in no briefing nor result: {reply}"


@pytest.mark.parametrize("dialogue", _DIALOGUES, ids=lambda d: str(d["name"]))
def test_dialogue(dialogue: dict[str, Any]) -> None:
    desk = desk_of(dialogue, OfflineModel(likeness=ByLetters()))
    for turn in dialogue["turns"]:
        known = json.dumps(desk.briefing(), ensure_ascii=False)
        reply = desk.say(turn["say"])
        told = f"\n{turn['say']!r} → {desk.calls}\n{reply}"
        check_reply(desk, reply, known)
        if "calls" in turn:
            assert [c[0] for c in desk.calls] == turn["calls"], told
        for tool, args in turn.get("args", {}).items():
            made = next((c[1] for c in desk.calls if c[0] == tool), None)
            assert made is not None, told
            assert {k: v for k, v in made.items() if k in args} == args, told
        for words in turn.get("has", ()):
            assert words.lower() in reply.lower(), f"{words!r} missing{told}"
        for words in turn.get("lacks", ()):
            assert words.lower() not in reply.lower(), f"{words!r} said{told}"
    if "visits" in dialogue:
        assert len(desk.visits) == len(dialogue["visits"]), desk.visits
        for row, expected in zip(desk.visits, dialogue["visits"], strict=True):
            assert {k: row.get(k) for k in expected} == expected
    assert len(desk.cases) == dialogue.get("cases", 0)


def test_every_turn_is_the_same_twice() -> None:
    for dialogue in _DIALOGUES[:8]:
        said = []
        for _ in range(2):
            desk = desk_of(dialogue, OfflineModel(likeness=ByLetters()))
            said.append([desk.say(turn["say"]) for turn in dialogue["turns"]])
        assert said[0] == said[1]
