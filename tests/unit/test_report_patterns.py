"""What stands out in a shift report, in caregivers' own Portuguese; and what a person's last reports say of them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.reports.findings import find
from clinic.reports.history import Past, as_json, from_json, history, told
from clinic.reports.medicines import medicines
from clinic.reports.models import Medication, Severity, SourceReport, Trend, Vital
from clinic.reports.patterns import detect, entries, name_of, points
from clinic.reports.ranges import Ranges
from clinic.reports.reading import flat, said
from clinic.reports.source_text import source_text
from clinic.reports.vitals import readings
from kit import fast_yaml

CASES: list[dict[str, Any]] = [
    case
    for name in ("report_patterns_cases", "report_sentences")
    for case in fast_yaml.load(Path(__file__).with_name(f"{name}.yaml").read_text("utf-8"))
]
SP = ZoneInfo("America/Sao_Paulo")
AT = datetime(2026, 11, 20, 11, 10, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES, ids=lambda one: one["says"][:40])
def test_what_stands_out(case: dict[str, Any]) -> None:
    found = detect(case["says"], Ranges(case.get("age")))
    assert sorted({one.key for one in points(found)}) == sorted(case["finds"])


@pytest.mark.parametrize("case", CASES, ids=lambda one: one["says"][:40])
def test_accents_and_capitals_say_nothing_new(case: dict[str, Any]) -> None:
    for text in (case["says"].upper(), flat(case["says"])):
        assert sorted({one.key for one in points(detect(text, Ranges(case.get("age"))))}) == sorted(case["finds"])


def test_what_may_be_a_stroke_is_urgent_whatever_was_years_ago() -> None:
    (found,) = points(detect("boca torta, teve um AVC em 2019"))
    assert (found.key, found.severity) == ("stroke_signs", Severity.URGENT)


def test_every_pattern_is_where_its_span_says() -> None:
    text = "Ela ficou bem.\nÀs 14h teve FEBRE de 38,5 °C; caiu no banho."
    where = {one.key: text[one.span.start : one.span.end] for one in detect(text)}
    assert (where["fever"], where["fall"]) == ("FEBRE", "caiu")
    assert "38,5" in where["temperature_high"]


@given(st.text(max_size=200))
def test_any_text_is_read_and_spans_stay_inside_it(text: str) -> None:
    assert len(flat(text)) == len(text)
    assert all(0 <= one.span.start < one.span.end <= len(text) for one in detect(text))


def test_the_past_is_known_and_calls_for_nothing() -> None:
    (one,) = detect("Teve queda semana passada")
    assert (one.key, one.severity, one.details["before"]) == ("fall", Severity.INFO, True)
    assert not points([one])


def test_every_pattern_has_a_name_a_family_can_read() -> None:
    assert all(name_of(key) and name_of(key) == name_of(key).strip() for key in entries())


def test_a_report_becomes_one_text_with_a_line_for_each_measure_and_medicine() -> None:
    report = SourceReport(
        "r1", "s1", "Maria", "Sueli", AT, AT, " Passou bem.\r\nDormiu. ",
        (Vital("PA", "130x80", "mmHg", AT), Vital("Temperatura", "36,8", "°C"), Vital("SatO2", "97%", "%")),
        (Medication("Losartana", "50 mg", AT, True), Medication("Rivotril", "5 gotas", None, False, "recusou"),
         Medication("AAS")),
    )  # fmt: skip
    assert source_text(report, SP).splitlines() == [
        "Passou bem.", "Dormiu.", "", "PA 130x80 mmHg às 08:10", "Temperatura 36,8°C", "SatO2 97%",
        "Losartana 50 mg às 08:10: dada", "Rivotril 5 gotas: não dada (recusou)", "AAS: sem registro se foi dada",
    ]  # fmt: skip
    text = source_text(report, SP)
    assert [(one.name, one.values, one.at) for one in readings(said(text))] == [
        ("pressure", (130, 80), time(8, 10)), ("temperature", (36.8,), None), ("saturation", (97,), None),
    ]  # fmt: skip
    assert [(one.name, one.doses, one.given) for one in medicines(text)] == [
        ("losartana", ("50 mg",), True), ("rivotril", ("5 gotas",), False), ("aas", (), None),
    ]  # fmt: skip
    assert [one.key for one in points(detect(text))] == ["refused"]


def reports(*texts: str) -> list[Past]:
    return [Past(f"r{place}", AT + timedelta(hours=12 * place), find(text)) for place, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("texts", "trend"),
    [
        ((), Trend.UNKNOWN),
        (("PA 130x80", "PA 190x110", "PA 200x120"), Trend.UNKNOWN),
        (("Passou bem",) * 6, Trend.STABLE),
        (("PA 150x80", "PA 140x80", "PA 185x100", "PA 195x105"), Trend.WORSENING),
        (("PA 195x105", "PA 190x100", "PA 140x80", "PA 130x80"), Trend.IMPROVING),
        (("bem", "bem", "teve queda", "teve queda e vomitou"), Trend.WORSENING),
        (("recusou a medicação, agitada", "recusou a medicação, agitada", "bem", "tranquila"), Trend.IMPROVING),
        (("PA 120x80", "PA 130x80", "PA 125x80", "PA 135x85"), Trend.STABLE),
    ],
)
def test_a_trend_is_told_only_by_what_was_written(texts: tuple[str, ...], trend: Trend) -> None:
    found = history(reports(*texts))
    assert found.trend is trend
    assert from_json(as_json(found)) == found
    for one in found.evidence:
        assert len(one.reports) == len(one.values)
        assert set(one.reports) <= {f"r{place}" for place in range(len(texts))}


def test_measures_far_apart_in_different_reports_need_two_on_each_side() -> None:
    found = history(reports("PA 120x80", "bem", "bem", "bem", "PA 200x120"))
    assert not [one for one in found.evidence if one.about == "systolic"]


def test_what_comes_back_is_counted_for_the_family_and_nothing_is_foretold() -> None:
    texts = ("recusou a medicação", "bem", "recusou a medicação", "recusou o remédio da noite")
    said_now = told(history(reports(*texts)), detect(texts[-1]))
    assert "3 dos últimos 4" in said_now
    assert "recusa de medicação" in said_now
    assert told(history(reports(*texts, "bem")), detect("bem")) == ""
