"""A run as one HTML file that needs nothing else, as JUnit and as JSON. The text of patients in it is data: always escaped."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from jinja2 import Environment, StrictUndefined

from clinic.scenarios.schema import Scenario
from evals.described import BadFixture, described
from evals.gate import Decision
from evals.grading import naming
from evals.grading.rows import compared
from evals.runs import Run, Trial
from evals.telling.figures import figures, suite_figures, twin_figures

_SHOWN_MOST = 200  # trials of one kind that are told with their transcripts
_ZONE = "America/Sao_Paulo"


def html(run: Run, decision: Decision, scenarios: Mapping[str, Scenario], *, zone: str = "") -> str:
    """The report that people read. `scenarios`: as they are now, for titles and what was expected. `zone`: of the clinic;
    none: that of the scenarios' fixture."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "share": _glued(naming.share), "number": naming.number, "money": _glued(naming.money),
        "seconds": _glued(naming.seconds), "suite": naming.suite_name,
    }  # fmt: skip
    environment.globals |= {"call": naming.call, "change": naming.change, "compared": compared}
    template = environment.from_string(files("evals.telling").joinpath("report.html").read_text("utf-8"))
    return template.render(words=naming.words(), **_view(run, decision, scenarios, zone or _zone(scenarios)))


def _glued(told: Callable[..., str]) -> Callable[..., str]:
    """A figure and its unit stay on one line."""
    return lambda *given: told(*given).replace(" ", "\u00a0")


def _view(run: Run, decision: Decision, scenarios: Mapping[str, Scenario], zone: str) -> dict[str, Any]:
    trials = run.trials
    violated = [one for one in trials if one.verdict.violations]
    broke = [one for one in trials if one.verdict.error and not one.verdict.violations]
    failed = [one for one in trials if one.verdict.failures and one not in violated and one not in broke]
    return {
        "head": run.head,
        "began": naming.instant(run.head.began_at, zone),
        "decision": decision,
        "figures": figures(run),
        "suites": [(one, suite_figures([each for each in trials if each.suite == one.name])) for one in decision.suites],
        "twins": twin_figures(run, scenarios),
        "scenarios": scenarios,
        "unsigned": [name for name in run.by_scenario() if name not in scenarios or not scenarios[name].signed_by],
        "kinds": [(kind, _told(found), max(0, len(found) - _SHOWN_MOST))
                  for kind, found in (("violated", violated), ("broke", broke), ("failed", failed))],
    }  # fmt: skip


def _told(trials: Sequence[Trial]) -> list[Trial]:
    return sorted(trials, key=lambda one: (one.suite, one.scenario, one.noise, one.number))[:_SHOWN_MOST]


def _zone(scenarios: Mapping[str, Scenario]) -> str:
    fixture = next((one.fixture for one in scenarios.values()), "")
    try:
        return str(described(fixture)[1]["clinic"].get("timezone") or _ZONE)
    except BadFixture:
        return _ZONE


def as_json(run: Run, decision: Decision, scenarios: Mapping[str, Scenario] | None = None) -> str:
    """For machines: head, figures, suites, twins, and each trial's verdict."""
    told = {
        "head": asdict(run.head),
        "open": decision.open,
        "reasons": decision.reasons,
        "figures": figures(run),
        "suites": [
            {**asdict(one), "share": one.share, **suite_figures([each for each in run.trials if each.suite == one.name])}
            for one in decision.suites
        ],
        "twins": twin_figures(run, scenarios or {}),
        "trials": [
            {"scenario": one.scenario, "suite": one.suite, "number": one.number, "noise": one.noise, **asdict(one.verdict),
             "retrieved": asdict(one.retrieved) if one.retrieved else None}
            for one in run.trials
        ],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1, default=str)


def junit(run: Run, decision: Decision) -> str:
    """For CI: a test case a trial; a run that is not whole is an error of its own."""
    root = Element("testsuites", name="carol eval")
    for suite in decision.suites:
        trials = [one for one in run.trials if one.suite == suite.name]
        node = SubElement(root, "testsuite", name=suite.name, tests=str(len(trials)), errors=str(suite.errors),
                          failures=str(len(trials) - suite.passed - suite.errors))  # fmt: skip
        for one in trials:
            _case(node, one)
    if decision.reasons:
        node = SubElement(root, "testsuite", name="gate", tests="1", failures="1", errors="0")
        SubElement(SubElement(node, "testcase", name="gate"), "failure", message=_clean("; ".join(decision.reasons)))
    return tostring(root, encoding="unicode", xml_declaration=True)


def _case(node: Element, trial: Trial) -> None:
    seconds = sum(turn.seconds for turn in trial.evidence.turns)
    name = " ".join(filter(None, [trial.scenario, trial.noise, f"#{trial.number}"]))
    case = SubElement(node, "testcase", classname=trial.suite, name=name, time=f"{seconds:.3f}")
    verdict = trial.verdict
    if verdict.error:
        SubElement(case, "error", message=_clean(verdict.error))
    elif not verdict.passed:
        SubElement(case, "failure", message=_clean("; ".join((*verdict.violations, *verdict.failures))))


def _clean(text: str) -> str:
    """XML holds no control characters."""
    return "".join(letter if letter in "\t\n" or letter >= " " else "?" for letter in text)[:2000]
