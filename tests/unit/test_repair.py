"""What weak models write, and what Carol takes it for: a call, words, or nothing usable."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from langchain_core.messages.tool import invalid_tool_call, tool_call

from agent.loose_calls import calls_in, first_object, looks_like_data, match, read_object
from agent.repair import repair, strip_reasoning
from agent.thoughts import Fault, Outcome

KNOWN = frozenset({"find_slots", "book_visit", "my_visits"})
WANTED = {"service": "Limpeza"}


def sound(answer: AIMessage, finish: str = "stop") -> AIMessage:
    return repair(answer, KNOWN, finish=finish, serial="4").message


def broken(args: str | None, name: str | None = "find_slots", id_: str | None = "c1") -> AIMessage:
    return AIMessage("", invalid_tool_calls=[invalid_tool_call(name=name, args=args, id=id_, error="x")])


@pytest.mark.parametrize(
    "raw",
    [
        '{"service": "Limpeza"}',
        '```json\n{"service": "Limpeza"}\n```',
        '{"service": "Limpeza",}',
        "{'service': 'Limpeza'}",
        '"{\\"service\\": \\"Limpeza\\"}"',
        '{"service": "Limpeza"',
        '{"service": "Limpeza"}}',
        '{"service": "Limpeza"}<|im_end|>',
        '{"service": "Limpeza"}\n{"service": "Botox"}',
        '  {"service": "Limpeza", "when": null}',
    ],
)
def test_arguments_of_a_wrong_form_are_mended(raw: str) -> None:
    (call,) = sound(broken(raw)).tool_calls
    assert (call["name"], call["args"], call["id"]) == ("find_slots", WANTED, "c1")


@pytest.mark.parametrize(
    "raw",
    ['{"service": "Limp', '{"service":', '{"service": "Limpeza",', "Limpeza", "[1, 2]", "{service: Limpeza}",
     "{" * 5000, "[" * 5000, '{"service": ' * 500, "__import__('os')"],
)  # fmt: skip
def test_arguments_whose_meaning_is_lost_are_refused(raw: str) -> None:
    with pytest.raises(Fault) as refused:
        sound(broken(raw))
    assert refused.value.outcome is Outcome.MALFORMED


def test_no_arguments_is_an_empty_object() -> None:
    assert [sound(broken(raw, "my_visits")).tool_calls[0]["args"] for raw in ("", None, "  ")] == [{}, {}, {}]


def test_one_unreadable_call_refuses_them_all() -> None:
    answer = AIMessage(
        "",
        tool_calls=[tool_call(name="my_visits", args={}, id="a")],
        invalid_tool_calls=[invalid_tool_call(name="find_slots", args='{"ser', id="b", error="x")],
    )
    with pytest.raises(Fault):
        sound(answer)


@pytest.mark.parametrize("name", ["FindSlots", "find-slots", "functions.find_slots", "FIND_SLOTS", "tools/find_slots"])
def test_a_name_spelled_another_way_is_the_tool(name: str) -> None:
    assert match(name, KNOWN) == "find_slots"
    assert sound(AIMessage("", tool_calls=[tool_call(name=name, args=WANTED, id="a")])).tool_calls[0]["name"] == "find_slots"


def test_an_unknown_tool_is_left_for_the_graph_to_answer() -> None:
    answer = AIMessage("", tool_calls=[tool_call(name="send_money", args={"to": "x"}, id="a")])
    assert sound(answer).tool_calls[0]["name"] == "send_money"
    assert match("find", KNOWN) is None


def test_missing_and_repeated_ids_become_unique() -> None:
    answer = AIMessage("", tool_calls=[tool_call(name="my_visits", args={}, id=each) for each in ("", "x", "x")])
    assert [call["id"] for call in sound(answer).tool_calls] == ["call_4_0", "x", "call_4_2"]


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"name": "find_slots", "arguments": {"service": "Limpeza"}}\n```',
        'Vou verificar!\n```json\n{"name": "find_slots", "arguments": {"service": "Limpeza"}}\n```',
        '{"action": "find_slots", "args": {"service": "Limpeza"}}',
        '{"tool": "find_slots", "service": "Limpeza"}',
        '{"name": "find_slots", "arguments": "{\\"service\\": \\"Limpeza\\"}"}',
        '<tool_call>\n{"name": "find_slots", "arguments": {"service": "Limpeza"}}\n</tool_call>',
        '<tool_call>{"name": "find_slots", "arguments": {"service": "Limpeza"}}',
        '[TOOL_CALLS] [{"name": "find_slots", "arguments": {"service": "Limpeza"}}]',
        '<|python_tag|>{"name": "find_slots", "parameters": {"service": "Limpeza"}}',
        '{"tool_calls": [{"function": {"name": "find_slots", "arguments": "{\\"service\\": \\"Limpeza\\"}"}}]}',
        '<think>O paciente quer {"name": "book_visit"}.</think>{"name": "find_slots", "arguments": {"service": "Limpeza"}}',
    ],
)
def test_a_call_typed_into_the_reply_is_a_call(text: str) -> None:
    message = sound(AIMessage(text))
    assert [(call["name"], call["args"]) for call in message.tool_calls] == [("find_slots", WANTED)]
    assert message.content == ""
    assert message.tool_calls[0]["id"] == "call_4_0"


@pytest.mark.parametrize(
    "text",
    [
        '{"nome": "Maria"}',
        '```json\n{"slots": []}\n```',
        '<tool_call>{"name": "send_money"}</tool_call>',
        '[{"a": 1}',
        '{"name": "x"',
    ],
)
def test_data_never_reaches_a_patient_as_words(text: str) -> None:
    with pytest.raises(Fault) as refused:
        sound(AIMessage(text))
    assert refused.value.outcome is Outcome.MALFORMED


@pytest.mark.parametrize(
    "text",
    [
        "Tenho às 10h e às 14h30. Qual prefere?",
        "Uso o find_slots para procurar {horários}, tá?",
        "[Unidade Savassi] Rua X, número: 10",
        "O endereço é: Rua da Bahia, 1000 (sala 3).",
        "```\nRua da Bahia, 1000\n```",
    ],
)
def test_words_stay_words(text: str) -> None:
    result = repair(AIMessage(text), KNOWN, finish="stop", serial="1")
    assert result.message.content == text
    assert not result.message.tool_calls
    assert not result.repaired


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<think>ela quer limpeza</think>\n\nOi!", "Oi!"),
        ("ela quer limpeza\n</think>Oi!", "Oi!"),
        ("<THINKING>a</THINKING>Oi!<think>b</think> Tudo bem?", "Oi!Tudo bem?"),
        ("<think>nunca termina", ""),
        ("<think>a<think>b</think>c</think>Oi!", "Oi!"),
        ("<|channel|>analysis<|message|>hmm<|end|><|start|>assistant<|channel|>final<|message|>Oi!<|return|>", "Oi!"),
        ("Oi!<|im_end|>", "Oi!"),
        ("Oi!</s>", "Oi!"),
        ("Penso que sim, <3", "Penso que sim, <3"),
    ],
)
def test_thinking_aloud_is_not_said(text: str, said: str) -> None:
    assert strip_reasoning(text) == said


@pytest.mark.parametrize(
    ("answer", "finish", "outcome"),
    [
        (AIMessage("Temos horário na ter"), "length", Outcome.TRUNCATED),
        (AIMessage("", tool_calls=[tool_call(name="my_visits", args={}, id="a")]), "length", Outcome.TRUNCATED),
        (AIMessage("x"), "content_filter", Outcome.FILTERED),
        (AIMessage("", additional_kwargs={"refusal": "não posso"}), "stop", Outcome.FILTERED),
        (AIMessage(" \n"), "stop", Outcome.EMPTY),
        (AIMessage("<think>a</think>"), "stop", Outcome.EMPTY),
        (broken("{}", name=""), "tool_calls", Outcome.MALFORMED),
    ],
)
def test_what_cannot_be_used_is_refused(answer: AIMessage, finish: str, outcome: Outcome) -> None:
    with pytest.raises(Fault) as refused:
        sound(answer, finish)
    assert refused.value.outcome is outcome


def test_words_beside_a_call_are_kept_unless_they_are_the_call_again() -> None:
    calls = [tool_call(name="my_visits", args={}, id="a")]
    assert sound(AIMessage("Um instante.", tool_calls=calls)).content == "Um instante."
    assert sound(AIMessage('{"name": "my_visits", "args": {}}', tool_calls=calls)).content == ""


_words = st.text(max_size=20)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(_words, _json, max_size=4))
def test_sound_json_is_read_as_it_is(value: dict[str, Any]) -> None:
    assert read_object(json.dumps(value, ensure_ascii=False)) == value


@given(st.text(alphabet="{}[]\"\\:,<>|/`' abtool_callthink10\n", max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    for call in calls_in(strip_reasoning(text), KNOWN):
        assert call.name in KNOWN
    looks_like_data(text)
    first_object(text)


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1), st.data())
def test_a_value_cut_short_is_never_taken(value: dict[str, str], data: st.DataObject) -> None:
    """Cutting an object anywhere yields nothing, or members that were whole."""
    raw = json.dumps(value)
    found = read_object(raw[: data.draw(st.integers(1, len(raw) - 1))])
    assert found is None or found.items() <= value.items()
