"""What a runbook says of the running system is so: its configuration, tasks, codes, alerts, states and metrics."""

from __future__ import annotations

import re
from pathlib import Path

from api.metrics import text
from channels.primecare import base
from channels.primecare.base import BadSource, SourceDown, SourceRefused, SourceSchema, SourceSlow, SourceTls
from channels.primecare.sources import config_of
from clinic.reports.models import State
from clinic.reports.runs import SOON
from clinic.tenants.document_reports import ReportsPart, reports
from clinic.tenants.policies import Thresholds
from jobs.reports_stages import NoSource
from jobs.schedule import EVERY
from kit import fast_yaml
from kit.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/runbooks/reports.md").read_text("utf-8")
CODES = {code for line in PAGE.splitlines() if line.startswith("| `") for code in re.findall(r"`(\w+)`", line.split("|")[1])}
WORDS = fast_yaml.load((ROOT / "clinic/reports/alerts.yaml").read_text("utf-8"))


def test_its_configuration_is_accepted_and_says_the_defaults() -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    part = ReportsPart.model_validate(fast_yaml.load(block)["reports"])
    told = reports(part)
    assert told.thresholds == Thresholds()
    assert (told.hours, told.review_minutes) == (ReportsPart().hours, ReportsPart().review_minutes)
    assert config_of(part.source or {}).kind == "mysql"


def test_every_task_of_the_clock_is_there_with_its_pace() -> None:
    said = {1: "minute", 5: "5 minutes"}
    for beat in EVERY.values():
        if beat["task"].startswith("reports."):
            assert f"| `{beat['task']}` | {said[int(beat['schedule'] // 60)]} |" in PAGE


def test_every_code_that_a_run_ends_with_is_explained_and_has_words() -> None:
    tree = {one.code for one in (SourceDown, SourceSlow, SourceRefused, SourceTls, SourceSchema, BadSource, NoSource)}
    assert tree <= CODES
    assert set(base.__all__) >= {"SourceDown"}
    assert tree <= set(WORDS["reasons"])
    assert set(WORDS["reasons"]) == set(WORDS["next"])
    assert set(WORDS["reasons"]) - {"other"} <= CODES


def test_every_alert_and_state_is_there() -> None:
    assert {kind.partition(":")[0] for kind in WORDS["alerts"]} <= CODES
    assert all(f"`{state.value}`" in PAGE for state in State)


def test_every_metric_is_there() -> None:
    told = set(re.findall(r"# TYPE (\w+)", text({}, silent=0.0)))
    assert {code for code in CODES if code.startswith("carol_")} == told


def test_its_figures_are_the_codes() -> None:
    assert Settings.model_fields["reports_run_seconds"].default == 300
    assert SOON.total_seconds() == 600
