"""Carol's models over real HTTP: two ways to call tools, every way an endpoint fails, and what leaves the house."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Literal

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from pydantic import BaseModel

from agent.brain import Brain
from agent.endpoint import ModelConfig, OfflineEndpoint, OpenAIEndpoint
from agent.pricing import Price
from agent.thoughts import ModelUnavailable, Outcome, ToolSpec
from tests.emulators.openai import OpenAIEmulator, Reply, calls, drops, fails, raw, results, says, steps, truncated

pytestmark = pytest.mark.asyncio
SECRET = "sk-segredo-123"
WORDS = "oi, sou a Marina e queria marcar uma limpeza"


class FindSlots(BaseModel):
    service: str
    when: str | None = None
    kind: Literal["a", "b"] | None = None


class BookVisit(BaseModel):
    proposal: str


class MyVisits(BaseModel):
    pass


TOOLS = (
    ToolSpec("find_slots", "Procura horários livres.", FindSlots),
    ToolSpec("book_visit", "Marca a consulta.", BookVisit),
    ToolSpec("my_visits", "Lista as consultas.", MyVisits),
)
MESSAGES: list[BaseMessage] = [
    SystemMessage("Você é a Carol.", additional_kwargs={"briefing": {"people": ["SEGREDO DO BRIEFING"]}}),
    HumanMessage(WORDS, name="Marina", additional_kwargs={"phone": "5531999990000"}),
]


@pytest.fixture
def endpoint() -> Iterator[OpenAIEmulator]:
    with OpenAIEmulator(api_key=SECRET) as emulator:
        yield emulator


@pytest.fixture
def second() -> Iterator[OpenAIEmulator]:
    with OpenAIEmulator(api_key=SECRET, model="reserva") as emulator:
        yield emulator


def config_of(emulator: OpenAIEmulator, **more: Any) -> ModelConfig:
    return ModelConfig(model=emulator.model, base_url=emulator.base_url, api_key=SECRET, **more)


@asynccontextmanager
async def brain_over(*emulators: OpenAIEmulator, deadline: float = 10.0, **more: Any) -> AsyncIterator[Brain]:
    models = tuple(OpenAIEndpoint(config_of(each, **more)) for each in emulators)
    brain = Brain(models, deadline_seconds=deadline, pause=lambda: 0.01)
    try:
        yield brain
    finally:
        await brain.aclose()


def outcomes(attempts: tuple[Any, ...]) -> list[tuple[str, Outcome]]:
    return [(each.model, each.outcome) for each in attempts]


async def test_a_reply_in_words_comes_back_with_its_tokens_and_cost(endpoint: OpenAIEmulator) -> None:
    endpoint.then(says("Claro! Para qual dia?"))
    price = Price(Decimal(2), Decimal(8), brl_per_unit=Decimal("5.40"))
    async with brain_over(endpoint, price=price) as brain:
        thought = await brain.think(MESSAGES, TOOLS)
    assert thought.message.content == "Claro! Para qual dia?"
    assert (thought.model, thought.repaired, thought.tokens_estimated, thought.priced) == ("gpt-test", False, False, True)
    expected = (thought.tokens_in * Decimal(2) + thought.tokens_out * Decimal(8)) / 1_000_000 * Decimal("5.40")
    assert thought.cost_brl == expected.quantize(Decimal("0.000001")) > 0
    assert outcomes(thought.attempts) == [("gpt-test", Outcome.OK)]


async def test_only_what_the_model_needs_leaves_the_house(endpoint: OpenAIEmulator) -> None:
    history = [
        *MESSAGES,
        AIMessage("", tool_calls=[{"name": "find_slots", "args": {"service": "Limpeza"}, "id": "c1"}]),
        ToolMessage('{"slots": []}', tool_call_id="c1", name="find_slots", artifact={"row": "LINHA"}),
        AIMessage("Não achei.", additional_kwargs={"dialogue": {"aside": "DIÁLOGO"}}, name="Carol"),
        HumanMessage("e na quarta?"),
    ]
    endpoint.then(says("Vou ver."), steps("reply", text="Vou ver."))
    for mode in ("tools", "schema"):
        async with brain_over(endpoint, mode=mode) as brain:
            await brain.think(history, TOOLS)
    for request in endpoint.requests:
        sent = json.dumps(request, ensure_ascii=False)
        assert WORDS in sent
        assert "Você é a Carol." in sent
        assert not [word for word in ("SEGREDO", "briefing", "5531", "LINHA", "DIÁLOGO", "dialogue") if word in sent]
        assert all("name" not in message for message in request["messages"])


async def test_native_calls_come_back_parsed(endpoint: OpenAIEmulator) -> None:
    endpoint.then(Reply(calls=(("find_slots", {"service": "Limpeza", "when": None}), ("my_visits", ""))))
    async with brain_over(endpoint) as brain:
        thought = await brain.think(MESSAGES, TOOLS)
    assert [(call["name"], call["args"]) for call in thought.message.tool_calls] == [
        ("find_slots", {"service": "Limpeza"}),
        ("my_visits", {}),
    ]
    (request,) = endpoint.requests
    shape = request["tools"][0]["function"]["parameters"]
    assert shape["required"] == ["service"]
    assert shape["properties"]["when"] == {"type": "string"}
    assert shape["properties"]["kind"] == {"type": "string", "enum": ["a", "b"]}
    assert (request["temperature"], request["max_tokens"], request.get("stream", False)) == (0.2, 1024, False)


async def test_a_whole_turn_in_each_mode(endpoint: OpenAIEmulator) -> None:
    """The model looks for times, sees the result, and uses the handle it was given."""
    slots = '{"slots": [{"slot": "S7", "label": "terça, às 14h30"}]}'
    for mode, asks, tells in (
        ("tools", calls("find_slots", {"service": "Limpeza"}), lambda r: says(f"Tenho {results(r)[-1]['slots'][0]['label']}.")),
        ("schema", steps("find_slots", service="Limpeza", when=None, kind=None),
         lambda r: steps("reply", text=f"Tenho {results(r)[-1]['slots'][0]['label']}.")),
    ):  # fmt: skip
        endpoint.then(asks, tells)
        async with brain_over(endpoint, mode=mode) as brain:
            first = await brain.think(MESSAGES, TOOLS)
            (call,) = first.message.tool_calls
            assert (call["name"], call["args"], first.repaired) == ("find_slots", {"service": "Limpeza"}, False)
            seen = [*MESSAGES, first.message, ToolMessage(slots, tool_call_id=call["id"], name="find_slots")]
            reply = await brain.think(seen, TOOLS)
        assert reply.message.content == "Tenho terça, às 14h30."
        assert not reply.message.tool_calls
    assert endpoint.left == 0


async def test_schema_mode_sends_a_schema_and_no_tools(endpoint: OpenAIEmulator) -> None:
    endpoint.then(steps("reply", text="Oi!"))
    async with brain_over(endpoint, mode="schema") as brain:
        assert (await brain.think(MESSAGES, TOOLS)).message.content == "Oi!"
    (request,) = endpoint.requests
    assert "tools" not in request
    steps_ = request["response_format"]["json_schema"]["schema"]["properties"]["step"]["anyOf"]
    assert [step["properties"]["action"]["enum"] for step in steps_] == [
        ["find_slots"],
        ["book_visit"],
        ["my_visits"],
        ["reply"],
    ]
    assert "find_slots(service, when?, kind?=a|b): Procura horários livres." in request["messages"][0]["content"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (fails(500), Outcome.SERVER_ERROR),
        (fails(503), Outcome.SERVER_ERROR),
        (fails(429, headers={"Retry-After": "0.01"}), Outcome.RATE_LIMITED),
        (drops(), Outcome.UNREACHABLE),
        (calls("find_slots", '{"service": "Limp'), Outcome.MALFORMED),
        (says('{"servico": "Limpeza"}'), Outcome.MALFORMED),
        (says(""), Outcome.EMPTY),
        (says("<think>hmm, o que dizer"), Outcome.EMPTY),
        (raw(b"<html>gateway</html>", "text/html"), Outcome.MALFORMED),
        (raw(b'{"choices": []}'), Outcome.MALFORMED),
        (raw(b'{"choices": null}'), Outcome.MALFORMED),
        (raw(b'{"choices": [{"message": null}]}'), Outcome.MALFORMED),
        (raw(b'{"error": {"message": "boom"}}'), Outcome.MALFORMED),
        (raw(b'{"choi'), Outcome.MALFORMED),
    ],
)
async def test_one_failure_is_forgiven(endpoint: OpenAIEmulator, answer: Reply, outcome: Outcome) -> None:
    endpoint.then(answer, says("Oi!"))
    async with brain_over(endpoint) as brain:
        thought = await brain.think(MESSAGES, TOOLS)
    assert thought.message.content == "Oi!"
    assert outcomes(thought.attempts) == [("gpt-test", outcome), ("gpt-test", Outcome.OK)]


async def test_a_second_failure_moves_to_the_second_model_and_the_first_rests(
    endpoint: OpenAIEmulator, second: OpenAIEmulator
) -> None:
    endpoint.then(fails(500), fails(500))
    second.then(says("Oi!"), says("De novo."))
    async with brain_over(endpoint, second) as brain:
        thought = await brain.think(MESSAGES, TOOLS)
        again = await brain.think(MESSAGES, TOOLS)
    out = ("gpt-test", Outcome.SERVER_ERROR)
    assert outcomes(thought.attempts) == [out, out, ("reserva", Outcome.OK)]
    assert thought.model == "reserva"
    assert outcomes(again.attempts) == [("reserva", Outcome.OK)], "an outage costs its retries once"


async def test_a_rejected_request_is_not_repeated(endpoint: OpenAIEmulator, second: OpenAIEmulator) -> None:
    endpoint.then(fails(404, "no such model"), fails(400, "context too long"))
    second.then(says("Oi!"), says("Oi!"))
    async with brain_over(endpoint, second) as brain:
        for _ in range(2):
            thought = await brain.think(MESSAGES, TOOLS)
            assert outcomes(thought.attempts) == [("gpt-test", Outcome.REJECTED), ("reserva", Outcome.OK)]


async def test_a_refused_parameter_is_left_out_from_then_on(endpoint: OpenAIEmulator) -> None:
    endpoint.then(
        fails(400, "Unsupported value: 'temperature' does not support 0.2", param="temperature"),
        fails(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.", param="max_tokens"),
        says("Oi!"),
        says("Oi de novo!"),
    )
    async with brain_over(endpoint) as brain:
        await brain.think(MESSAGES, TOOLS)
        again = await brain.think(MESSAGES, TOOLS)
    assert [("temperature" in each, "max_tokens" in each, "max_completion_tokens" in each) for each in endpoint.requests] == [
        (True, True, False), (False, True, False), (False, False, True), (False, False, True),
    ]  # fmt: skip
    assert len(again.attempts) == 1


async def test_a_truncated_answer_gets_one_larger_cap_then_is_refused(endpoint: OpenAIEmulator) -> None:
    endpoint.then(truncated("Temos horário na ter"), truncated("Temos"))
    endpoint.then(calls("find_slots", '{"service": "Li', finish="length"), says("Oi!"))
    async with brain_over(endpoint, max_tokens=300) as brain:
        with pytest.raises(ModelUnavailable) as refused:
            await brain.think(MESSAGES, TOOLS)
        thought = await brain.think(MESSAGES, TOOLS)
    assert outcomes(refused.value.attempts) == [("gpt-test", Outcome.TRUNCATED)] * 2
    assert [request["max_tokens"] for request in endpoint.requests] == [300, 1200, 300, 1200]
    assert thought.message.content == "Oi!"


async def test_truncation_in_schema_mode_is_seen_before_the_schema(endpoint: OpenAIEmulator) -> None:
    endpoint.then(truncated('{"step": {"action": "reply", "text": "Temos ho'), steps("reply", text="Oi!"))
    async with brain_over(endpoint, mode="schema") as brain:
        thought = await brain.think(MESSAGES, TOOLS)
    assert outcomes(thought.attempts) == [("gpt-test", Outcome.TRUNCATED), ("gpt-test", Outcome.OK)]
    assert thought.attempts[0].usage.tokens_out > 0, "what was wasted still counts"
    assert thought.tokens_out == sum(each.usage.tokens_out for each in thought.attempts)


async def test_a_retry_tells_the_model_what_was_wrong(endpoint: OpenAIEmulator) -> None:
    endpoint.then(calls("find_slots", "{service"), says("Oi!"))
    async with brain_over(endpoint) as brain:
        await brain.think(MESSAGES, TOOLS)
    first, again = endpoint.requests
    assert again["messages"][:-1] == first["messages"]
    assert "formato que não pôde ser lido" in again["messages"][-1]["content"]


async def test_a_refusal_is_not_asked_again(endpoint: OpenAIEmulator) -> None:
    endpoint.then(Reply(refusal="Não posso ajudar com isso."))
    async with brain_over(endpoint) as brain:
        with pytest.raises(ModelUnavailable) as refused:
            await brain.think(MESSAGES, TOOLS)
    assert outcomes(refused.value.attempts) == [("gpt-test", Outcome.FILTERED)]


async def test_a_slow_model_gives_way_to_the_second_without_a_retry(endpoint: OpenAIEmulator, second: OpenAIEmulator) -> None:
    endpoint.then(says("tarde demais").after(5))
    second.then(says("Oi!"))
    async with brain_over(endpoint, second, timeout_seconds=0.4) as brain:
        thought = await brain.think(MESSAGES, TOOLS)
    assert outcomes(thought.attempts) == [("gpt-test", Outcome.TIMEOUT), ("reserva", Outcome.OK)]
    assert 350 <= thought.attempts[0].latency_ms < 1500


async def test_the_turn_ends_at_its_deadline_and_the_second_model_keeps_a_share(
    endpoint: OpenAIEmulator, second: OpenAIEmulator
) -> None:
    endpoint.faults.hang(times=5)
    second.faults.hang(times=5)
    async with brain_over(endpoint, second, deadline=1.5, timeout_seconds=60) as brain:
        with pytest.raises(ModelUnavailable) as refused:
            await brain.think(MESSAGES, TOOLS)
    assert outcomes(refused.value.attempts) == [("gpt-test", Outcome.TIMEOUT), ("reserva", Outcome.TIMEOUT)]
    assert sum(each.latency_ms for each in refused.value.attempts) < 2200


async def test_a_turn_that_has_little_time_left_gets_no_more(endpoint: OpenAIEmulator) -> None:
    endpoint.faults.hang(times=3)
    async with brain_over(endpoint) as brain:
        await brain.warm()
        with pytest.raises(ModelUnavailable) as refused:
            await brain.think(MESSAGES, TOOLS, seconds=0.5)
    assert outcomes(refused.value.attempts) == [("gpt-test", Outcome.TIMEOUT)]
    assert refused.value.attempts[0].latency_ms < 900


async def test_an_answer_that_trickles_is_cut_at_the_timeout() -> None:
    """Every byte renews a read timeout; the bound on the whole answer must not be renewed."""

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n")
        for _ in range(100):
            writer.write(b" ")
            await asyncio.sleep(0.05)
        writer.close()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    brain = Brain((OpenAIEndpoint(ModelConfig(model="m", base_url=address, timeout_seconds=0.5)),), deadline_seconds=0.6)
    await brain.warm()
    with pytest.raises(ModelUnavailable) as refused:
        await brain.think(MESSAGES, TOOLS)
    assert [(each.outcome, each.detail) for each in refused.value.attempts] == [(Outcome.TIMEOUT, "whole answer")]
    await brain.aclose()
    server.close()


async def test_a_long_wait_the_endpoint_asks_for_is_not_waited(endpoint: OpenAIEmulator, second: OpenAIEmulator) -> None:
    endpoint.then(fails(429, headers={"Retry-After": "30"}))
    second.then(says("Oi!"))
    async with brain_over(endpoint, second) as brain:
        thought = await brain.think(MESSAGES, TOOLS)
    assert outcomes(thought.attempts) == [("gpt-test", Outcome.RATE_LIMITED), ("reserva", Outcome.OK)]
    assert thought.latency_ms < 3000


async def test_nobody_listening_is_unavailable() -> None:
    with OpenAIEmulator() as gone:
        nowhere = ModelConfig(model="m", base_url=gone.base_url)
    brain = Brain((OpenAIEndpoint(nowhere),), pause=lambda: 0.01)
    with pytest.raises(ModelUnavailable) as refused:
        await brain.think(MESSAGES, TOOLS)
    assert [each.outcome for each in refused.value.attempts] == [Outcome.UNREACHABLE] * 2
    await brain.aclose()


async def test_without_usage_tokens_are_estimated_and_without_a_price_the_cost_says_so(endpoint: OpenAIEmulator) -> None:
    endpoint.then(says("Claro! Para qual dia você prefere?", usage=False))
    async with brain_over(endpoint) as brain:
        thought = await brain.think(MESSAGES, TOOLS)
    assert thought.tokens_estimated
    assert not thought.priced
    assert thought.cost_brl == 0
    assert 60 < thought.tokens_in < 400
    assert 5 < thought.tokens_out < 20


async def test_the_environment_never_lends_its_key_or_address(
    endpoint: OpenAIEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-de-outra-conta")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")
    brain = Brain((OpenAIEndpoint(ModelConfig(model="m", base_url=endpoint.base_url)),), pause=lambda: 0.0)
    with pytest.raises(ModelUnavailable):
        await brain.think(MESSAGES, TOOLS)
    await brain.aclose()
    assert [call.headers["authorization"] for call in endpoint.calls] == ["Bearer none"]


async def test_logs_hold_neither_words_nor_keys(endpoint: OpenAIEmulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.then(fails(500, WORDS), fails(400, f"you sent {WORDS}"), raw(WORDS.encode(), "text/plain"), says(""), says(WORDS))
    async with brain_over(endpoint) as brain:
        failures = []
        for _ in range(2):
            try:
                await brain.think(MESSAGES, TOOLS)
            except ModelUnavailable as error:
                failures.append(f"{error} {error.attempts} {error.__cause__}")
        seen = caplog.text + "".join(failures) + repr(brain.models[0].config)
    assert failures
    assert "outcome=server_error" in seen
    assert SECRET not in seen
    assert "Marina" not in seen


async def test_the_offline_model_sees_the_briefing_and_keeps_its_dialogue() -> None:
    answer = AIMessage("Oi!", additional_kwargs={"dialogue": {"aside": 1}})
    model = GenericFakeChatModel(messages=iter([answer]))
    thought = await Brain((OfflineEndpoint(model),)).think(MESSAGES, TOOLS)
    assert thought.message.additional_kwargs["dialogue"] == {"aside": 1}
    assert (thought.model, thought.cost_brl, thought.priced, thought.tokens_in) == ("offline", Decimal(0), True, 0)
