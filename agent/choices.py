"""The models a rehearsal may ask for by name, from the settings alone: light enough for whoever only lists them."""

from __future__ import annotations

from dataclasses import dataclass

from kit.settings import Settings

OFFLINE = "offline"  # the demonstration model, always there
FAILING = "failing"  # models that do not answer


@dataclass(frozen=True, slots=True)
class Choice:
    """`name` asks for it; `default`: who speaks with patients, with the second model behind it."""

    name: str
    default: bool


def choices(settings: Settings) -> tuple[Choice, ...]:
    """The default first, then the second model, then the offline one."""
    if settings.offline:
        return (Choice(OFFLINE, default=True),)
    second = (Choice(settings.fallback_model, default=False),) if settings.fallback_model else ()
    return (Choice(settings.model, default=True), *second, Choice(OFFLINE, default=False))


def may_ask_for(settings: Settings, name: str) -> bool:
    """Whether a rehearsal may name this as its model."""
    return name == FAILING or any(choice.name == name for choice in choices(settings))
