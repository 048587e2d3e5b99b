"""Every noisy variant of every suite, and the share of them that one commit plays. Pure, but for asking git which it is.

The whole set takes half an hour of processor, so each commit plays one share and another commit another. Which one is drawn
from the commit, and `CAROL_EVAL_SHARE=17` plays the one that failed again, wherever one stands.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from clinic.scenarios.schema import Scenario
from evals.heads import commit
from evals.patients.noise import kinds_of, noisy
from kit import fast_yaml
from kit.errors import Invalid

SHARES = 60
"""About 35 variants each: what a commit can wait for. A variant stays in its share, whatever else is added."""
SETTING = "CAROL_EVAL_SHARE"
READS = frozenset({"retrieval", "policy"})
_SEED = 1


class NoShare(Invalid):
    """The share asked for is none of them."""

    code = "no_share"


@dataclass(frozen=True, slots=True)
class Variant:
    """One scenario said with one kind of noise."""

    scenario: Scenario
    kind: str

    @property
    def name(self) -> str:
        return f"{self.scenario.id}/{self.kind}"

    @property
    def said(self) -> Scenario:
        return noisy(self.scenario, self.kind, seed=_SEED)


def variants(scenarios: Sequence[Scenario]) -> list[Variant]:
    """The whole set: every kind that changes what a patient says, on every scenario that needs no model to be played."""
    return [Variant(one, kind) for one in scenarios if one.patient.mode != "model" for kind in kinds_of(one, seed=_SEED)]


def reads(scenario: Scenario) -> bool:
    """Whether it is played where somebody reads documents: what is asked stands there, or it brings its own."""
    return scenario.suite in READS or bool(scenario.knowledge and scenario.knowledge.overlay)


def share(whole: Sequence[Variant], number: int) -> list[Variant]:
    """Share `number` of the set, suites and kinds mixed. Together they are the set, and no two have one in common."""
    return [one for one in whole if _of(one) == number]


def _of(one: Variant) -> int:
    return int(sha256(one.name.encode()).hexdigest(), 16) % SHARES


def drawn(environ: Mapping[str, str] | None = None) -> int:
    """Which share is due: the one asked for, else the commit's. With neither (no git) the first. Raises NoShare."""
    asked = (os.environ if environ is None else environ).get(SETTING, "")
    if asked:
        if not asked.isdecimal() or int(asked) >= SHARES:
            raise NoShare(f"{asked}: 0 to {SHARES - 1}")
        return int(asked)
    sha = commit()
    return int(sha, 16) % SHARES if sha else 0


@cache
def known_noise() -> dict[str, str]:
    """Variants that do not pass yet, `scenario/kind`, and why."""
    loaded: dict[str, str] | None = fast_yaml.load(files("evals").joinpath("known-noise.yaml").read_text("utf-8"))
    return loaded or {}
