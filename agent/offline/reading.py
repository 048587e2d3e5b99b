"""One turn's words, as they were understood: what every decision reads. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agent.offline.people import Whom
from agent.offline.temporal import When
from agent.offline.view import Professional, Service

# Answers to what was just asked, never a subject of their own.
REACTIONS = frozenset(
    [
        "yes",
        "no",
        "wait",
        "drop",
        "refuse",
        "later",
        "earlier",
        "sooner",
        "any_slot",
        "earliest",
        "latest",
        "self",
        "particular",
        "correction",
        "greet",
        "how_are_you",
        "thanks",
        "bye",
        "presence",
        "keep",
        "retry",
    ]
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One turn's words, understood. `guessed` tells that the subject came from likeness, not from a rule."""

    text: str
    folded: str
    intents: frozenset[str]
    services: tuple[Service, ...] = ()
    sure_service: bool = False
    each_service: bool = False  # several services, each named by words of its own
    professionals: tuple[Professional, ...] = ()
    stranger: str = ""  # a professional asked for who does not work here
    unit: str = ""
    when: When = field(default_factory=When)
    convenio: str = ""  # "particular", or one of the clinic's
    foreign_convenio: str = ""
    whom: Whom = field(default_factory=Whom)
    question: bool = False
    guessed: bool = False
    refuses: str = ""  # what no patient may have by asking: "visits" and "data" of others, "many", "orders", "medical"
    wished: str = ""  # folded, without what was said only to be set aside
    leaves: tuple[str, ...] = ()  # the visits whose time is left for another; "" for the one just read back
    then_when: str = ""  # when whoever comes after is to be seen
    others: tuple[str, ...] = ()  # the people asked about for whom this contact does not speak

    def has(self, *intents: str) -> bool:
        return any(intent in self.intents for intent in intents)

    @property
    def told(self) -> dict[str, Any]:
        """What was understood, for staff: only what was found."""
        found = {
            "intents": sorted(self.intents),
            "services": [service.name for service in self.services],
            "professionals": [professional.name for professional in self.professionals],
            "stranger": self.stranger,
            "unit": self.unit,
            "day": self.when.day,
            "time": self.when.time,
            "convenio": self.convenio or self.foreign_convenio,
            "person": self.whom.name,
            "guessed": self.guessed,
            "refuses": self.refuses,
        }
        return {name: value for name, value in found.items() if value}

    @property
    def subjects(self) -> frozenset[str]:
        return self.intents - REACTIONS
