"""Which model plays which role, from the settings. Without a model in the settings the offline one plays them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from agent.brain import Brain
from agent.endpoint import Endpoint, ModelConfig, OfflineEndpoint, OpenAIEndpoint
from agent.pricing import Price
from kit.settings import Settings


class Role(StrEnum):
    """A part a model plays."""

    CONVERSATION = "conversation"
    WRITER = "writer"
    REVIEWER = "reviewer"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class Brains:
    """A brain for each role; a role without its own uses the conversation's."""

    by_role: Mapping[Role, Brain]
    offline: bool  # the demonstration model speaks, and must say so

    @property
    def conversation(self) -> Brain:
        """Who talks with patients."""
        return self.by_role[Role.CONVERSATION]

    def role(self, role: Role) -> Brain:
        """The brain that plays `role`."""
        return self.by_role.get(role, self.conversation)

    async def warm(self) -> None:
        """Load every model's machinery (1 to 2 s of imports) before the first patient waits for it; asks nothing."""
        for brain in self.by_role.values():
            await brain.warm()

    async def aclose(self) -> None:
        """Close every connection; the brains may be used again afterwards."""
        for brain in self.by_role.values():
            await brain.aclose()


def brains(settings: Settings, *, deadline_seconds: float = 45.0) -> Brains:
    """The models of these settings by role. What the offline model computes once stays in the home's `cache`."""
    if settings.offline:
        return Brains({Role.CONVERSATION: offline_brain(settings.home / "cache")}, offline=True)
    endpoints: tuple[Endpoint, ...] = tuple(OpenAIEndpoint(config) for config in model_configs(settings))
    return Brains({Role.CONVERSATION: Brain(endpoints, deadline_seconds=deadline_seconds)}, offline=False)


def model_configs(settings: Settings) -> tuple[ModelConfig, ...]:
    """The models the settings name, first choice first; empty means the offline one.

    A second model without an address of its own is another model of the same endpoint. Its price is not known.
    """
    if settings.offline:
        return ()
    first = ModelConfig(
        model=settings.model,
        base_url=settings.model_base_url,
        api_key=settings.model_api_key,
        mode=settings.model_mode,
        timeout_seconds=settings.model_timeout_seconds,
        price=_price(settings),
    )
    if not settings.fallback_model:
        return (first,)
    elsewhere = settings.fallback_base_url not in ("", first.base_url)
    # The first endpoint's key never travels to another host.
    key = settings.fallback_api_key or ("" if elsewhere else first.api_key)
    base_url = settings.fallback_base_url or first.base_url
    return first, replace(first, model=settings.fallback_model, base_url=base_url, api_key=key, price=None)


def offline_brain(cache_dir: Path) -> Brain:
    """The brain of the offline model."""
    from agent.offline import OfflineModel  # loads the embedder

    return Brain((OfflineEndpoint(OfflineModel(cache_dir=cache_dir)),))


def _price(settings: Settings) -> Price | None:
    if settings.model_price_in is None or settings.model_price_out is None:
        return None
    return Price(settings.model_price_in, settings.model_price_out, settings.brl_per_unit)
