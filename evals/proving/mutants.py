"""Carols with one defect each: what a scenario's oracle does, spoilt. A scenario that passes one of them proves nothing.

Where the house itself would stop the defect, that check is off: what is proved here is the suite, not the house.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any
from unittest.mock import patch

from agent.guardrails.outgoing import Verdict as Said
from clinic.scenarios.schema import OracleTurn, Row, Scenario
from evals.grading.grade import COMMITS, Verdict, grade
from evals.patients.users import standing_in
from evals.playing.drive import trial
from evals.playing.ground import Ground
from evals.playing.reference import Oracle
from kit import fast_yaml
from tools.context import Result, ToolContext, error

Spoil = Callable[[Scenario, str], Sequence[OracleTurn] | None]
"""What is done instead of the oracle, or None: this scenario gives the defect no occasion. The words are the mutant's own."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`least`: the share of the scenarios with an occasion that must notice; `forbidden`: as a violation."""

    name: str
    told: str
    spoil: Spoil
    least: float
    words: str = ""
    suites: tuple[str, ...] = ()
    forbidden: bool = False
    without: tuple[tuple[str, str, Any], ...] = ()

    async def survives(self, ground: Ground, scenario: Scenario) -> Verdict | None:
        """The verdict of a scenario that did not notice; None: it did, or there was no occasion."""
        turns = self.turns(scenario, await _secret(ground, scenario))
        if turns is None:
            return None
        spoilt = scenario.model_copy(update={"oracle": tuple(turns)})
        played = standing_in(spoilt)
        with _without(self.without):
            verdict = grade(scenario, await trial(ground.stage, played, 1, ground.lane(_careless)(played)))
        noticed = verdict.violations if self.forbidden else (verdict.failures or verdict.violations or verdict.error)
        return None if noticed else verdict

    def turns(self, scenario: Scenario, secret: str = "alguém") -> Sequence[OracleTurn] | None:
        """What the mutant does instead of the oracle; None without an occasion."""
        if self.suites and scenario.suite not in self.suites:
            return None
        if "house" in scenario.tags and not self.without:
            return None  # the house answers, whatever a mind says
        words = self.words.replace("{value}", secret)
        return self.spoil(scenario, words) if scenario.oracle else None


def _careless(scenario: Scenario) -> Oracle:
    return Oracle(scenario, careless=True)


async def _secret(ground: Ground, scenario: Scenario) -> str:
    """The name of somebody whom the writer must not hear of, and does not name."""
    said = scenario.patient.model_dump_json().casefold()
    strangers = (await ground.stage.fixture(scenario)).strangers_to(scenario)
    return next((one.name for one in strangers if one.name.casefold() not in said), "")


@contextmanager
def _without(patches: Sequence[tuple[str, str, Any]]) -> Iterator[None]:
    with ExitStack() as stack:
        for module, name, instead in patches:
            stack.enter_context(patch.object(import_module(module), name, instead))
        yield


# --- defects ------------------------------------------------------------------------------------------------------------


def _calls(turns: Sequence[OracleTurn]) -> list[Row]:
    return [call for turn in turns for call in turn.calls]


def _dropped(*tools: str) -> Spoil:
    def spoil(scenario: Scenario, _words: str) -> Sequence[OracleTurn] | None:
        if not any(call["tool"] in tools for call in _calls(scenario.oracle)):
            return None
        return [
            turn.model_copy(update={"calls": tuple(call for call in turn.calls if call["tool"] not in tools)})
            for turn in scenario.oracle
        ]

    return spoil


def _changed(name: str, to: Callable[[str, str], str]) -> Spoil:
    """Another value of one argument, wherever it is given and the visit comes to be."""

    def spoil(scenario: Scenario, words: str) -> Sequence[OracleTurn] | None:
        calls = _calls(scenario.oracle)
        if not any(name in call for call in calls) or not any(call["tool"] in COMMITS for call in calls):
            return None
        return [
            turn.model_copy(
                update={
                    "calls": tuple({**call, name: to(str(call[name]), words)} if name in call else call for call in turn.calls)
                }
            )
            for turn in scenario.oracle
        ]

    return spoil


def _hands_over(scenario: Scenario, _words: str) -> Sequence[OracleTurn] | None:
    allowed = scenario.expect.state.get("cases")
    if allowed is not None or any(call["tool"] == "escalate" for call in _calls(scenario.oracle)):
        return None
    first, *rest = scenario.oracle
    call = {"tool": "escalate", "kind": "other", "brief": "quer falar com alguém"}
    return [first.model_copy(update={"calls": (*first.calls, call)}), *rest]


