"""The model of every way to take a turn: it costs nothing. Knows nothing of Carol, so that a floor carries none of her."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

ASKED = "Oi, bom dia! Vocês fazem limpeza dental? Queria saber quem atende e se tem na Savassi."
ANSWERED = (
    "Fazemos, sim! A limpeza dental é feita pela nossa equipe de odontologia, na unidade da Savassi. "
    "Quer que eu veja os horários livres para você, ou prefere saber antes como é o atendimento?"
)


class Instant(BaseChatModel):
    """A model that answers at once, or after `pause` seconds: one tool call, then a reply."""

    tool: str = "my_visits"
    pause: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "instant"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = AIMessage(ANSWERED)
        if not isinstance(messages[-1], ToolMessage):
            answer = AIMessage("", tool_calls=[{"name": self.tool, "args": {"query": "limpeza dental"}, "id": "call-1"}])
        return ChatResult(generations=[ChatGeneration(message=answer)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if self.pause:
            await asyncio.sleep(self.pause)
        return self._generate(messages, stop, None, **kwargs)
