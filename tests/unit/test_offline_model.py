"""The offline model as a chat model: the wire it speaks, its determinism, its words and its memory of exemplars."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from numpy.typing import NDArray

from agent.offline import OfflineModel
from agent.offline.likeness import ByLetters, ByMeaning, by_meaning_or_letters, exemplars
from agent.offline.sayable import sayable
from agent.offline.view import Dialogue
from agent.offline.words import Voice, phrases
from tests.unit.offline_clinic import Desk, clinics

ROOM = Path("agent/offline")


def head(**changes: Any) -> SystemMessage:
    briefing = Desk(clinic=clinics()["jatoba"], model=OfflineModel(likeness=ByLetters())).briefing() | changes
    return SystemMessage("…", additional_kwargs={"briefing": briefing})


def model() -> OfflineModel:
    return OfflineModel(likeness=ByLetters())


def test_it_calls_a_tool_then_replies_with_its_dialogue() -> None:
    asked = [head(), HumanMessage("tem limpeza de pele na sexta?")]
    first = model().invoke(asked)
    assert [c["name"] for c in first.tool_calls] == ["find_slots"]
    assert first.text == ""
    assert first.usage_metadata
    assert first.usage_metadata["total_tokens"] > 0
    slots = {
        "service": "Limpeza de pele",
        "exact": False,
        "slots": [],
        "reason": "closed",
        "note": "A clínica não abre na sexta.",
    }
    told = ToolMessage(json.dumps(slots), tool_call_id=first.tool_calls[0]["id"] or "", name="find_slots")
    second = model().invoke([*asked, first, told])
    assert not second.tool_calls
    assert "não abre na sexta" in second.text
    assert Dialogue.parse(second.additional_kwargs["dialogue"]).service == "Limpeza de pele"
    assert len(json.dumps(second.additional_kwargs["dialogue"])) < 4_000


def test_the_same_messages_give_the_same_answer_and_call_ids() -> None:
    asked = [head(), HumanMessage("quero limpeza dental amanhã")]
    assert model().invoke(asked).tool_calls == model().invoke(asked).tool_calls


async def test_it_answers_asynchronously_and_takes_tools_without_reading_them() -> None:
    bound = model().bind_tools([{"name": "find_slots"}])
    answer = await bound.ainvoke([head(), HumanMessage("onde vocês ficam?")])
    assert "Rua das Acácias" in answer.text


def test_without_a_briefing_it_refuses_to_guess() -> None:
    with pytest.raises(ValueError, match="briefing"):
        model().invoke([SystemMessage("…"), HumanMessage("oi")])


def test_a_refused_reply_is_replaced_by_one_that_states_nothing() -> None:
    turn = [head(), HumanMessage("onde vocês ficam?"), AIMessage("Na rua tal."), SystemMessage("Reescreva.")]
    reply = model().invoke(turn).text
    assert "Rua" not in reply
    assert "equipe" in reply


def test_an_old_or_broken_dialogue_is_forgotten_not_fatal() -> None:
    reply = model().invoke(
        [head(dialogue={"unknown": 1, "task": "book", "shown": ["S9"], "expect": "slot"}), HumanMessage("o primeiro")]
    )
    assert reply.text


def test_an_unreadable_tool_answer_becomes_an_apology() -> None:
    asked = [head(), HumanMessage("tem limpeza de pele na sexta?")]
    first = model().invoke(asked)
    told = ToolMessage("<html>", tool_call_id=first.tool_calls[0]["id"] or "", name="find_slots")
    assert "equipe" in model().invoke([*asked, first, told]).text


def test_every_phrase_said_exists_and_every_phrase_written_is_said() -> None:
    source = "\n".join(path.read_text("utf-8") for path in ROOM.glob("*.py"))
    written = set(phrases())
    said = set(re.findall(r"""["']([a-z_]+)["']""", source)) | {"hello_morning", "hello_afternoon", "hello_evening"}
    families = ("still_confirm_", "remind_", "ask_name", "booked", "moved")
    assert not {key for key in written if key not in said and not key.startswith(families)}
    named = set(re.findall(r'(?:say|voice\.say)\(\s*"([a-z_]+)"', source))
    assert named <= written


def test_a_phrase_keeps_its_variant_within_a_turn_and_changes_between_turns() -> None:
    assert Voice(4).say("thanks") == Voice(4).say("thanks")
    assert len({Voice(n).say("thanks") for n in range(3)}) == 3


def test_what_the_gate_refuses_is_not_repeated() -> None:
    assert sayable("Sem custo. A recepção vai te ligar amanhã.") == "Sem custo."


class Counting:
    """An encoder that spells: letters counted, so that near texts are near vectors."""

    model_id = "letters"

    def __init__(self) -> None:
        self.encoded = 0

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += len(texts)
        rows = [[text.count(chr(97 + i)) for i in range(26)] for text in texts]
        vectors = np.asarray(rows, np.float32)
        found: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        return found


def test_exemplars_are_encoded_once_and_kept(tmp_path: Path) -> None:
    first, again = Counting(), Counting()
    assert ByMeaning(first, tmp_path)("queria ver um dia pra ir aí") == "book"
    assert ByMeaning(again, tmp_path)("queria ver um dia pra ir aí") == "book"
    assert first.encoded == len(exemplars()) + 1
    assert again.encoded == 1


def test_a_machine_without_the_encoder_falls_to_letters() -> None:
    class Broken(Counting):
        def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise OSError("no library")

    likeness = by_meaning_or_letters(Broken(), None)
    assert likeness("queria ver um dia pra ir aí") == "book"
    assert likeness("zzz qqq") == ""