def _mute(scenario: Scenario, words: str) -> Sequence[OracleTurn]:
    return [turn.model_copy(update={"say": words}) for turn in scenario.oracle]


def _only_words(scenario: Scenario, words: str) -> Sequence[OracleTurn]:
    return [OracleTurn(say=words) for _ in scenario.oracle]


def _answers(scenario: Scenario, words: str) -> Sequence[OracleTurn] | None:
    """Only where the clinic's documents or tables answer."""
    known = scenario.knowledge.refs if scenario.knowledge is not None else scenario.suite == "policy"
    return _only_words(scenario, words) if known else None


def _late(scenario: Scenario, words: str) -> Sequence[OracleTurn] | None:
    return [OracleTurn(say=words), *scenario.oracle[:-1]] if len(scenario.oracle) > 1 else None


def _unasked(scenario: Scenario, _words: str) -> Sequence[OracleTurn] | None:
    """The commit of a later turn is made where it was proposed."""
    turns, moved = [turn.model_copy() for turn in scenario.oracle], False
    for place, turn in enumerate(turns[:-1]):
        commits = [call for call in turns[place + 1].calls if call["tool"] in COMMITS]
        if commits and any(str(call["tool"]).startswith("propose_") for call in turn.calls):
            turns[place] = turn.model_copy(update={"calls": (*turn.calls, *commits)})
            later = tuple(call for call in turns[place + 1].calls if call["tool"] not in COMMITS)
            turns[place + 1], moved = turns[place + 1].model_copy(update={"calls": later}), True
    return turns if moved else None


def _adds(scenario: Scenario, words: str) -> Sequence[OracleTurn] | None:
    if "house" in scenario.tags or words.startswith("A propósito,  "):  # nobody's model speaks, or nobody to tell of
        return None
    return [turn.model_copy(update={"say": f"{turn.say} {words}"}) for turn in scenario.oracle]


def _afterwards(scenario: Scenario, words: str) -> Sequence[OracleTurn] | None:
    first, *rest = scenario.oracle
    return [first, *(OracleTurn(say=words) for _ in rest)] if rest else None


# --- checks that are off ------------------------------------------------------------------------------------------------


def _always_agreed(ctx: ToolContext, _handle: str, kind: Any) -> Any:
    return ctx.proposal if ctx.proposal is not None and ctx.proposal.kind is kind else error("unknown_proposal")


async def _sees_nothing(*_given: Any) -> list[Result]:
    return []


_UNCHECKED = (("agent.guardrails.outgoing", "review", lambda *_a, **_k: Said(ok=True)),)
_UNREAD: tuple[tuple[str, str, Any], ...] = (
    ("clinic.conversations.dangers.red_flags", "read_all", lambda *_a, **_k: []),
    ("clinic.conversations.dangers.red_flags", "read", lambda *_a, **_k: None),
    ("graphs.gather", "_second_look", _sees_nothing),
)
_FORGOTTEN = (("graphs.danger", "follow", lambda *_a, **_k: None),)


def unread() -> AbstractContextManager[None]:
    """Inside, nobody reads signs of danger."""
    return _without(_UNREAD)


_MADE: Mapping[str, tuple[Spoil, tuple[tuple[str, str, Any], ...]]] = {
    "forgets_to_commit": (_dropped(*COMMITS), ()),
    "another_hour": (_changed("slot", lambda was, _: f"!{was.removeprefix('@')}"), ()),
    "another_name": (_changed("person_name", lambda _, words: words), ()),
    "never_hands_over": (_dropped("escalate"), _UNCHECKED),
    "always_hands_over": (_hands_over, ()),
    "says_nothing": (_mute, ()),
    "yes_to_all": (_only_words, ()),
    "never_knows": (_answers, ()),
    "a_turn_late": (_late, ()),
    "commits_unasked": (_unasked, (("tools.visits", "_agreed", _always_agreed),)),
    "gossips": (_adds, _UNCHECKED),
    "prescribes": (_adds, _UNCHECKED),
    "deaf_to_danger": (_only_words, _UNREAD),
    "forgets_danger": (_afterwards, _FORGOTTEN),
}


@cache
def mutants() -> tuple[Mutant, ...]:
    """Every mutant, in the order of the file."""
    loaded: dict[str, dict[str, Any]] = fast_yaml.load(files("evals.proving").joinpath("mutants.yaml").read_text("utf-8"))
    return tuple(
        Mutant(name=name, spoil=_MADE[name][0], without=_MADE[name][1], **{**one, "suites": tuple(one.get("suites", ()))})
        for name, one in loaded.items()
    )
