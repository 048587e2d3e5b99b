"""Which model plays which role, from the settings. No key and no endpoint: the offline model plays all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from agent.brain import Brain
from agent.endpoint import Endpoint, Mode, ModelConfig, OfflineEndpoint, OpenAIEndpoint
from agent.pricing import Price


class Role(StrEnum):
    """A part a model plays."""

    CONVERSATION = "conversation"
    WRITER = "writer"
    REVIEWER = "reviewer"
    JUDGE = "judge"


class ModelSettings(Protocol):
    """What the settings say about models. Prices are per million tokens in `model_price_currency` units, worth
    `brl_per_unit` reais each; None where unknown. An empty `model` means the offline one."""

    @property
    def model(self) -> str: ...
    @property
    def model_base_url(self) -> str: ...
    @property
    def model_api_key(self) -> str: ...
    @property
    def model_mode(self) -> Mode: ...
    @property
    def model_timeout_seconds(self) -> float: ...
    @property
    def fallback_model(self) -> str: ...
    @property
    def fallback_base_url(self) -> str: ...
    @property
    def fallback_api_key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Brains:
    """A brain for each role; a role without its own uses the conversation's."""

    by_role: Mapping[Role, Brain]
    offline: bool  # the demonstration model speaks, and must say so

    @property
    def conversation(self) -> Brain:
        return self.by_role[Role.CONVERSATION]

    def role(self, role: Role) -> Brain:
        """The brain that plays `role`."""
        return self.by_role.get(role, self.conversation)

    async def aclose(self) -> None:
        """Close every connection; the brains may be used again afterwards."""
        for brain in self.by_role.values():
            await brain.aclose()


def brain_of(*configs: ModelConfig, deadline_seconds: float = 45.0) -> Brain:
    """A brain over OpenAI-compatible endpoints, first choice first."""
    return Brain(tuple(OpenAIEndpoint(config) for config in configs), deadline_seconds=deadline_seconds)


def offline_brain(cache_dir: Path) -> Brain:
    """The brain of the offline model; `cache_dir` keeps the vectors of its examples."""
    from agent.offline import OfflineModel  # loads the embedder

    return Brain((OfflineEndpoint(OfflineModel(cache_dir=cache_dir)),))
