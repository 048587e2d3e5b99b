"""Alarms and dashboards ask for figures that /metrics gives, by labels and values that it has, at the limits that Carol has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from api.metrics import text
from clinic.reports.alerts import FEW, OVERDUE, STOPPED
from clinic.reports.gauges_store import Gauges
from clinic.reports.metrics import Day
from clinic.tenants.policies import Thresholds
from kit import fast_yaml

ROOT = Path(__file__).parents[2] / "deploy"
RULES: list[dict[str, Any]] = [
    rule
    for group in fast_yaml.load((ROOT / "prometheus/reports.rules.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
BOARD: dict[str, Any] = json.loads((ROOT / "grafana/reports.json").read_text("utf-8"))
SELECTOR = re.compile(r"(carol_\w+)(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)(=~|!=|=)"([^"]*)"')
LINE = re.compile(r"(carol_\w+)(?:\{([^}]*)\})? \S+")


def given() -> dict[str, dict[str, set[str]]]:
    """By figure, each of its labels with the values it can have."""
    stages = dict.fromkeys(("sync", "process", "notify", "send"), 1.0)
    one = Gauges({}, {}, {}, stages, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0, Day(date(2026, 11, 23)))
    found: dict[str, dict[str, set[str]]] = {}
    for line in text({"x": one}, silent=1.0).splitlines():
        if known := LINE.fullmatch(line):
            labels = found.setdefault(known[1], {})
            for label, _, value in LABEL.findall(known[2] or ""):
                labels.setdefault(label, set()).add(value)
    return found


def asked() -> Iterator[str]:
    yield from (rule["expr"] for rule in RULES)
    yield from (target["expr"] for panel in BOARD["panels"] for target in panel["targets"])


def test_each_figure_label_and_value_that_is_asked_for_is_given() -> None:
    known, seen = given(), set()
    for expression in asked():
        found = SELECTOR.findall(expression)
        assert found, expression
        for figure, labels in found:
            seen.add(figure)
            assert figure in known, expression
            for label, _, value in LABEL.findall(labels):
                assert label in known[figure], expression
                assert value.startswith("$") or set(value.split("|")) <= known[figure][label], expression
        for grouped in re.findall(r"by \(([^)]*)\)", expression):
            assert set(grouped.split(", ")) <= {"clinic", "state", "status", "became", "stage"}, expression
    assert seen == set(known)  # nothing is measured that nobody looks at


def test_alarms_ring_at_the_limits_that_carol_has() -> None:
    said = {rule["alert"]: rule["expr"] for rule in RULES}
    limits = Thresholds()
    for alarm, limit in {
        "CarolClockStopped": f"> {STOPPED:g}",
        "ReportRunLate": f"> {OVERDUE.total_seconds():g}",
        "ReportApprovalLow": f">= {FEW}) < {limits.approval / 100:g}",
        "ReportFallbackHigh": f">= {FEW}) > {limits.fallback / 100:g}",
        "ReportSendsFail": f">= {FEW}) > {limits.send_failed / 100:g}",
        "ReportReviewStuck": f"> {limits.review_stuck_minutes * 60}",
        "ReportSourceDown": f"> {limits.silent_hours} * 3600",
    }.items():
        assert said[alarm].endswith(limit), alarm


def test_an_alarm_says_how_grave_it_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"] and rule["annotations"]["description"]
        assert ("{{ $labels.clinic }}" in rule["annotations"]["summary"]) == rule["alert"].startswith("Report")


def test_prometheus_reads_what_there_is() -> None:
    config = fast_yaml.load((ROOT / "prometheus/prometheus.yml").read_text("utf-8"))
    assert all((ROOT / "prometheus" / name).exists() for name in config["rule_files"])
    [job] = config["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    assert "password" not in job["basic_auth"]  # a file's name, never a password


def test_panels_of_the_dashboard_do_not_overlap() -> None:
    taken = [
        (column, row)
        for panel in BOARD["panels"]
        for column in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for row in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(column for column, _ in taken) < 24
