"""What a judge's word is worth: its answers against labels that people gave. Pure but for the file that keeps the figures.

An always-pass judge agrees with most of what passes, and has a kappa of 0.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from clinic.scenarios.schema import Scenario
from evals.grading.grade import Verdict
from evals.judging.judge import HOME, Judge, Rubric, Talk, rubric
from evals.patients.simulated import say
from kit.errors import Invalid
from kit.settings import Settings

LABELS = Path(str(files("evals.judging"))) / "labels"
SHOWN_FROM, GATES_FROM = 0.60, 0.75  # kappa
LEAST, SKEWED = 100, 0.10  # labels; how far from half of them may be a yes
SIMULATOR = "patient"
"""The rubric about whoever played the patient: it says nothing of Carol."""
DEMO = "demo"
"""Who labelled for demonstration: one reader, and two readings of people who work in a clinic are missing."""

Standing = Literal["unfit", "shown", "gates"]
Some = Annotated[str, StringConstraints(min_length=1)]


class BadLabels(Invalid):
    """A file of labels that cannot be read, or that is of other questions."""

    code = "bad_labels"


class Label(BaseModel):
    """One exchange and whether the question holds of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Some
    question: Some
    said: Some
    reply: Some
    holds: bool
    labelled_by: Some

    @property
    def talk(self) -> Talk:
        return (("patient", self.said), ("carol", self.reply))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of how many labels. `undecided` counts against the judge. Rates are None where no label asks for them."""

    labels: int
    agreed: int
    undecided: int
    tpr: float | None
    tnr: float | None
    kappa: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A judge against the labels of one rubric version."""

    judge: str
    rubric: str
    labels: str  # digest of the file
    readers: tuple[str, ...]
    figures: Figures
    by_question: Mapping[str, Figures] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()  # ids of labels

    @property
    def provisional(self) -> bool:
        """Whether only demonstration labels stand behind it."""
        return set(self.readers) <= {DEMO}

    @property
    def standing(self) -> Standing:
        """What its word is worth: nothing, shown, or enough to fail a scenario that is not critical."""
        if self.figures.labels < LEAST or not self.figures.kappa >= SHOWN_FROM:
            return "unfit"
        return "gates" if self.figures.kappa >= GATES_FROM else "shown"


