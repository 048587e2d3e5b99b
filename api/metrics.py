"""What Prometheus reads: numbers by clinic and state. No person is in them, and no text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Literal

from fastapi import APIRouter, Request, Response

from api.clinics import clinics_with_reports
from api.state import house
from clinic.reports.gauges_store import Gauges, gauges
from clinic.reports.models import State
from db import beats
from db.session import clinic_session
from kit.clock import utc_now

router = APIRouter(tags=["health"])

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STATES = tuple(state.value for state in State)
_BECAME = ("approved", "failed", "person", "fallback", "sent", "send_failed")
_ENDED, _SEVERITIES = ("completed", "failed"), ("critical", "warning", "info")
Kind = Literal["gauge", "counter"]
# name → (kind, what it is)
_CLOCK = "carol_clock_silent_seconds"  # of no clinic
_SAID: Mapping[str, tuple[Kind, str]] = {
    _CLOCK: ("gauge", "Since the clock (beat, and a worker that hears it) last gave a sign of life."),
    "carol_reports": ("gauge", "Reports to families by state."),
    "carol_reports_last_day": (
        "gauge",
        "Reports of the last 24 hours by what they became, each as often as it became something.",
    ),
    "carol_report_runs_total": ("counter", "Runs of reports that ended, by how."),
    "carol_report_alerts": ("gauge", "Alerts about reports that ask for somebody, by severity."),
    "carol_report_stage_seconds": ("gauge", "What each stage of the run that ended last took."),
    "carol_report_last_run_age_seconds": ("gauge", "Since the last run ended."),
    "carol_report_run_overdue_seconds": ("gauge", "Since a run was due or begun that is not over."),
    "carol_report_oldest_unwritten_seconds": ("gauge", "The longest that a report has waited to be written."),
    "carol_report_oldest_review_seconds": ("gauge", "The longest that a report has waited for a person."),
    "carol_report_oldest_queued_seconds": ("gauge", "The longest that a report has waited for its wire."),
    "carol_report_source_age_seconds": ("gauge", "Since the source last answered."),
    "carol_report_source_errors": ("gauge", "How often in a row the source has failed."),
}


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """In the text format of Prometheus; the operator's password by HTTP Basic where there is one."""
    pool = house(request).pool
    found: dict[str, Gauges] = {}
    for clinic_id, slug in await clinics_with_reports(pool):
        async with clinic_session(pool, clinic_id) as s:
            found[slug] = await gauges(s, utc_now())
    return Response(text(found, silent=await beats.silent_for(pool)), media_type=_TYPE)


def text(found: Mapping[str, Gauges], *, silent: float) -> str:
    """The page, a family of figures after the other. `silent`: seconds since the clock gave a sign of life."""
    lines: dict[str, list[str]] = {name: [] for name in _SAID}
    lines[_CLOCK].append(f"{_CLOCK} {silent:g}" if isfinite(silent) else f"{_CLOCK} +Inf")
    for slug, one in found.items():
        for name, labels, value in _figures(one):
            said = ",".join(f'{key}="{_escaped(known)}"' for key, known in {"clinic": slug, **labels}.items())
            lines[name].append(f"{name}{{{said}}} {value:g}")
    heads = {name: [f"# HELP {name} {said}", f"# TYPE {name} {kind}"] for name, (kind, said) in _SAID.items()}
    return "\n".join(line for name, figures in lines.items() for line in (*heads[name], *figures)) + "\n"


def _figures(one: Gauges) -> Iterator[tuple[str, Mapping[str, str], float]]:
    for state in _STATES:
        yield "carol_reports", {"state": state}, one.states.get(state, 0)
    for became in _BECAME:
        yield "carol_reports_last_day", {"became": became}, getattr(one.recent, became)
    for status in _ENDED:
        yield "carol_report_runs_total", {"status": status}, one.runs.get(status, 0)
    for severity in _SEVERITIES:
        yield "carol_report_alerts", {"severity": severity}, one.alerts.get(severity, 0)
    for stage, seconds in one.stages.items():
        yield "carol_report_stage_seconds", {"stage": stage}, seconds
    ages = {
        "carol_report_last_run_age_seconds": one.last_run,
        "carol_report_source_age_seconds": one.source,
        # Nothing waits: an alarm on the age must end when what it was of is gone.
        "carol_report_run_overdue_seconds": one.overdue or 0.0,
        "carol_report_oldest_unwritten_seconds": one.oldest_unwritten or 0.0,
        "carol_report_oldest_review_seconds": one.oldest_review or 0.0,
        "carol_report_oldest_queued_seconds": one.oldest_queued or 0.0,
    }
    for name, age in ages.items():
        if age is not None:
            yield name, {}, age
    yield "carol_report_source_errors", {}, one.source_errors


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
