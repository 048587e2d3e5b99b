"""How rows look to the model: names, labels and handles, never ids. The same words go into the briefing and the results."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from clinic.conversations.cases.handoff import open_spans
from clinic.scheduling.models import Slot
from clinic.scheduling.visits import Offer, Visit
from clinic.tenants.models import Clinic, Convenio, OpenHours, Professional, Service, Unit
from kit import ptbr
from tools.context import visit_handle

View = dict[str, Any]


def service(clinic: Clinic, one: Service) -> View:
    who = [clinic.professional_by_id[i] for i in one.professional_ids if i in clinic.professional_by_id]
    places = {hours.unit_id for professional in who for hours in professional.hours}
    return {
        "name": one.name,
        "aliases": list(one.aliases),
        "category": one.category,
        "duration_minutes": one.duration_minutes,
        "price": ptbr.money(one.price_cents) if one.price_cents is not None else None,
        "price_note": one.price_note,
        "description": one.description,
        "preparation": one.preparation,
        "notes": one.notes_for_carol,
        "professionals": [professional.name for professional in who],
        "convenios": [c.name for c in clinic.convenios if one.id in c.service_ids],
        "units": [unit.name for unit in clinic.units if unit.id in places],
        "bookable": one.booked_by_carol and bool(who),
    }


def unit(one: Unit) -> View:
    return {
        "name": one.name,
        "address": one.address,
        "phone": one.phone,
        "directions": one.directions,
        "hours": week(one.hours),
    }


def week(hours: tuple[OpenHours, ...]) -> list[str]:
    """ "segunda a sexta: das 8h às 12h e das 13h às 18h", days with the same hours together."""
    by_day = {n: sorted((h.opens, h.closes) for h in hours if h.weekday == n) for n in range(7)}
    lines: list[str] = []
    start = 0
    for n in range(1, 8):
        if n < 7 and by_day[n] == by_day[start]:
            continue
        if by_day[start]:
            days = ptbr.weekday_name(start) if n - 1 == start else f"{ptbr.weekday_name(start)} a {ptbr.weekday_name(n - 1)}"
            lines.append(f"{days}: " + " e ".join(ptbr.span(a, b) for a, b in by_day[start]))
        start = n
    return lines


def professional(clinic: Clinic, one: Professional) -> View:
    units = {h.unit_id for h in one.hours}
    return {
        "name": one.name,
        "specialty": one.specialty,
        "council": one.council,
        "bio": one.bio,
        "units": [u.name for u in clinic.units if u.id in units],
        "days": [ptbr.weekday_name(n) for n in sorted({h.weekday for h in one.hours})],
        "services": [s.name for s in clinic.services if one.id in s.professional_ids],
    }


def convenio(clinic: Clinic, one: Convenio) -> View:
    return {
        "name": one.name,
        "aliases": list(one.aliases),
        "note": one.note,
        "services": [s.name for s in clinic.services if s.id in one.service_ids],
    }


def days(clinic: Clinic, now: datetime, count: int = 14, *, start: date | None = None) -> list[View]:
    """The next days, from today or from `start`, with the clinic's hours on each, holidays named."""
    local = now.astimezone(clinic.zone)
    found = []
    for ahead in range(count):
        day = (start or local.date()) + timedelta(days=ahead)
        spans = open_spans(clinic, datetime.combine(day, datetime.min.time(), clinic.zone))
        holidays = [h.name for h in clinic.holidays if h.day == day]
        found.append(
            {
                "date": day.isoformat(),
                "label": ptbr.day(day, today=local.date()),
                "hours": " e ".join(ptbr.span(a.time(), b.time()) for a, b in spans) or "fechado",
                "note": f"feriado: {holidays[0]}" if holidays else "",
            }
        )
    return found


def moment(clinic: Clinic, at: datetime, *, today: date) -> str:
    return ptbr.moment(at.astimezone(clinic.zone), today=today)


def place(clinic: Clinic, slot: Slot, service_id: UUID, *, today: date) -> View:
    """A slot's own facts."""
    return {
        "service": clinic.service_by_id[service_id].name,
        "professional": clinic.professional_by_id[slot.professional_id].name,
        "unit": clinic.unit_by_id[slot.unit_id].name,
        "starts_at": slot.starts_at.astimezone(clinic.zone).strftime("%Y-%m-%dT%H:%M"),
        "label": moment(clinic, slot.starts_at, today=today),
    }


def offer(clinic: Clinic, one: Offer, *, today: date) -> View:
    return {"slot": one.handle, **place(clinic, one.slot, one.service_id, today=today)}


def visit(clinic: Clinic, one: Visit, *, today: date) -> View:
    service_ = clinic.service_by_id.get(one.service_id)
    professional_ = clinic.professional_by_id.get(one.professional_id)
    return {
        "visit": visit_handle(one.id),
        "person": one.person_name,
        "service": service_.name if service_ else "",
        "professional": professional_.name if professional_ else "",
        "unit": clinic.unit_by_id[one.unit_id].name if one.unit_id in clinic.unit_by_id else "",
        "starts_at": one.starts_at.astimezone(clinic.zone).strftime("%Y-%m-%dT%H:%M"),
        "label": moment(clinic, one.starts_at, today=today),
        "status": one.status,
    }


def summary(
    clinic: Clinic,
    slot: Slot,
    service_id: UUID,
    *,
    person: str,
    convenio: Convenio | None,
    price_cents: int | None,
    today: date,
) -> View:
    """What is read back to the patient, and confirmed after the yes."""
    one = clinic.service_by_id[service_id]
    return {
        "person": person,
        **place(clinic, slot, service_id, today=today),
        "address": clinic.unit_by_id[slot.unit_id].address,
        "price": ptbr.money(price_cents) if price_cents is not None else None,
        "price_note": one.price_note if convenio is None else "",
        "convenio": convenio.name if convenio else None,
        "preparation": one.preparation,
        "minutes": one.duration_minutes,
    }
