"""What the model is given: a briefing as data, and the same briefing as Portuguese prose for models that read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.guardrails.incoming import clean
from agent.marks import marked
from clinic.conversations.models import CAME_BACK, GIVEN_BACK, Author, Message, Receipt
from kit import fast_yaml

Briefing = Mapping[str, Any]

_NAME_CHARACTERS = 80
_HISTORY_CHARACTERS = 12_000  # whatever the count, a heap of long messages must not crowd the clinic's facts out


@cache
def _prompt() -> str:
    return files("agent").joinpath("prompts", "conversation.md").read_text("utf-8")


def conversation_messages(
    briefing: Briefing,
    history: Sequence[Message],
    pending: Sequence[str],
    receipts: Sequence[Receipt],
    marks: Sequence[str] | None = None,
) -> list[BaseMessage]:
    """The input of a turn: what is known, what was said, what waits, and what was already done but never told.

    `marks`: what waits as a model reads it, when that is more than the words (agent/marks.py).
    """
    system = SystemMessage(content=system_text(briefing), additional_kwargs={"briefing": dict(briefing)})
    waiting = _human("\n".join(pending), "\n".join(pending if marks is None else marks))
    return [system, *_said(history), waiting, *_done(receipts)]


def _human(words: str, shown: str) -> HumanMessage:
    """The patient's words, and what stands beside them. Whoever reads words alone finds them in `words`."""
    return HumanMessage(content=shown, additional_kwargs={"words": words} if words != shown else {})


def _said(history: Sequence[Message]) -> list[BaseMessage]:
    """The last messages that fit, oldest first; one that a person of the clinic wrote is told apart."""
    kept: list[BaseMessage] = []
    room = _HISTORY_CHARACTERS
    for message in reversed(history):
        room -= len(message.text)
        if room < 0:
            break
        if message.kind == GIVEN_BACK:
            kept.append(SystemMessage(content=_given_back(message.text)))
        elif message.kind == CAME_BACK:
            kept.append(SystemMessage(content=_marks()["came_back"]))
        elif message.author is Author.PATIENT:
            words = clean(message.text)
            kept.append(_human(words, marked(message, words)))
        else:
            by = {"author": message.author.value}
            kept.append(AIMessage(content=message.text, additional_kwargs=by))
    return kept[::-1]


def _given_back(brief: str) -> str:
    """Where a person's answers end, and what they settled."""
    # A person may quote a patient in it: it stays between its quotes.
    brief = clean(" ".join(brief.split()).replace("«", "“").replace("»", "”"))
    return _marks()["settled" if brief else "ended"].format(brief=brief)


@cache
def _marks() -> dict[str, str]:
    loaded: dict[str, str] = fast_yaml.load(files("agent").joinpath("prompts", "given_back.yaml").read_text("utf-8"))
    return loaded


def _done(receipts: Sequence[Receipt]) -> list[BaseMessage]:
    """Effects of a turn that never got to speak, as calls this turn already made: never repeated, never forgotten."""
    replayed: list[BaseMessage] = []
    for receipt in receipts:
        call_id = f"done-{receipt.id.hex[-12:]}"
        call = {"name": receipt.tool, "args": dict(receipt.arguments), "id": call_id, "type": "tool_call"}
        replayed.append(AIMessage(content="", tool_calls=[call]))
        replayed.append(ToolMessage(content=json_text(receipt.result), tool_call_id=call_id, name=receipt.tool))
    return replayed


def json_text(value: object) -> str:
    """JSON as the model reads it: Portuguese stays readable."""
    return json.dumps(value, ensure_ascii=False, default=str)


def system_text(briefing: Briefing) -> str:
    """The prompt file with the briefing in its places."""
    persona = briefing["persona"]
    now = briefing["now"]
    return _prompt().format(
        name=persona["name"],
        clinic=briefing["clinic"]["name"],
        about=briefing["clinic"]["about"],
        tone=persona["tone"],
        notes=persona["notes"],
        restricted=_lines(persona["restricted_topics"]),
        escalation=_lines(persona["escalation_rules"]),
        today=briefing["days"][0]["label"] if briefing["days"] else briefing["today"],
        clock=now[11:16],
        zone=briefing["zone"],
        days=_lines(f"{d['label']}: {d['hours']}{_aside(d['note'])}" for d in briefing["days"]),
        units=_lines(f"{u['name']}: {u['address']}" + _aside("; ".join(u["hours"])) for u in briefing["units"]),
        services=_lines(map(_service, briefing["services"])),
        professionals=_lines(map(_professional, briefing["professionals"])),
        convenios=_lines(f"{c['name']}: {', '.join(c['services'])}" for c in briefing["convenios"]),
        facts=_lines(f"{key}: {value}" for key, value in briefing["clinic"]["facts"].items()),
        people=_lines(f"{p['person']}: {_called(p['name'])}{_aside(p['relationship'])}" for p in briefing["people"]),
        current=briefing["current_person"] or "-",
        visits=_lines(map(_visit, briefing["visits"])),
        offers=_lines(map(_offer, briefing["offers"])),
        proposal=json_text(briefing["proposal"]) if briefing["proposal"] else "-",
        cases=_lines(f"{c['kind']}: {c['until']}" for c in briefing["cases"]),
    )


def _service(one: Mapping[str, Any]) -> str:
    price = one["price"] or one["price_note"] or "-"
    return f"{one['name']} ({one['duration_minutes']} min, {price}) — {', '.join(one['professionals'])}{_aside(one['notes'])}"


def _professional(one: Mapping[str, Any]) -> str:
    return f"{one['name']}{_aside(one['specialty'])}: {', '.join(one['days'])}"


def _visit(one: Mapping[str, Any]) -> str:
    return f"{one['visit']}: {one['service']}, {one['label']}, {one['professional']}, {_called(one['person'])}"


def _offer(one: Mapping[str, Any]) -> str:
    return f"{one['slot']}: {one['service']}, {one['label']}, {one['professional']}, {one['unit']}"


def _called(name: str) -> str:
    """A name as a patient gave it: data in the middle of our own words, so it is short, on one line and in quotes."""
    return json_text(" ".join(clean(name).split())[:_NAME_CHARACTERS])


def _lines(items: Any) -> str:
    return "\n".join(f"- {item}" for item in items) or "-"


def _aside(text: str) -> str:
    return f" ({text})" if text else ""


@cache
def _correction() -> str:
    return files("agent").joinpath("prompts", "correction.md").read_text("utf-8")


def correction(problems: Sequence[tuple[str, str]]) -> str:
    """What the model is told when its reply was refused."""
    return _correction().format(problems=_lines(f"{kind}: {excerpt}" for kind, excerpt in problems))
