"""An instant mind: what it says follows from what it is given, so that every reply names the messages it answers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent.thoughts import ModelUnavailable, Thought, ToolSpec
from tests.chaos.board import Board
from tests.flows.scripted import briefing, calls

TOKEN = re.compile(r"\bz[a-z]{9}\b")  # a word of ours, one per message
WISH = re.compile(r"quero marcar (?P<service>.+?) (?P<when>para .+?), sou a (?P<name>[\w ]+?)\.", re.IGNORECASE)
HANGS = 3.0  # seconds until a model that hangs is given up, as the real brain's deadline does after longer


def heard(tokens: Sequence[str]) -> str:
    return f"Entendi: {', '.join(tokens)}."


class Mind:
    """Stands where a Brain stands."""

    def __init__(self, board: Board, thinking: float) -> None:
        self._board, self._thinking = board, thinking
        self.models: tuple[Any, ...] = ()

    async def warm(self) -> None: ...

    async def aclose(self) -> None: ...

    async def think(
        self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, seconds: float | None = None
    ) -> Thought:
        how = self._board.minds
        if how == "hanging":
            await asyncio.sleep(HANGS)
        if how != "well":
            raise ModelUnavailable(())
        await asyncio.sleep(self._thinking)
        return Thought(_answer(list(messages)), "instant", 10, 5, Decimal(0), 1, ())


def _answer(messages: list[BaseMessage]) -> AIMessage:
    said = str(next(m for m in reversed(messages) if isinstance(m, HumanMessage)).content)
    tokens = TOKEN.findall(said)
    last = messages[-1]
    if isinstance(last, ToolMessage):
        return _next(str(last.name), json.loads(str(last.content)), messages, said, tokens)
    if wish := WISH.search(said):
        return calls("find_slots", service=wish["service"], when=wish["when"].removeprefix("para "))
    proposal = briefing(messages)["proposal"]
    if proposal and re.search(r"\bsim\b", said):
        return calls("book_visit", proposal=proposal["proposal"])
    return AIMessage(_plain(tokens))


def _next(tool: str, result: dict[str, Any], messages: list[BaseMessage], said: str, tokens: list[str]) -> AIMessage:
    if tool == "book_visit" and result.get("booked"):
        return AIMessage(f"Marquei {result['summary']['label']}. {heard(tokens)}")
    if tool == "propose_visit" and "proposal" in result:
        return AIMessage(f"{result['summary']['label']}, para {result['summary']['person']}. {heard(tokens)} Posso marcar?")
    tried = sum(isinstance(m, ToolMessage) and m.name == "propose_visit" for m in messages)
    wish = WISH.search(said)
    if tool in ("find_slots", "propose_visit") and result.get("slots") and wish and tried < 2:
        slots = result["slots"]
        return calls("propose_visit", slot=slots[sum(map(ord, "".join(tokens))) % len(slots)]["slot"], person_name=wish["name"])
    return AIMessage(f"{heard(tokens)} Esse horário não deu certo.")


def _plain(tokens: list[str]) -> str:
    if not tokens:
        return "Entendi. Pode me contar mais?"
    if sum(map(ord, tokens[-1])) % 3 == 0:  # now and then two bubbles, so that their order can be wrong
        return f"{heard(tokens)}\n\nPode me contar mais sobre {tokens[-1]}?"
    return f"{heard(tokens)} Pode me contar mais?"
