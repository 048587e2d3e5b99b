"""What is kept between thoughts is kept by all that it depends on: no clinic, hour or zone answers for another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.offline.entities import find_services
from agent.offline.sayable import sentences
from agent.offline.spelling import tokens
from agent.offline.temporal import find_when
from agent.offline.view import Briefing, Service, parse_briefing
from tests.unit.offline_clinic import Desk, clinics

MORNING = datetime(2026, 11, 24, 9, 30)
ZONE = "America/Sao_Paulo"


def of_jatoba() -> Briefing:
    return parse_briefing(Desk(clinic=clinics()["jatoba"], model=None).briefing())  # type: ignore[arg-type]  # only rows are read


def test_the_services_found_are_those_of_the_clinic_that_asks_as_it_is_now() -> None:
    first = of_jatoba()
    service = first.services[0]
    assert service in find_services(service.name, first).services
    dearer = replace(first, services=(replace(service, price="R$ 1,00"), *first.services[1:]))
    assert find_services(service.name, dearer).services[0].price == "R$ 1,00"
    renamed = replace(first, services=(Service("Escalda-pés"),))
    assert find_services(service.name, renamed).services == ()


def test_what_is_found_among_some_is_not_what_is_found_among_all() -> None:
    briefing = of_jatoba()
    name = briefing.services[0].name
    assert find_services(name, briefing).services
    assert find_services(name, briefing, among=[briefing.services[1].name]).services != find_services(name, briefing).services


def test_a_day_is_counted_from_the_day_it_is_said_on() -> None:
    today, later = (find_when("amanhã às 10h", now, ZONE) for now in (MORNING, MORNING.replace(day=26)))
    assert (today.meant.first_day, later.meant.first_day) == (MORNING.replace(day=25).date(), MORNING.replace(day=27).date())


def test_the_same_instant_in_two_zones_is_two_hours() -> None:
    """Ten in São Paulo is nine in Manaus."""
    here = find_when("daqui a 2 horas", MORNING.replace(hour=10), ZONE)
    there = find_when("daqui a 2 horas", MORNING.replace(hour=9), "America/Manaus")
    assert (here.meant.from_time, there.meant.from_time) == (
        MORNING.replace(hour=12, minute=30).time(),
        MORNING.replace(hour=11, minute=30).time(),
    )


def test_what_somebody_does_to_what_they_were_given_is_not_seen_by_the_next() -> None:
    for read in (tokens, sentences):
        was = list(read("Traga o pedido. Chegue cedo."))
        read("Traga o pedido. Chegue cedo.").clear()
        assert read("Traga o pedido. Chegue cedo.") == was
