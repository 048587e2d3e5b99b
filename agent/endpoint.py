"""One model behind an OpenAI-compatible endpoint, or the offline one: asks once, returns a sound answer or a Fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Protocol
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent import schema_mode
from agent.pricing import Price, usage_of
from agent.repair import Sound, repair
from agent.thoughts import Fault, Outcome, ToolSpec, Usage
from agent.tool_schema import function, names

if TYPE_CHECKING:
    import openai

OPENAI_URL = "https://api.openai.com/v1"
# What langchain-openai raises, from any depth, when a 200 carries a body of another shape: an HTML page, no choices, null.
_SHAPELESS = (ValueError, KeyError, TypeError, AttributeError, IndexError)
_CONNECT_SECONDS = 5.0
_ADAPTABLE = ("temperature", "max_tokens", "max_completion_tokens", "response_format")

Mode = Literal["tools", "schema", "form"]
"""How tools are asked for: native calls; one JSON step; or `form`, where the only tool is a form that must be filled."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One model of one endpoint. Seconds bound a single request; `max_tokens` one answer. `price` None means unknown."""

    model: str
    base_url: str = ""  # empty: OpenAI's own
    api_key: str = field(default="", repr=False)
    mode: Mode = "tools"
    timeout_seconds: float = 20.0
    max_tokens: int = 1024
    temperature: float | None = 0.2
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A sound message and what it used."""

    sound: Sound
    usage: Usage


class Endpoint(Protocol):
    """What a Brain can ask."""

    @property
    def config(self) -> ModelConfig:
        """Name, limits and price of the model."""

    async def ask(self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, cap: int, seconds: float) -> Answer:
        """One request, one answer of at most `cap` tokens. Raises Fault; never retries; TimeoutError is the caller's."""

    async def warm(self) -> None:
        """Load what the first question would otherwise wait for; asks nothing."""

    async def aclose(self) -> None:
        """Close its connections; it may be asked again afterwards."""


class OfflineEndpoint:
    """The deterministic model of the house. It reads the briefing and keeps its dialogue on the message, so both pass."""

    def __init__(self, model: BaseChatModel, name: str = "offline") -> None:
        free = Price(Decimal(0), Decimal(0))
        self._model = model
        self.config = ModelConfig(model=name, price=free)

    async def ask(self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, cap: int, seconds: float) -> Answer:
        answer = await self._model.ainvoke(list(messages))
        return Answer(Sound(answer, repaired=False), Usage())

    async def warm(self) -> None:
        return None

    async def aclose(self) -> None:
        return None


