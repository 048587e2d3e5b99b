"""Carol's mind without a key: a chat model that decides by rules and likeness, the same for the same messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, ToolCall
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from pydantic import PrivateAttr

from agent.offline.acts import Call
from agent.offline.decide import decide
from agent.offline.likeness import Likeness, by_meaning_or_letters
from agent.offline.understand import understand
from agent.offline.view import read_view
from knowledge.embed import offline_embedder

MODEL_NAME = "carol-demo"
_CHARACTERS_PER_TOKEN = 4


class OfflineModel(BaseChatModel):
    """A `BaseChatModel` that needs no network: reads `briefing` from the system message, calls tools, says replies.

    `likeness` decides what rules leave open: by default likeness of meaning over the offline embedder, its exemplars
    kept under `cache_dir` when given; by letters where that embedder cannot run. Raises ValueError without a briefing.
    """

    model_name: str = MODEL_NAME
    _likeness: Likeness = PrivateAttr()

    def __init__(self, *, cache_dir: Path | None = None, likeness: Likeness | None = None) -> None:
        super().__init__()
        self._likeness = likeness or by_meaning_or_letters(offline_embedder(), cache_dir)

    @property
    def _llm_type(self) -> str:
        return "carol-offline"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | Any],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Itself: the tools it calls are those of the contract."""
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.answer(messages))])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        # A query vector costs about 15 ms of CPU: off the loop.
        return await asyncio.to_thread(self._generate, messages, stop)

    def answer(self, messages: Sequence[BaseMessage]) -> AIMessage:
        """The tool call or the reply that follows `messages`."""
        view = read_view(messages)
        reading = understand(view.text, view.briefing, view.dialogue, self._likeness)
        act = decide(view, reading)
        metadata = {"model_name": self.model_name}
        if isinstance(act, Call):
            seed = f"{len(messages)}:{act.name}:{sorted(act.args.items())}"
            call = ToolCall(name=act.name, args=act.args, id=f"call_{sha256(seed.encode()).hexdigest()[:16]}")
            understood = {"understood": reading.told}
            return AIMessage(
                "",
                tool_calls=[call],
                additional_kwargs=understood,
                usage_metadata=_usage(messages, act.name),
                response_metadata=metadata,
            )
        return AIMessage(
            act.text,
            additional_kwargs={"dialogue": act.dialogue.dump(), "understood": reading.told},
            usage_metadata=_usage(messages, act.text),
            response_metadata=metadata,
        )


def _usage(messages: Sequence[BaseMessage], said: str) -> UsageMetadata:
    """Rough counts, so that what watches tokens has something true in order of magnitude."""
    read = sum(len(str(m.content)) for m in messages) // _CHARACTERS_PER_TOKEN + 1
    wrote = len(said) // _CHARACTERS_PER_TOKEN + 1
    return UsageMetadata(input_tokens=read, output_tokens=wrote, total_tokens=read + wrote)
