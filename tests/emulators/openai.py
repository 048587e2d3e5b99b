"""An OpenAI-compatible endpoint as Carol meets it: chat with tools or a JSON schema, models, embeddings; answers scripted.

It refuses what OpenAI refuses (`openai_rules`), so that a passing flow is evidence about the real thing.
"""

from __future__ import annotations

import base64
import itertools
import json
import math
import re
import struct
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.emulators.openai_rules import complaint
from tests.emulators.server import Answer, Call, Emulator

DIMENSIONS = 384
_DROPPED = Answer(0, b"")


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted answer of the model. `calls` pairs a tool's name with arguments: an object, or a raw string as sent."""

    text: str | None = None
    calls: tuple[tuple[str, Mapping[str, Any] | str], ...] = ()
    status: int = 200
    body: Any = None  # instead of a completion: JSON value or bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    finish: str = ""
    seconds: float = 0.0
    drop: bool = False
    usage: bool = True
    refusal: str | None = None
    ids: bool = True

    def after(self, seconds: float) -> Reply:
        """The same, late."""
        return replace(self, seconds=seconds)


Scripted = Reply | Callable[[Mapping[str, Any]], Reply]  # a function sees the request: handles are in its tool results


def says(text: str, **more: Any) -> Reply:
    """A reply in words."""
    return Reply(text=text, **more)


def calls(name: str, args: Mapping[str, Any] | str | None = None, **more: Any) -> Reply:
    """A native call to one tool; a string goes as it is, however broken."""
    return Reply(calls=((name, {} if args is None else args),), **more)


def steps(action: str, **args: Any) -> Reply:
    """A step of schema mode: a tool's name with its arguments, or `reply` with `text`."""
    inner = {"text": args["text"]} if action == "reply" else {"args": args}
    return says(json.dumps({"step": {"action": action, **inner}}, ensure_ascii=False))


def truncated(text: str) -> Reply:
    """An answer that ran into the cap."""
    return Reply(text=text, finish="length")


def fails(
    status: int, message: str = "internal error", *, param: str | None = None, headers: Mapping[str, str] | None = None
) -> Reply:
    """An error in OpenAI's form."""
    error = {"message": message, "type": "error", "param": param, "code": None}
    return Reply(status=status, body={"error": error}, headers=headers or {})


def raw(body: bytes, content_type: str = "application/json") -> Reply:
    """A 200 with any body at all."""
    return Reply(body=body, headers={"Content-Type": content_type})


def drops() -> Reply:
    """The connection is reset instead of an answer."""
    return Reply(drop=True)


