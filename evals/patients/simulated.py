"""What a simulated patient did wrong, told apart from what Carol did wrong. Pure: evidence in, mistakes out.

A patient who tells what they cannot know, or agrees to what nobody read back, makes a good receptionist look bad or a bad one
good. Such a talk is played again; how often it happened is a figure of the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from clinic.scenarios.schema import Scenario
from evals.evidence import Evidence, Turn
from evals.patients.users import STOP, YES
from evals.words import folded
from kit import fast_yaml

AGAIN = 2
"""How often a talk with a simulator's mistake is played again; what comes then counts, whatever it is."""
MOST = 0.10
"""More mistaken talks than this, and the run says more of its patients than of Carol."""
# What a person is known by: whole dates, documents, phones. A day and a month are how one asks for a time.
_DATE = re.compile(r"\b(\d{1,2})/(\d{1,2})/(?:19|20)?(\d{2})\b")
_NUMBER = re.compile(r"(?<![\d/])(?:\d[ .()-]*){6,}(?![\d/])")
_SLIPPED = re.compile(
    r"modelo de linguagem|inteligencia artificial que|como (?:uma )?ia\b|^(?:carol|paciente|assistente) ?:|\(a conversa comeca"
)
_YES = re.compile(r"^(?:sim|isso mesmo|confirmo|pode (?:marcar|confirmar|cancelar|trocar|remarcar|fechar))\b")


@dataclass(frozen=True, slots=True)
class Rate:
    """Talks with a simulator's mistake, of all that were played, those played again included."""

    mistaken: int
    played: int

    @property
    def share(self) -> float:
        return self.mistaken / self.played if self.played else 0.0

    @property
    def fit(self) -> bool:
        """Whether the run may be believed to be about Carol."""
        return self.share <= MOST


def mistakes(scenario: Scenario, evidence: Evidence) -> tuple[str, ...]:
    """What the model that played the patient did wrong; nothing for other patients."""
    if scenario.patient.mode != "model":
        return ()
    return tuple(dict.fromkeys([*_invented(scenario, evidence), *_agreed(evidence.turns), *_slipped(evidence.turns)]))


def _invented(scenario: Scenario, evidence: Evidence) -> Iterator[str]:
    """Numbers, dates and other people's data that stand neither in the part nor in what Carol had said."""
    patient = scenario.patient
    part = [patient.persona, patient.goal, *patient.known.values(), *(patient.opening.texts if patient.opening else ())]
    heard = folded(" ".join(part))
    for number, turn in enumerate(evidence.turns, 1):
        for text in turn.said:
            said = folded(text)
            for found in sorted(_numbers(said) - _numbers(heard)):
                yield say("invented", turn=number, what=found)
            for secret in evidence.secrets:
                if folded(secret.value) in said and folded(secret.value) not in heard:
                    yield say("invented_of", turn=number, who=secret.whose)
        heard += " " + folded(turn.reply)


def _agreed(turns: Sequence[Turn]) -> Iterator[str]:
    """A yes is to what was read back and not yet answered."""
    for number, (turn, pending) in enumerate(_pending(turns), 1):
        if turn.agrees and not pending:
            yield say("agreed_to_nothing", turn=number)
        if _unmarked(turn, pending):
            yield say("unmarked", turn=number)


def as_meant(evidence: Evidence) -> Evidence:
    """With every plain yes marked: what Carol did on it is no write without one, in a talk that does not count anyway."""
    turns = tuple(replace(turn, agrees=turn.agrees or _unmarked(turn, pending)) for turn, pending in _pending(evidence.turns))
    return replace(evidence, turns=turns)


def _pending(turns: Sequence[Turn]) -> Iterator[tuple[Turn, bool]]:
    """Each turn, and whether something read back was waiting for a yes when it began."""
    pending = False
    for turn in turns:
        yield turn, pending
        done = turn.agrees or any(call.effect == "write" and call.ok for call in turn.calls)
        pending = _proposed(turn) or (pending and not done)


def _unmarked(turn: Turn, pending: bool) -> bool:
    return pending and not turn.agrees and _YES.match(folded(turn.said[-1])) is not None


def _proposed(turn: Turn) -> bool:
    return any(call.ok and call.tool.startswith("propose_") for call in turn.calls)


def _slipped(turns: Sequence[Turn]) -> Iterator[str]:
    for number, turn in enumerate(turns, 1):
        said = folded(" ".join(turn.said))
        if _SLIPPED.search(said) or folded(STOP) in said or folded(YES) in said:
            yield say("slipped", turn=number)


def _numbers(text: str) -> set[str]:
    """Dates and long numbers, in one spelling each; a dated day is no number."""
    dates = {"/".join(str(int(part)) for part in found) for found in _DATE.findall(text)}
    return dates | {re.sub(r"\D", "", found) for found in _NUMBER.findall(_DATE.sub(" ", text))}


def review(found: Sequence[str], discarded: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """As a trial keeps it: what was wrong in the talk that counts, and in those held before it."""
    return {"mistakes": list(found), "discarded": [dict(one) for one in discarded]}


def rate(reviews: Iterable[Mapping[str, Any]]) -> Rate:
    """Over the trials of a run. Patients that no model played have no review; a talk that nobody came to is none."""
    talks = [one for review in reviews if review for one in (review, *review["discarded"]) if not one.get("away")]
    return Rate(sum(bool(one["mistakes"]) for one in talks), len(talks))


@cache
def _words() -> Mapping[str, str]:
    loaded: Mapping[str, str] = fast_yaml.load(files("evals.judging").joinpath("beside.yaml").read_text("utf-8"))
    return loaded


def say(key: str, **values: object) -> str:
    """A sentence about those beside Carol. Raises KeyError for one that is not written."""
    return _words()[key].format(**values)
