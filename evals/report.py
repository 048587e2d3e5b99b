"""A run as one HTML file that needs nothing else, as JUnit and as JSON. The text of patients in it is data: always escaped."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import yaml
from jinja2 import Environment, StrictUndefined

from clinic.scenarios.schema import Scenario
from evals import stats
from evals.gate import Decision
from evals.runs import Run, Trial

_SHOWN_MOST = 200  # trials that did not pass, with their transcripts


def html(run: Run, decision: Decision, scenarios: dict[str, Scenario]) -> str:
    """The report that people read. `scenarios`: as they are now, for titles and what was expected."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("evals").joinpath("report.html").read_text("utf-8"))
    wrong = [one for one in run.trials if not one.verdict.passed]
    return template.render(
        words=yaml.safe_load(files("evals").joinpath("report.yaml").read_text("utf-8")),
        head=run.head,
        decision=decision,
        figures=figures(run),
        suites=[(one, _interval(run, one.name)) for one in decision.suites],
        wrong=[(one, scenarios.get(one.scenario)) for one in wrong[:_SHOWN_MOST]],
        more=max(0, len(wrong) - _SHOWN_MOST),
    )


def figures(run: Run) -> dict[str, Any]:
    """What the whole run comes to. pass^k is None where a scenario has fewer than k trials."""
    by_scenario = run.by_scenario()
    turns = [turn for one in run.trials for turn in one.evidence.turns]
    seconds = [turn.seconds for turn in turns]
    violating = sum(bool(one.verdict.violations) for one in run.trials)
    return {
        "due": run.due,
        "trials": len(run.trials),
        "passed": sum(one.verdict.passed for one in run.trials),
        "violations": violating,
        "violations_below": stats.upper_bound(len(by_scenario)) if not violating else None,
        "errors": sum(bool(one.verdict.error) for one in run.trials),
        "share": asdict(stats.clustered(by_scenario)) if by_scenario else None,
        "pass_hat": {k: stats.pass_hats(by_scenario, k) for k in (1, 2, 3, 4)},
        "cost_brl": sum(turn.cost_brl for turn in turns),
        "cost_brl_each": sum(turn.cost_brl for turn in turns) / len(run.trials) if run.trials else None,
        "tokens": sum(turn.tokens for turn in turns),
        "p50": stats.percentile(seconds, 0.5) if seconds else None,
        "p95": stats.percentile(seconds, 0.95) if seconds else None,
    }


def _interval(run: Run, suite: str) -> stats.Interval:
    found: dict[str, list[bool]] = {}
    for one in run.trials:
        if one.suite == suite:
            found.setdefault(one.scenario, []).append(one.verdict.passed)
    return stats.clustered(found)


def as_json(run: Run, decision: Decision) -> str:
    """For machines: head, figures, suites, and each trial's verdict."""
    told = {
        "head": asdict(run.head),
        "open": decision.open,
        "reasons": decision.reasons,
        "figures": figures(run),
        "suites": [{**asdict(one), "share": one.share} for one in decision.suites],
        "trials": [
            {"scenario": one.scenario, "suite": one.suite, "number": one.number, "noise": one.noise, **asdict(one.verdict)}
            for one in run.trials
        ],
    }
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