class DeadEndpoint:
    """Stands where a model stands and does not answer, as when its provider is down; for rehearsals of that."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config

    async def ask(self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, cap: int, seconds: float) -> Answer:
        raise Fault(Outcome.SERVER_ERROR, "503")

    async def warm(self) -> None:
        return None

    async def aclose(self) -> None:
        return None


class OpenAIEndpoint:
    """A chat model over HTTP. Built on first use or by `warm`: importing langchain-openai costs one to two seconds."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self._model: BaseChatModel | None = None
        self._http: Any = None
        self._refused: set[str] = set()

    async def ask(self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, cap: int, seconds: float) -> Answer:
        sent = list(schema_mode.as_plain(messages, tools) if self._by_schema(tools) else _only_what_is_said(messages))
        form = tools[0] if self.config.mode == "form" and tools else None
        raw = await self._invoke(sent, tools, cap, seconds)
        shapes = "" if self._by_schema(tools) else json.dumps([function(tool) for tool in tools])
        usage = usage_of(raw, sent, extra=shapes)
        finish = raw.response_metadata.get("finish_reason")
        serial = str(len(messages))
        try:
            if form is not None:
                sound = schema_mode.read_form(raw, form, finish=finish, serial=serial)
            elif self._by_schema(tools):
                sound = schema_mode.read_step(raw, tools, finish=finish, serial=serial)
            else:
                sound = repair(raw, names(tools), finish=finish, serial=serial)
        except Fault as fault:
            fault.usage = usage
            raise
        return Answer(sound, usage)

    async def warm(self) -> None:
        await asyncio.to_thread(self._chat)

    async def aclose(self) -> None:
        if self._http is not None:
            await self._http.aclose()
        self._http = self._model = None

    def _by_schema(self, tools: Sequence[ToolSpec]) -> bool:
        return self.config.mode == "schema" and bool(tools)

    async def _invoke(self, sent: list[BaseMessage], tools: Sequence[ToolSpec], cap: int, seconds: float) -> AIMessage:
        model = self._chat()
        import openai

        limits = openai.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds))
        chosen: dict[str, Any] = {"timeout": limits, "extra_body": {}}
        if self.config.temperature is not None and "temperature" not in self._refused:
            chosen["temperature"] = self.config.temperature
        # ChatOpenAI renames max_tokens to OpenAI's new word, which Ollama and older servers ignore: it goes as extra body.
        chosen["extra_body"][self._cap_word()] = cap
        if tools and self.config.mode != "tools":
            # Not as ChatOpenAI's own response_format: the SDK would then raise on truncation and hide text and usage.
            if "response_format" not in self._refused:
                form = self.config.mode == "form"
                chosen["extra_body"]["response_format"] = (schema_mode.form_format if form else schema_mode.response_format)(
                    tools
                )
        elif tools:
            chosen["tools"] = [function(tool) for tool in tools]
        try:
            return await model.ainvoke(sent, **chosen)
        except openai.APIError as error:
            self._raise(error, {*chosen, *chosen["extra_body"]})
        except _SHAPELESS as error:
            raise Fault(Outcome.MALFORMED, type(error).__name__) from None

    def _cap_word(self) -> str:
        host = urlsplit(self.config.base_url or OPENAI_URL).hostname or ""
        modern = host.endswith(("openai.com", "openai.azure.com"))
        if "max_tokens" in self._refused or (modern and "max_completion_tokens" not in self._refused):
            return "max_completion_tokens"
        return "max_tokens"

    def _chat(self) -> BaseChatModel:
        if self._model is None:
            from langchain_openai import ChatOpenAI
            from openai import DefaultAsyncHttpxClient

            # Ours, not the library's shared one, which outlives the event loop it was opened in.
            self._http = DefaultAsyncHttpxClient(timeout=self.config.timeout_seconds)
            self._model = ChatOpenAI(
                model=self.config.model,
                # Both are always given: left out, OPENAI_API_KEY and OPENAI_BASE_URL of the environment would be sent.
                base_url=self.config.base_url or OPENAI_URL,
                api_key=self.config.api_key or "none",  # type: ignore[arg-type]
                http_async_client=self._http,
                max_retries=0,
                use_responses_api=False,
                disable_streaming=True,  # a graph that streams messages would switch it on, without usage
                cache=False,
            )
        return self._model

    def _raise(self, error: openai.APIError, sent: set[str]) -> NoReturn:
        """Our word for the SDK's error, without its message: providers quote the request in it."""
        import openai

        if isinstance(error, openai.APITimeoutError):
            raise Fault(Outcome.TIMEOUT, "request") from None
        if isinstance(error, openai.APIConnectionError):
            raise Fault(Outcome.UNREACHABLE, type(error.__cause__ or error).__name__) from None
        if not isinstance(error, openai.APIStatusError):
            raise Fault(Outcome.MALFORMED, type(error).__name__) from None
        status = error.status_code
        wait = _seconds(error.response.headers.get("retry-after"))
        if status == 429:
            raise Fault(Outcome.RATE_LIMITED, "429", retry_after=wait) from None
        if status in (408, 409, 425) or status >= 500:
            raise Fault(Outcome.SERVER_ERROR, str(status), retry_after=wait) from None
        parameter = self._parameter_to_drop(error, sent)
        raise Fault(Outcome.REJECTED, f"{status} {parameter or ''}".strip(), refused_parameter=parameter) from None

    def _parameter_to_drop(self, error: openai.APIStatusError, sent: set[str]) -> str | None:
        """What this request had and the endpoint does not take; another request beside it may have found it out already."""
        if error.status_code not in (400, 422):
            return None
        named = getattr(error, "param", None) or ""
        found = next((each for each in _ADAPTABLE if named == each or (not named and f"'{each}'" in error.message)), None)
        if found is None or found not in sent:
            return None
        self._refused.add(found)
        return found


def with_note(messages: Sequence[BaseMessage], outcome: Outcome) -> list[BaseMessage]:
    """The same conversation with a reminder of what was wrong with the last answer, when there are words for it."""
    note = schema_mode.words()["again"].get(outcome.value)
    return [*messages, HumanMessage(note)] if note else list(messages)


def _only_what_is_said(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The messages with their words and calls alone: no briefing, no dialogue, no names, no ids of ours."""
    sent: list[BaseMessage] = []
    for message in messages:
        if isinstance(message, SystemMessage):
            sent.append(SystemMessage(message.text))
        elif isinstance(message, ToolMessage):
            sent.append(ToolMessage(message.text, tool_call_id=message.tool_call_id))
        elif isinstance(message, AIMessage):
            if message.text.strip() or message.tool_calls:
                sent.append(AIMessage(message.text, tool_calls=message.tool_calls))
        else:
            sent.append(HumanMessage(message.text))
    return sent


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None  # an HTTP date: longer than a turn can wait
