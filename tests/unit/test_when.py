"""What people write about dates and hours, against a table reviewed by hand, and the shape of what comes back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.scheduling.when import When, days, fits, resolve
from kit import fast_yaml

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
RIO_BRANCO = ZoneInfo("America/Rio_Branco")
TUESDAY_MORNING = datetime(2026, 3, 10, 9, 30, tzinfo=SAO_PAULO)
TODAY = TUESDAY_MORNING.date()


class Case(NamedTuple):
    now: datetime
    text: str
    meaning: str


def table() -> list[Case]:
    groups = fast_yaml.load(Path(__file__).with_name("when_cases.yaml").read_text(encoding="utf-8"))
    return [
        Case(datetime.fromisoformat(group["now"]).replace(tzinfo=SAO_PAULO), text, meaning)
        for group in groups
        for text, meaning in group["says"].items()
    ]


def in_short(when: When | None) -> str:
    """A When in the notation of the table."""
    if when is None:
        return "nothing"
    first, last = when.first_day, when.last_day
    parts = []
    if first is not None:
        parts.append(str(first) if first == last else f"{first}..{last or ''}")
    if when.dates:
        parts.append("only " + " ".join(map(str, when.dates)))
    if when.weekdays:
        parts.append("weekdays " + "".join(map(str, when.weekdays)))
    if when.not_dates:
        parts.append("not " + " ".join(map(str, when.not_dates)))
    if when.from_time or when.until_time:
        opens, closes = (f"{at:%H:%M}" if at else "" for at in (when.from_time, when.until_time))
        parts.append(f"{opens}-{closes}")
    if when.at:
        parts.append(f"@{when.at:%H:%M}" + "".join(f" or {at:%H:%M}" for at in when.or_at))
    parts += [flag for flag in ("asap", "past", "ambiguous") if getattr(when, flag)]
    if when.invalid:
        parts.append(f"invalid {when.invalid}")
    return ", ".join(parts)


def test_the_table_is_large_and_has_many_clocks() -> None:
    assert len(table()) >= 300
    assert len({case.now for case in table()}) >= 5


@pytest.mark.parametrize("case", table(), ids=lambda case: f"{case.now:%m-%d} {case.text}")
def test_what_people_say(case: Case) -> None:
    assert in_short(resolve(case.text, now=case.now, zone=SAO_PAULO)) == case.meaning


@pytest.mark.parametrize("case", [c for c in table() if c.now == TUESDAY_MORNING], ids=lambda case: case.text)
def test_capitals_and_accents_do_not_matter(case: Case) -> None:
    if "invalid" not in case.meaning:
        assert in_short(resolve(case.text.upper(), now=case.now, zone=SAO_PAULO)) == case.meaning


def test_today_is_the_local_day_of_the_clinic() -> None:
    instant = datetime(2026, 3, 16, 4, 30, tzinfo=ZoneInfo("UTC"))
    here, there = (resolve("hoje", now=instant, zone=zone) for zone in (SAO_PAULO, RIO_BRANCO))
    assert here is not None
    assert there is not None
    assert (here.first_day, there.first_day) == (date(2026, 3, 16), date(2026, 3, 15))


def test_matched_gives_back_the_words_as_written() -> None:
    when = resolve("Oi! Pode ser TERÇA que vem, umas 3 da Tarde?", now=TUESDAY_MORNING, zone=SAO_PAULO)
    assert when is not None
    assert when.matched == ("TERÇA que vem", "umas 3 da Tarde")


def test_decomposed_accents_read_the_same() -> None:
    when = resolve("terc\u0327a a\u0300s 15h", now=TUESDAY_MORNING, zone=SAO_PAULO)
    assert in_short(when) == "2026-03-10, @15:00"


def test_hours_from_now_are_elapsed() -> None:
    eve = datetime(2018, 11, 3, 23, 0, tzinfo=SAO_PAULO)
    assert in_short(resolve("daqui a 2 horas", now=eve, zone=SAO_PAULO)) == "2018-11-04, 02:00-"


WORDS = (
    "hoje amanhã depois de das às as até antes a partir entre e ou 3 10 12 15h 14:30 9hs meia meio-dia dia 31 32 12/03 30/02 "
    "março segunda terça quinta-feira sábado que vem próxima outra essa semana mês fim do da tarde manhã noite cedo não posso "
    "menos nem umas pra mudar marcar toda daqui em 2 semanas dias horas 1º primeiro 99 25h , ? 0 00 5a"
)
chatter = st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(chatter | st.text(max_size=60), st.datetimes(datetime(2018, 1, 1), datetime(2032, 12, 31)))
def test_any_text_gives_a_sound_answer(text: str, now: datetime) -> None:
    local = now.replace(tzinfo=SAO_PAULO)
    when = resolve(text, now=local, zone=SAO_PAULO)
    if when is None:
        return
    assert when.matched or when.invalid
    if when.last_day is not None and not when.past:
        assert when.first_day is not None
        assert when.first_day <= when.last_day
        assert when.last_day >= local.date()
    assert when.first_day is not None or when.last_day is None
    if when.from_time is not None and when.until_time is not None:
        assert when.from_time < when.until_time
    assert when.at is not None or not when.or_at
    candidates = days(when, today=local.date(), horizon_days=90)
    assert candidates == sorted(set(candidates))
    assert all(local.date() <= day <= local.date() + timedelta(days=90) for day in candidates)


def asked(text: str, horizon: int = 14) -> list[str]:
    when = resolve(text, now=TUESDAY_MORNING, zone=SAO_PAULO)
    assert when is not None
    return [f"{day:%d/%m}" for day in days(when, today=TODAY, horizon_days=horizon)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("terça que vem", ["17/03"]),
        ("terça ou quinta", ["10/03", "12/03", "17/03", "19/03", "24/03"]),
        ("terça ou quinta da semana que vem", ["17/03", "19/03"]),
        ("dia 12 ou 15", ["12/03", "15/03"]),
        ("depois do dia 20", ["21/03", "22/03", "23/03", "24/03"]),
        ("até amanhã", ["10/03", "11/03"]),
        ("qualquer dia menos segunda, terça e quarta até sexta", ["12/03", "13/03"]),
        ("ontem", []),
        ("dia 35", []),
        ("31 de fevereiro", []),
        ("em dezembro", []),
    ],
)
def test_days(text: str, expected: list[str]) -> None:
    assert asked(text) == expected


def test_an_hour_alone_leaves_every_day_open_and_a_refused_one_out() -> None:
    assert len(asked("às 15h")) == 15
    assert asked("amanhã não posso", horizon=2) == ["10/03", "12/03"]


@pytest.mark.parametrize(
    ("text", "hour", "expected"),
    [
        ("às 15h", time(15), True),
        ("às 15h", time(15, 15), False),
        ("14h ou 16h", time(16), True),
        ("14h ou 16h", time(15), False),
        ("umas 3 da tarde", time(15, 30), True),
        ("umas 3 da tarde", time(16), False),
        ("de tarde", time(12), True),
        ("de tarde", time(18), False),
        ("depois das 17h", time(17), True),
        ("antes das 10", time(10), False),
        ("entre 14h e 16h", time(15, 45), True),
        ("terça", time(3), True),
    ],
)
def test_fits(text: str, hour: time, expected: bool) -> None:
    when = resolve(text, now=TUESDAY_MORNING, zone=SAO_PAULO)
    assert when is not None
    assert fits(when, datetime.combine(TODAY, hour, tzinfo=SAO_PAULO)) is expected
