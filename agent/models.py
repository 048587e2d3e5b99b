"""Which model plays which role, from the settings. Without a model in the settings the offline one plays them all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from agent.brain import Brain
from agent.choices import FAILING, OFFLINE
from agent.endpoint import DeadEndpoint, Endpoint, ModelConfig, OfflineEndpoint, OpenAIEndpoint
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
    choices: Choices | None = None  # what a rehearsal may ask for instead

    @property
    def conversation(self) -> Brain:
        """Who talks with patients."""
        return self.by_role[Role.CONVERSATION]

    def role(self, role: Role) -> Brain:
        """The brain that plays `role`."""
        return self.by_role.get(role, self.conversation)

    async def asked_for(self, name: str | None) -> tuple[Brain, bool]:
        """Who talks in a rehearsal that asks for `name`, and whether that is the demonstration model; the default for a
        name we do not know."""
        found = await self.choices.called(name) if self.choices and name else None
        return found or (self.conversation, self.offline)

    async def warm(self) -> None:
        """Load every model's machinery (1 to 2 s of imports) before the first patient waits for it; asks nothing."""
        for brain in self.by_role.values():
            await brain.warm()

    async def aclose(self) -> None:
        """Close every connection; the brains may be used again afterwards."""
        for brain in self.by_role.values():
            await brain.aclose()


class Choices:
    """Brains by the name a rehearsal asks for them; each is made when first asked for, beside the event loop."""

    def __init__(self, makers: Mapping[str, Callable[[], tuple[Brain, bool]]]) -> None:
        self._makers = makers
        self._made: dict[str, tuple[Brain, bool]] = {}
        self._making = asyncio.Lock()

    async def called(self, name: str) -> tuple[Brain, bool] | None:
        """The brain of that name, and whether it is the demonstration model; None for a name we do not know."""
        if name not in self._makers:
            return None
        async with self._making:
            if name not in self._made:
                self._made[name] = await asyncio.to_thread(self._makers[name])
            return self._made[name]


def brains(settings: Settings, *, deadline_seconds: float = 45.0) -> Brains:
    """The models of these settings by role. What the offline model computes once stays in the home's `cache`."""
    cache = settings.home / "cache"
    if settings.offline:
        speaker = offline_brain(cache)
        return Brains({Role.CONVERSATION: speaker}, offline=True, choices=Choices({FAILING: lambda: (_dead(speaker), True)}))
    endpoints: tuple[Endpoint, ...] = tuple(OpenAIEndpoint(config) for config in model_configs(settings))
    speaker = Brain(endpoints, deadline_seconds=deadline_seconds)
    # A review is a form, and cold: the same message should be held the same.
    forms = (OpenAIEndpoint(replace(each, mode="form", temperature=0.0)) for each in reviewer_configs(settings))
    reviewer = Brain(tuple(forms), deadline_seconds=deadline_seconds)
    # The first model asked for by name is the default: the second one behind it, as with patients.
    second = {each.config.model: _alone(each, deadline_seconds) for each in endpoints[1:]}
    choices = Choices({OFFLINE: lambda: (offline_brain(cache), True), FAILING: lambda: (_dead(speaker), False), **second})
    return Brains({Role.CONVERSATION: speaker, Role.REVIEWER: reviewer}, offline=False, choices=choices)


def _alone(model: Endpoint, deadline_seconds: float) -> Callable[[], tuple[Brain, bool]]:
    return lambda: (Brain((model,), deadline_seconds=deadline_seconds), False)


def _dead(speaker: Brain) -> Brain:
    """The same models, none of which answers."""
    return Brain(tuple(DeadEndpoint(model.config) for model in speaker.models))


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
    return first, _beside(first, settings.fallback_model, settings.fallback_base_url, settings.fallback_api_key)


def reviewer_configs(settings: Settings) -> tuple[ModelConfig, ...]:
    """Who reviews what was written: a model of its own where the settings name one, and then nobody stands in for it; else
    the models that write."""
    models = model_configs(settings)
    if not settings.reviewer_model or not models:
        return models
    return (_beside(models[0], settings.reviewer_model, settings.reviewer_base_url, settings.reviewer_api_key),)


def _beside(first: ModelConfig, model: str, base_url: str, api_key: str) -> ModelConfig:
    """Another model, of the same endpoint unless it has an address of its own; then the first one's key stays at home. Its
    price is not known."""
    key = api_key or ("" if base_url not in ("", first.base_url) else first.api_key)
    return replace(first, model=model, base_url=base_url or first.base_url, api_key=key, price=None)


def offline_brain(cache_dir: Path) -> Brain:
    """The brain of the offline model."""
    from agent.offline import OfflineModel  # loads the embedder

    return Brain((OfflineEndpoint(OfflineModel(cache_dir=cache_dir)),))


def _price(settings: Settings) -> Price | None:
    if settings.model_price_in is None or settings.model_price_out is None:
        return None
    return Price(settings.model_price_in, settings.model_price_out, settings.brl_per_unit)
