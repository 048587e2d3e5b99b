"""What a clinic decides beside its agenda: what may be spent, when it writes first, whom it tells. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from typing import Any, Literal

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What Carol may spend; reaching one stops her before the next call, and a person is asked. None: no limit."""

    turns_per_hour: int = 30  # of one contact
    reais_per_contact_day: Decimal | None = Decimal(5)
    reais_per_month: Decimal | None = None  # of the whole clinic


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A message the platform approved beforehand: all that may be sent when the 24-hour window is closed.

    `body` has {{1}}, {{2}}… for its parameters, as registered there. `purpose`: reengage (carries on an interrupted answer),
    case_late (a promise slips), report (a report of a shift waits), and what later releases add.
    """

    name: str
    purpose: str
    body: str
    language: str = "pt_BR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Messaging:
    """When and how the clinic writes first. Local wall clock; quiet hours may pass midnight."""

    quiet_from: time = time(20)
    quiet_until: time = time(8)
    fail_over: bool = True  # an answer leaves by the clinic's other wire when its own is down and knows the contact
    templates: tuple[Template, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of the team who is told when a patient waits. Level 1 is told first; each next one when nobody took it."""

    key: str
    name: str
    phone: str  # E.164
    level: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    members: tuple[Member, ...] = ()
    climb_minutes: int = 30  # without anybody taking a case before the next level is told; 5 for an urgent one


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """When a known number is doubted: silent for longer than this, or somebody else's name."""

    silent_days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """Whether Carol may answer again where a person took a conversation and the team went silent. None: never by herself."""

    return_after_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When somebody is told that reports do not go well."""

    approval: float = 70.0  # percent of a day's reports that the reviewer approved; told below it
    fallback: float = 20.0  # percent that went as the fallback text; told above it
    review_stuck_minutes: int = 60  # told after it
    send_failed: float = 20.0  # percent of a day's messages that did not leave; told above it
    silent_hours: int = 24  # since the source last had a report; told after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Shift reports to families. `source` None: this clinic sends none; its shape is `channels/primecare`'s, secrets as
    env:NAME. `hours`: when a run begins, by the clinic's clock. `urgent`: whether a person reads what is urgent
    before the family. `fallback` empty: the house's words. The team is told by
    `admin_phone` of what cannot wait. `ranges`: the clinic's own limits of measures, over the house's."""

    source: Mapping[str, Any] | None = field(default=None, repr=False)
    hours: tuple[time, ...] = (time(12), time(18), time(20))
    review_minutes: int = 120
    urgent: Literal["person", "alone"] = "person"  # who lets a report go in which something urgent was found
    fallback: str = ""
    admin_phone: str | None = None  # E.164
    thresholds: Thresholds = Thresholds()
    ranges: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)  # by group of age and measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    limits: Limits = Limits()
    messaging: Messaging = Messaging()
    team: Team = Team()
    identity: Identity = Identity()
    handoff: Handoff = Handoff()
    reports: Reports = Reports()


_ADAPTER = TypeAdapter(Policies)


def policies_json(policies: Policies) -> dict[str, Any]:
    """Policies as `clinics.policies` keeps them."""
    written: dict[str, Any] = _ADAPTER.dump_python(policies, mode="json")
    return written


def policies_of(stored: dict[str, Any]) -> Policies:
    """Policies back from `clinics.policies`; what an older row does not say has its default."""
    return _ADAPTER.validate_python(stored)
