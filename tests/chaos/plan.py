"""How large a storm is, and how hard it blows. Everything drawn in it is drawn from its seed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often a provider misbehaves, per call."""

    unavailable: float = 0.03  # 503, nothing taken
    silent: float = 0.01  # takes the message, never answers
    limited: float = 0.01  # 429, or the pair rate's 131056 on Cloud
    duplicated: float = 0.33  # a webhook delivered twice, half of them at the same time


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One storm. Rates are probabilities that a process dies when it passes a point of that kind."""

    name: str
    seed: int
    messages: int  # that patients write, at least
    conversations: int
    accounts: int  # half of them Cloud API, half Evolution; each of a clinic of its own
    workers: int = 3
    rates: dict[str, float] = field(default_factory=dict)  # by the part of a point's name before the dot
    kills: int = 0  # at least; patients go on writing until then
    postgres_restarts: int = 0
    restart_pause: tuple[float, float] = (2.0, 5.0)  # seconds between them
    pauses: int = 0  # SIGSTOP longer than the lease, then SIGCONT
    releases: int = 0  # SIGTERM of a process at work, and a new one in its place
    outage: float = 0.0  # seconds in which no provider answers
    queue: int = 0  # times that Valkey is flushed or killed, with a Celery worker and beat beside the processes
    thinking: float = 0.0  # seconds the mind takes for each thought, so that what pauses or dies does it in the middle
    reconcile: bool = True  # the wires tell what arrived: statuses with our reference, echoes, history
    faults: Faults = field(default_factory=Faults)
    lease: float = 5.0  # seconds a turn holds its lane: the least that the settings allow
    timeout: float = 2.0  # of a send
    grace: float = 20.0  # for a wire to tell what became of an unanswered send
    stuck: float = 90.0  # seconds without any progress, after which the storm is called stuck

    @property
    def told(self) -> dict[str, Any]:
        return asdict(self)


MATRIX = {"inbox": 0.024, "lane": 0.042, "turn": 0.042, "effects": 0.11, "adopt": 0.042, "send": 0.036}


def short(seed: int) -> Plan:
    """What every run of the tests goes through: minutes, not tens of minutes."""
    return Plan(
        name="short",
        seed=seed,
        messages=240,
        conversations=24,
        accounts=6,
        workers=2,
        rates=MATRIX,
        kills=60,
        postgres_restarts=2,
        releases=1,
        thinking=0.05,
        restart_pause=(6.0, 10.0),
        pauses=1,
    )


def whole(seed: int) -> Plan:
    """The crash matrix at its size."""
    return Plan(
        name="crash matrix",
        seed=seed,
        messages=3000,
        conversations=100,
        accounts=20,
        rates=MATRIX,
        kills=1000,
    )


def blind(seed: int) -> Plan:
    """Wires that tell nothing: what a crash between acceptance and note costs when nobody can say what arrived."""
    return Plan(
        name="without reconciliation",
        seed=seed,
        messages=300,
        conversations=30,
        accounts=6,
        rates={"send": 0.10},
        kills=40,
        reconcile=False,
        grace=2.0,
    )


def stores(seed: int, *, outage: float = 60.0) -> Plan:
    """The store, the queue, the providers and whole processes going away."""
    return Plan(
        name="store chaos",
        seed=seed,
        messages=900,
        conversations=60,
        accounts=12,
        postgres_restarts=20,
        pauses=20,
        releases=10,
        outage=outage,
        thinking=0.3,
        queue=20,
    )
