"""What a clinic document may say, how wrong ones are explained, and where its visits fall."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml

from clinic.tenants import lookup
from clinic.tenants.assembling import Ids, Keys, assemble, clinic_id_of, stable_id
from clinic.tenants.document import ClinicDocument, json_schema
from clinic.tenants.national_holidays import easter, national_holidays
from clinic.tenants.placing import Taken, Visit, place_visit
from clinic.tenants.reading import DocumentError, parse, read
from kit import fast_yaml

ROOT = Path(__file__).parents[2]
DEMO = (ROOT / "seeds" / "demo" / "clinic.yaml").read_text()
ODONTO = (ROOT / "seeds" / "examples" / "odonto.yaml").read_text()
MISTAKES = fast_yaml.load((Path(__file__).parent / "clinic_document_mistakes.yaml").read_text())

SMALL: dict[str, Any] = {
    "clinic": {"slug": "pequena", "name": "Pequena", "timezone": "America/Sao_Paulo"},
    "units": [{"key": "centro", "name": "Centro", "address": "Rua A, 1", "hours": {"seg-sex": ["08:00-18:00"]}}],
    "rooms": [{"key": "sala", "name": "Sala", "unit": "centro"}],
    "professionals": [
        {"key": "helena", "name": "Dra. Helena", "hours": [{"unit": "centro", "week": {"ter": ["08:00-12:00"]}}]},
        {"key": "bia", "name": "Dra. Bia", "hours": [{"unit": "centro", "week": {"ter": ["08:00-12:00"]}}]},
    ],
    "services": [
        {"key": "consulta", "name": "Consulta", "duration_minutes": 30, "buffer_after_minutes": 10, "professionals": ["helena"]}
    ],
    "rules": {},
    "convenios": [{"key": "plano", "name": "Plano", "services": "all"}],
    "people": [{"key": "ana", "name": "Ana", "phones": ["(31) 98888-7777"]}, {"key": "rui", "name": "Rui"}],
}


def _with(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    content = deepcopy(SMALL)
    change(content)
    return content


def _problems(content: Any) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse(content)
    assert all("\n" not in problem for problem in caught.value.problems)
    return caught.value.problems


def _assembled(document: ClinicDocument) -> tuple[Any, Keys]:
    keys = Keys.of(document, Ids(clinic_id_of(document.clinic.slug)))
    return assemble(document, keys), keys


def test_the_published_schema_is_the_one_in_the_code() -> None:
    assert json.loads((ROOT / "docs" / "clinic.schema.json").read_text()) == json_schema()


def test_every_field_of_the_schema_is_explained() -> None:
    schema = json_schema()
    for name, part in {"": schema, **schema["$defs"]}.items():
        for field, described in part["properties"].items():
            assert described.get("description"), f"{name}.{field}"
        assert part["additionalProperties"] is False


def test_a_document_is_the_same_in_json() -> None:
    assert read(json.dumps(fast_yaml.load(DEMO), default=str)).services == read(DEMO).services


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("180.00", 18000), ("180", 18000), ("180.5", 18050), ("'R$ 180,00'", 18000), ("R$ 1.250,00", 125000),
        ("1.250", 125000), ("'1250,90'", 125090), ("0", 0), ("null", None), ("R$180", 18000),
    ],
)  # fmt: skip
def test_prices_as_brazilians_write_them(written: str, cents: int | None) -> None:
    document = read(yaml.safe_dump(SMALL).replace("key: consulta", f"key: consulta\n  price: {written}"))
    assert document.services[0].price == cents


@pytest.mark.parametrize("written", ["caro", "-10", "1,5", "180.1234", "12.34,00", 180.123, True])
def test_other_prices_are_refused(written: str) -> None:
    content = _with(lambda c: c["services"][0].update(price=written))
    assert _problems(content) == [f'services.consulta.price: “{written}” não é preço; aceito: 180.00 ou "R$ 180,00"']


@pytest.mark.parametrize("name", ["mon", "Monday", "seg", "segunda", "Segunda-feira", "SEG"])
def test_weekdays_in_both_languages(name: str) -> None:
    document = parse(
        _with(lambda c: c["units"][0].update(hours={name: ["8h-12h", "13h30-18:00"]})) | {"professionals": [], "services": []}
    )
    assert document.units[0].hours == {0: ((time(8), time(12)), (time(13, 30), time(18)))}


def test_unquoted_times_and_dates_in_yaml_are_what_they_look_like() -> None:
    document = read(yaml.safe_dump(SMALL) + "\nholidays:\n  - {date: 2026-12-24, name: Véspera, opens: 10:00, closes: 12:30}\n")
    (holiday,) = document.holidays
    assert (holiday.date, holiday.opens, holiday.closes) == (date(2026, 12, 24), time(10), time(12, 30))


def test_a_key_given_twice_in_yaml_is_no_silent_loss() -> None:
    with pytest.raises(DocumentError, match="linha 3: “name” aparece duas vezes"):
        read("clinic:\n  name: A\n  name: B\n")


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: ".".join(map(str, case["at"])))
def test_each_mistake_is_one_line_with_its_path(case: dict[str, Any]) -> None:
    content = deepcopy(SMALL)
    *way, last = case["at"]
    place: Any = content
    for step in way:
        place = place[step]
    if "put" in case:
        place[last] = case["put"]
    else:
        del place[last]
    assert _problems(content) == [case["says"]]


def test_every_mistake_is_told_at_once() -> None:
    content = _with(lambda c: (c["clinic"].pop("name"), c["services"][0].update(price="caro"), c["units"][0].pop("address")))
    assert [problem.split(":")[0] for problem in _problems(content)] == [
        "clinic.name",
        "units.centro.address",
        "services.consulta.price",
    ]


def _visit(**values: Any) -> dict[str, Any]:
    return {"person": "ana", "service": "consulta", "professional": "helena", "starts": "2026-03-10T09:00"} | values


def test_fixed_visits_collide_with_their_buffers_and_touch_without_them() -> None:
    late = _visit(person="rui", starts="2026-03-10T09:35")
    content = _with(lambda c: c.update(visits=[_visit(), late]))
    assert _problems(content) == ["visits.2: sobrepõe visits.1 (profissional “helena”, com os intervalos)"]
    parse(_with(lambda c: c.update(visits=[_visit(), _visit(person="rui", starts="2026-03-10T09:40")])))
    parse(_with(lambda c: c.update(visits=[_visit(), late | {"status": "cancelled"}])))


def test_the_same_key_gets_the_same_id_and_clinics_differ() -> None:
    document = read(DEMO)
    assert _assembled(document)[1] == _assembled(read(DEMO))[1]
    here, there = clinic_id_of("jacaranda"), clinic_id_of("outra")
    assert stable_id(here, "service", "x") != stable_id(there, "service", "x")


def test_a_new_key_takes_over_a_stored_thing_of_its_name() -> None:
    clinic_id, old = clinic_id_of("c"), UUID(int=7)
    ids = Ids(clinic_id, {"service": {old: "Limpeza"}})
    assert ids.of("service", "limpeza-nova", "limpeza", ["limpeza-nova"]) == old
    kept = stable_id(clinic_id, "service", "a")
    renamed = Ids(clinic_id, {"service": {kept: "Limpeza"}})
    # The stored row belongs to key `a`, which changes its name: `b` takes the name, not the row.
    assert renamed.of("service", "b", "Limpeza", ["a", "b"]) == stable_id(clinic_id, "service", "b")


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(1961, date(1961, 4, 2)), (2000, date(2000, 4, 23)), (2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)),
     (2026, date(2026, 4, 5)), (2027, date(2027, 3, 28)), (2038, date(2038, 4, 25)), (2049, date(2049, 4, 18))],
)  # fmt: skip
def test_easter(year: int, sunday: date) -> None:
    assert easter(year) == sunday


def test_national_holidays_of_2026() -> None:
    days = [day for day, _ in national_holidays(2026)]
    assert days == sorted(days)
    movable = {date(2026, 2, 16), date(2026, 2, 17), date(2026, 4, 3), date(2026, 6, 4)}
    assert movable < set(days)
    assert date(2026, 11, 20) in days
    assert date(2023, 11, 20) not in [day for day, _ in national_holidays(2023)]


def test_a_holiday_of_the_document_wins_over_the_national_one() -> None:
    content = _with(
        lambda c: c.update(
            national_holidays=[2026], holidays=[{"date": "2026-04-21", "name": "Meio dia", "opens": "8h", "closes": "12h"}]
        )
    )
    clinic, _ = _assembled(parse(content))
    assert [holiday.name for holiday in clinic.holidays if holiday.day == date(2026, 4, 21)] == ["Meio dia"]


@pytest.mark.parametrize("text", [DEMO, ODONTO], ids=["demo", "odonto"])
def test_relative_visits_never_age(text: str) -> None:
    """Loaded on any day of two years, every visit finds a place inside its professional's hours and none collide."""
    document = read(text)
    clinic, keys = _assembled(document)
    people = {person.key: stable_id(clinic.id, "person", person.key) for person in document.people}
    for shift in range(0, 730):
        now = datetime(2026, 1, 1, 15, tzinfo=UTC) + timedelta(days=shift)
        taken = Taken()
        for part in document.visits:
            placed = place_visit(clinic, keys, people, part, taken, now)
            assert isinstance(placed, Visit), (now, part.key, placed)
            local = placed.starts_at.astimezone(clinic.zone)
            assert part.starts.weekday in (None, local.weekday())
            assert local.time() == part.starts.time
            assert (placed.starts_at > now) == (part.starts.days > 0)
            assert not any(h.day == local.date() and h.opens is None for h in clinic.holidays)
            assert any(
                h.weekday == local.weekday() and h.opens <= local.time() < h.closes and h.unit_id == placed.unit_id
                for h in clinic.professional_by_id[placed.professional_id].hours
            )
            taken.add(placed.claims)


def test_the_demo_clinic_is_worth_talking_to() -> None:
    document = read(DEMO)
    assert document.clinic.demo
    assert (len(document.units), len(document.professionals)) == (2, 6)
    assert len(document.services) >= 12
    assert 12 <= len(list((ROOT / "seeds" / "demo" / "knowledge").glob("*.md"))) <= 20
    assert all("fictício" in professional.council for professional in document.professionals)
    assert all(phone.startswith("+55319000") for person in document.people for phone in person.phones)
    clinic, _ = _assembled(document)
    assert [service.name for service in lookup.services(clinic, "limpeza")] == ["Limpeza dental (profilaxia)"]
    assert [service.name for service in lookup.services(clinic, "limpeza de pele")] == ["Limpeza de pele"]


def test_documents_leave_prices_and_hours_to_the_tables() -> None:
    for path in (ROOT / "seeds").rglob("*.md"):
        text = path.read_text()
        assert "R$" not in text, path.name
        assert not any(f"{hour}h" in text.replace("24 horas", "") for hour in range(7, 20)), path.name