class OpenAIEmulator(Emulator):
    """`with OpenAIEmulator(calls("find_slots", {…}), says("Tenho às 10h.")) as endpoint: … endpoint.base_url`.

    The script is used in order; when it is over the answer is a 500, and `left` tells whether it was all used.
    """

    prefix = "/v1"

    def __init__(self, *script: Scripted, model: str = "gpt-test", api_key: str = "sk-teste") -> None:
        super().__init__()
        self.model, self.api_key = model, api_key
        self._script: deque[Scripted] = deque(script)
        self._serial = itertools.count(1)

    def then(self, *more: Scripted) -> None:
        """Add to the script."""
        with self._lock:
            self._script.extend(more)

    @property
    def left(self) -> int:
        """Scripted answers not yet used."""
        return len(self._script)

    @property
    def requests(self) -> tuple[dict[str, Any], ...]:
        """The bodies of chat requests so far."""
        return tuple(call.body for call in self.calls if call.path.endswith("/chat/completions"))

    def handle(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {self.api_key}":
            return _error(401, "Incorrect API key provided")
        if (call.method, call.path) == ("GET", "/v1/models"):
            return Answer(200, {"object": "list", "data": [{"id": self.model, "object": "model", "owned_by": "test"}]})
        if (call.method, call.path) == ("POST", "/v1/embeddings"):
            return _embeddings(call.body, self.model)
        if (call.method, call.path) == ("POST", "/v1/chat/completions"):
            return self._chat(call.body)
        return _error(404, "unknown path")

    def answer(self, call: Call) -> Answer | None:
        answered = super().answer(call)
        return None if answered is _DROPPED else answered

    def _chat(self, body: Any) -> Answer:
        wrong = complaint(body)
        if wrong is not None:
            return _error(400, wrong)
        with self._lock:
            scripted = self._script.popleft() if self._script else fails(500, "the script is over")
        reply = scripted if isinstance(scripted, Reply) else scripted(body)
        self._closing.wait(reply.seconds)
        if reply.drop:
            return _DROPPED
        if reply.status != 200 or reply.body is not None:
            return Answer(reply.status, reply.body, reply.headers)
        completion = self._completion(reply, body)
        if body.get("stream"):
            return Answer(200, b"".join(_events(completion)), {"Content-Type": "text/event-stream"})
        return Answer(200, completion)

    def _completion(self, reply: Reply, body: Mapping[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
        if reply.calls:
            message["tool_calls"] = [self._tool_call(name, args, reply.ids) for name, args in reply.calls]
        finish = reply.finish or ("tool_calls" if reply.calls else "stop")
        made: dict[str, Any] = {
            "id": f"chatcmpl-{next(self._serial)}",
            "object": "chat.completion",
            "created": 1_773_144_000,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        }
        if reply.usage:
            into, out = len(json.dumps(body)) // 4, len(json.dumps(message)) // 4
            made["usage"] = {"prompt_tokens": into, "completion_tokens": out, "total_tokens": into + out}
        return made

    def _tool_call(self, name: str, args: Mapping[str, Any] | str, with_id: bool) -> dict[str, Any]:
        written = args if isinstance(args, str) else json.dumps(args, ensure_ascii=False)
        id_ = f"call_{next(self._serial)}" if with_id else ""
        return {"id": id_, "type": "function", "function": {"name": name, "arguments": written}}


def results(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tool results in a chat request, oldest first, in either mode: a script reads its handles there."""
    found = []
    for message in request["messages"]:
        if message["role"] == "tool":
            found.append(json.loads(message["content"]))
        elif message["role"] == "user":
            written = re.findall(r"<resultado [^>]*>(.*?)</resultado>", message["content"], re.DOTALL)
            found += [json.loads(each) for each in written]
    return found


def _events(completion: dict[str, Any]) -> Iterator[bytes]:
    choice = completion["choices"][0]
    message = choice["message"]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in re.findall(r"\S+\s*", message["content"] or "")]
    deltas += [{"tool_calls": [{"index": place, **call}]} for place, call in enumerate(message.get("tool_calls", ()))]
    head = {**completion, "object": "chat.completion.chunk", "choices": [], "usage": None}
    ending = [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    for chunk in (*chunks, {**head, "choices": ending}, {**head, "usage": completion.get("usage")}):
        yield f"data: {json.dumps(chunk)}\n\n".encode()
    yield b"data: [DONE]\n\n"


def _embeddings(body: Any, model: str) -> Answer:
    given = body.get("input") if isinstance(body, dict) else None
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        return _error(400, "input must be a string or a list of strings (token ids are not supported)", "input")
    size = body.get("dimensions") or DIMENSIONS
    vectors = [embed(text, size) for text in texts]
    coded = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": place, "embedding": _base64(vector) if coded else vector}
        for place, vector in enumerate(vectors)
    ]
    spent = sum(len(text) // 4 + 1 for text in texts)
    return Answer(
        200, {"object": "list", "model": model, "data": data, "usage": {"prompt_tokens": spent, "total_tokens": spent}}
    )


def embed(text: str, size: int = DIMENSIONS) -> list[float]:
    """A unit vector of the words in `text`: the same words give the same vector, shared words a higher cosine."""
    vector = [0.0] * size
    for word in re.findall(r"\w+", text.casefold()) or [""]:
        vector[zlib.crc32(word.encode()) % size] += 1.0
    norm = math.hypot(*vector)
    return [each / norm for each in vector]


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _error(status: int, message: str, param: str | None = None) -> Answer:
    return Answer(status, {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}})