def labels_for(rubric: Rubric, *, home: Path = LABELS) -> tuple[Label, ...]:
    """The labels of a rubric; none without a file. Raises BadLabels, also when nearly all say the same: any judge agrees."""
    path = home / f"{rubric.rubric}.jsonl"
    if not path.is_file():
        return ()
    try:
        found = tuple(Label.model_validate_json(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    except ValidationError as wrong:
        raise BadLabels(f"{path.name}: {wrong.errors()[0]['msg']}") from wrong
    if unknown := {one.question for one in found} - set(rubric.questions):
        raise BadLabels(f"{path.name}: no such question: {', '.join(sorted(unknown))}")
    if len({one.id for one in found}) != len(found):
        raise BadLabels(f"{path.name}: an id is used twice")
    if found and abs(sum(one.holds for one in found) / len(found) - 0.5) > SKEWED:
        raise BadLabels(f"{path.name}: not balanced")
    return found


def figures(pairs: Sequence[tuple[bool, bool | None]]) -> Figures:
    """Of (what the label says, what the judge says)."""
    total = len(pairs)
    yes = [said for holds, said in pairs if holds]
    no = [said for holds, said in pairs if not holds]
    agreed = sum(holds is said for holds, said in pairs)
    return Figures(
        labels=total,
        agreed=agreed,
        undecided=sum(said is None for _, said in pairs),
        tpr=sum(said is True for said in yes) / len(yes) if yes else None,
        tnr=sum(said is False for said in no) / len(no) if no else None,
        kappa=_kappa(pairs, agreed),
    )


def _kappa(pairs: Sequence[tuple[bool, bool | None]], agreed: int) -> float:
    """Cohen's: agreement beyond what two strangers with these habits would have. 0 where there is nothing to go beyond."""
    total = len(pairs)
    if not total:
        return 0.0
    chance = sum(
        (sum(holds is one for holds, _ in pairs) / total) * (sum(said is one for _, said in pairs) / total)
        for one in (True, False)
    )
    return 0.0 if chance >= 1 else (agreed / total - chance) / (1 - chance)


def calibration(judge: str, rubric: Rubric, labels: Sequence[Label], answers: Sequence[bool | None]) -> Calibration:
    """The judge's answers, label by label."""
    both = list(zip(labels, answers, strict=True))
    return Calibration(
        judge=judge,
        rubric=rubric.name,
        labels=digest(labels),
        readers=tuple(sorted({one.labelled_by for one in labels})),
        figures=figures([(label.holds, said) for label, said in both]),
        by_question={
            name: figures([(label.holds, said) for label, said in both if label.question == name])
            for name in sorted({label.question for label in labels})
        },
        wrong=tuple(label.id for label, said in both if said is not label.holds),
    )


def digest(labels: Sequence[Label]) -> str:
    """Twelve digits that change with the labels."""
    return hashlib.sha256("\n".join(one.model_dump_json() for one in labels).encode()).hexdigest()[:12]


async def calibrate(
    judge: Judge, rubric: Rubric, labels: Sequence[Label], *, at_once: int = 4, told: Callable[[int], None] = lambda _: None
) -> Calibration:
    """Asks the judge about every label."""
    places, done = asyncio.Semaphore(at_once), 0

    async def one(label: Label) -> bool | None:
        nonlocal done
        async with places:
            found = await judge.opinion(rubric, rubric.questions[label.question].ask, label.talk)
        done += 1
        told(done)
        return found.answer

    return calibration(judge.model, rubric, labels, await asyncio.gather(*(one(label) for label in labels)))


# --- kept -----------------------------------------------------------------------------------------------------------------


def keep(home: Path, found: Calibration) -> Path:
    """Writes it down for the runs that follow."""
    path = _path(home, found.judge, found.rubric)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1), "utf-8")
    os.replace(part, path)
    return path


def kept(home: Path, judge: str, rubric: Rubric, *, labels: Path = LABELS) -> Calibration | None:
    """How this judge did with this rubric, in these very words, over the labels as they are now; None: nobody asked it."""
    try:
        given = json.loads(_path(home, judge, rubric.name).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    found = Calibration(
        **{**given, "figures": Figures(**given["figures"]), "readers": tuple(given["readers"]), "wrong": tuple(given["wrong"])}
    )
    by_question = {name: Figures(**one) for name, one in given["by_question"].items()}
    same = found.judge == judge and found.rubric == rubric.name and found.labels == digest(labels_for(rubric, home=labels))
    return replace(found, by_question=by_question) if same else None


def standings(settings: Settings) -> dict[str, Standing]:
    """What the configured judge's word is worth, by rubric; a rubric it was never asked about is not there."""
    every = (rubric(path.stem) for path in sorted(HOME.glob("*.yaml")))
    found = ((one.rubric, kept(settings.home, settings.judge_model, one)) for one in every)
    return {name: one.standing for name, one in found if one is not None}


def _path(home: Path, judge: str, rubric: str) -> Path:
    return home / "evals" / "judges" / f"{hashlib.sha256(f'{judge} {rubric}'.encode()).hexdigest()[:16]}.json"


# --- counted ----------------------------------------------------------------------------------------------------------------


def counted(verdict: Verdict, scenario: Scenario, judged: Mapping[str, Any]) -> Verdict:
    """The verdict with what a judge misses, where its word is worth that. Critical scenarios are never decided by a judge."""
    if scenario.critical:
        return verdict
    missed = [
        say("missed", rubric=one["rubric"], question=name, reasons=" / ".join(one["reasons"])[:300])
        for name, one in judged.items()
        if one["standing"] == "gates" and one["answer"] is False and not one["rubric"].startswith(f"{SIMULATOR}@")
    ]
    return replace(verdict, failures=(*verdict.failures, *missed)) if missed else verdict
