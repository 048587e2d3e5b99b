"""The emulated endpoint speaks what real clients expect, and refuses what the real ones refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.emulators.openai import OpenAIEmulator, calls, embed, says

ASKED: list[Any] = [{"role": "user", "content": "oi"}]


@pytest.fixture
def endpoint() -> Iterator[OpenAIEmulator]:
    with OpenAIEmulator() as emulator:
        yield emulator


@pytest.fixture
def client(endpoint: OpenAIEmulator) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=endpoint.base_url, api_key=endpoint.api_key, max_retries=0) as made:
        yield made


def test_it_lists_its_model_and_wants_its_key(endpoint: OpenAIEmulator, client: openai.OpenAI) -> None:
    assert [each.id for each in client.models.list()] == ["gpt-test"]
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="outra").models.list()


def test_vectors_are_the_same_as_floats_and_as_base64(client: openai.OpenAI) -> None:
    texts = ["preparo do exame", "exame de sangue"]
    as_floats = client.embeddings.create(model="m", input=texts, encoding_format="float").data
    as_bytes = client.embeddings.create(model="m", input=texts).data  # the client asks for base64 unless told
    for text, one, other in zip(texts, as_floats, as_bytes, strict=True):
        assert one.embedding == pytest.approx(embed(text))
        assert other.embedding == pytest.approx(embed(text), abs=1e-6)


@pytest.mark.parametrize("given", [[1, 2, 3], [[1, 2], [3]], [], ["a", 1]])
def test_token_ids_are_refused(client: openai.OpenAI, given: Any) -> None:
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="m", input=given)


def test_an_answer_streams(endpoint: OpenAIEmulator, client: openai.OpenAI) -> None:
    endpoint.then(says("Oi, tudo bem?"), calls("my_visits", {"a": 1}))
    chunks = list(client.chat.completions.create(model="m", messages=ASKED, stream=True))
    assert "".join(each.choices[0].delta.content or "" for each in chunks if each.choices) == "Oi, tudo bem?"
    assert chunks[-1].usage is not None
    called = [
        each.choices[0].delta.tool_calls
        for each in client.chat.completions.create(model="m", messages=ASKED, stream=True)
        if each.choices
    ]
    (call,) = [call for each in called if each for call in each]
    assert call.function is not None
    assert (call.function.name, call.function.arguments) == ("my_visits", '{"a": 1}')


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"messages": [{"role": "tool", "content": "{}", "tool_call_id": "a"}]}, "must follow"),
        ({"messages": [{"role": "user", "content": "oi", "name": "Maria"}]}, "unexpected fields"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"id": "a"}]}, *ASKED]}, "must be followed"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {"anyOf": []}}}}, "root"),
        ({"extra_body": {"briefing": {}}}, "unrecognized"),
    ],
)
def test_a_wrong_request_is_refused(client: openai.OpenAI, more: dict[str, Any], why: str) -> None:
    with pytest.raises(openai.BadRequestError, match=why):
        client.chat.completions.create(**{"model": "m", "messages": ASKED, **more})


def test_a_script_that_is_over_is_an_error_not_silence(endpoint: OpenAIEmulator, client: openai.OpenAI) -> None:
    with pytest.raises(openai.InternalServerError, match="script is over"):
        client.chat.completions.create(model="m", messages=ASKED)
