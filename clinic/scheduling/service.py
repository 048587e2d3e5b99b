"""The verbs of the agenda: find, hold, book, move, cancel. Load, decide, store; each inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinic.scheduling import agenda, availability, store, when
from clinic.scheduling.errors import NotBookable, PersonBusy, SlotTaken, TooLate, TooManyVisits, UnknownVisit
from clinic.scheduling.intervals import Interval
from clinic.scheduling.models import Reason, Slot
from clinic.scheduling.search import Found, choose, latest, nearest
from clinic.scheduling.visits import Hold, Visit
from clinic.tenants.models import Clinic, Professional, Service
from db.session import Session
from kit.ids import new_id

_WIDE = timedelta(days=2)  # around the days asked, so that what crosses midnight in any zone is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the patient asked for."""

    service: Service
    professionals: tuple[Professional, ...]  # who may do it, in order of preference
    unit_id: UUID | None = None
    when: when.When | None = None
    moving: UUID | None = None  # the visit being moved does not count as busy


async def find(s: Session, clinic: Clinic, wish: Wish, *, conversation_id: UUID, now: datetime) -> Found:
    """Free slots that fit the wish, or the nearest ones and why the wish cannot be met."""
    zone, today = clinic.zone, now.astimezone(clinic.zone).date()
    horizon = [today + timedelta(days=n) for n in range(clinic.rules.horizon_days + 1)]
    asked = when.days(wish.when, today=today, horizon_days=clinic.rules.horizon_days) if wish.when else horizon
    free = await _free(s, clinic, wish, asked or horizon, conversation_id=conversation_id, now=now)
    if wish.when is None:
        return Found(choose(free, zone=zone), exact=True)
    asked_when = wish.when
    fitting = [x for x in free if asked and when.fits(asked_when, x.starts_at.astimezone(zone))]
    if fitting:
        return Found(choose(fitting, zone=zone), exact=True)
    first = asked_when.first_day or (asked[0] if asked else today)
    reason = _reason(clinic, wish, first, free, now=now)
    everything = await _free(s, clinic, wish, horizon, conversation_id=conversation_id, now=now)
    return Found(
        _instead(everything, asked_when, first, clinic), exact=False, reason=reason, day=first if len(asked) < 2 else None
    )


async def find_near(
    s: Session, clinic: Clinic, wish: Wish, at: datetime, *, conversation_id: UUID, now: datetime
) -> tuple[Slot, ...]:
    """The free slots closest to an instant, within a week of it."""
    day = at.astimezone(clinic.zone).date()
    today = now.astimezone(clinic.zone).date()
    around = [day + timedelta(days=n) for n in range(-7, 8)]
    ahead = [d for d in around if 0 <= (d - today).days <= clinic.rules.horizon_days] or [today]
    free = await _free(s, clinic, wish, ahead, conversation_id=conversation_id, now=now)
    return nearest(free, to=at)


def _instead(free: Sequence[Slot], asked: when.When, first: date, clinic: Clinic) -> tuple[Slot, ...]:
    """The nearest to what was asked: the same day at other hours, else the same hours on the closest days."""
    zone = clinic.zone
    wanted = datetime.combine(first, asked.at or asked.from_time or time(9), zone)
    same_day = [x for x in free if x.starts_at.astimezone(zone).date() == first]
    if same_day:
        return nearest(same_day, to=wanted)
    around = [x for x in free if when.fits(asked, datetime.combine(first, x.starts_at.astimezone(zone).time(), zone))]
    ahead = [x for x in around or free if x.starts_at >= wanted - timedelta(days=1)]
    return choose(ahead or latest(around or free, zone=zone), zone=zone)


async def _free(
    s: Session, clinic: Clinic, wish: Wish, days: Sequence[date], *, conversation_id: UUID, now: datetime
) -> list[Slot]:
    start = datetime.combine(min(days), time(0), clinic.zone) - _WIDE
    end = datetime.combine(max(days), time(0), clinic.zone) + _WIDE
    taken = await store.busy(
        s,
        agenda.resources(clinic, wish.service, wish.professionals),
        start=start,
        end=end,
        now=now,
        but_conversation=conversation_id,
        but_appointment=wish.moving,
    )
    return availability.free_slots(
        days,
        agenda=agenda.agenda(clinic, wish.professionals, unit_id=wish.unit_id, busy=taken),
        service=agenda.shape(wish.service),
        rules=agenda.rules(clinic),
        now=now,
        zone=clinic.zone,
    )


def _reason(clinic: Clinic, wish: Wish, day: date, free: Sequence[Slot], *, now: datetime) -> Reason:
    """Why the day asked has nothing that fits, from the clinic's own calendar first and from its visits last."""
    zone, today = clinic.zone, now.astimezone(clinic.zone).date()
    if day < today:
        return Reason.PAST
    if (day - today).days > clinic.rules.horizon_days:
        return Reason.TOO_FAR
    board = agenda.agenda(clinic, wish.professionals, unit_id=wish.unit_id, busy={})
    shape, limits = agenda.shape(wish.service), agenda.rules(clinic)
    asked = wish.when

    def fit(slots: Sequence[Slot]) -> list[Slot]:
        return [x for x in slots if asked is None or when.fits(asked, x.starts_at.astimezone(zone))]

    if fit(availability.free_slots([day], agenda=board, service=shape, rules=limits, now=now, zone=zone)):
        return Reason.BUSY
    morning = datetime.combine(day, time(0), zone)
    if fit(availability.free_slots([day], agenda=board, service=shape, rules=limits, now=morning - _WIDE, zone=zone)):
        return Reason.TOO_SOON
    reasons = {_why_whole_day(clinic, wish, p, day, now=morning - _WIDE) for p in wish.professionals}
    if Reason.OFF_GRID in reasons:
        return Reason.BUSY
    for reason in (Reason.HOLIDAY, Reason.CLOSED, Reason.NEVER):
        if reasons == {reason} or (reason is Reason.CLOSED and reasons <= {Reason.CLOSED, Reason.HOLIDAY}):
            return reason
    return Reason.NOT_WORKING


def _why_whole_day(clinic: Clinic, wish: Wish, professional: Professional, day: date, *, now: datetime) -> Reason:
    asked = wish.when
    at = (asked.at or asked.from_time) if asked else None
    units = [wish.unit_id] if wish.unit_id else [unit.id for unit in clinic.units]
    closed = [u for u in clinic.units if u.id in units and not any(h.weekday == day.weekday() for h in u.hours)]
    if any(h.day == day and h.opens is None and h.unit_id in (None, *units) for h in clinic.holidays):
        return Reason.HOLIDAY
    if len(closed) == len(units):
        return Reason.CLOSED
    found = availability.why_not(
        datetime.combine(day, at or time(10), clinic.zone),
        professional.id,
        agenda=agenda.agenda(clinic, [professional], unit_id=wish.unit_id, busy={}),
        service=agenda.shape(wish.service),
        rules=agenda.rules(clinic),
        now=now,
        zone=clinic.zone,
    )
    # The day itself is open: what is closed is the hour asked.
    return Reason.NOT_WORKING if found in (None, Reason.CLOSED) else found


async def hold(
    s: Session,
    clinic: Clinic,
    service: Service,
    slot: Slot,
    *,
    conversation_id: UUID,
    now: datetime,
    moving: Visit | None = None,
) -> Hold:
    """Keeps a slot for a conversation for a while, dropping what it kept before. Raises SlotTaken or NotBookable."""
    await store.lock(s, [slot.professional_id, *([slot.room_id] if slot.room_id else [])])
    await store.drop_expired_holds(s, now)
    await store.drop_holds_of(s, conversation_id)
    await _require_free(s, clinic, service, slot, now=now, moving=moving)
    kept = await store.insert_hold(
        s, conversation_id, service.id, slot, now=now, expires_at=now + timedelta(minutes=clinic.rules.hold_minutes)
    )
    if moving is None or not _overlap(slot, moving):
        start, end = store.span_of(slot, before=service.buffer_before_minutes, after=service.buffer_after_minutes)
        await store.occupy(s, _things(clinic, service, slot), start=start, end=end, hold_id=kept.id)
    return kept


def _overlap(slot: Slot, visit: Visit) -> bool:
    """Whether a visit would move over its own time, buffers of any size included."""
    margin = timedelta(hours=8)
    return (
        slot.professional_id == visit.professional_id
        and slot.starts_at < visit.ends_at + margin
        and (visit.starts_at - margin < slot.ends_at)
    )


def _things(clinic: Clinic, service: Service, slot: Slot) -> list[store.Resource]:
    rooms: list[store.Resource] = [("room", slot.room_id)] if slot.room_id else []
    pieces: list[store.Resource] = [("equipment", e) for e in agenda.equipment_at(clinic, service, slot.unit_id)]
    return [("professional", slot.professional_id), *rooms, *pieces]


async def _require_free(
    s: Session, clinic: Clinic, service: Service, slot: Slot, *, now: datetime, moving: Visit | None
) -> None:
    professional = clinic.professional_by_id.get(slot.professional_id)
    if professional is None or professional.id not in service.professional_ids:
        raise NotBookable(Reason.NOT_WORKING)
    ids = agenda.resources(clinic, service, [professional])
    taken = await store.busy(
        s, ids, start=slot.starts_at - _WIDE, end=slot.ends_at + _WIDE, now=now,
        but_appointment=moving.id if moving else None,
    )  # fmt: skip
    reason = availability.why_not(
        slot.starts_at,
        professional.id,
        agenda=agenda.agenda(clinic, [professional], unit_id=slot.unit_id, busy=taken),
        service=agenda.shape(service),
        rules=agenda.rules(clinic),
        now=now,
        zone=clinic.zone,
        unit_id=slot.unit_id,
    )
    if reason in (Reason.BUSY, Reason.NO_ROOM, Reason.NO_EQUIPMENT):
        raise SlotTaken
    if reason is not None:
        raise NotBookable(reason)
    room_taken: Sequence[Interval] = taken.get(slot.room_id, ()) if slot.room_id else ()
    if any(i.start < slot.ends_at and slot.starts_at < i.end for i in room_taken):
        raise SlotTaken


def _when_held(clinic: Clinic, now: datetime) -> datetime:
    """The earliest instant at which a hold that stands now was made: a slot offered in time stays in time."""
    return now - timedelta(minutes=clinic.rules.hold_minutes)


async def book(
    s: Session,
    clinic: Clinic,
    kept: Hold,
    *,
    person_id: UUID,
    convenio_id: UUID | None,
    price_cents: int | None,
    conversation_id: UUID,
    contact_id: UUID,
    now: datetime,
) -> UUID:
    """Turns a hold into a visit and returns its id. Raises SlotTaken, PersonBusy or TooManyVisits."""
    service, slot = clinic.service_by_id[kept.service_id], kept.slot
    await store.lock(s, [slot.professional_id, person_id, *([slot.room_id] if slot.room_id else [])])
    await _require_room_for_one_more(s, clinic, person_id, now=now)
    await store.drop_expired_holds(s, now)
    await store.drop_hold(s, kept.id)
    await _require_free(s, clinic, service, slot, now=_when_held(clinic, now), moving=None)
    appointment_id = new_id()
    await store.insert_appointment(
        s,
        appointment_id,
        person_id=person_id,
        service_id=service.id,
        slot=slot,
        convenio_id=convenio_id,
        price_cents=price_cents,
        conversation_id=conversation_id,
        contact_id=contact_id,
        now=now,
    )
    await _claim(s, clinic, service, slot, person_id, appointment_id)
    return appointment_id


async def _claim(s: Session, clinic: Clinic, service: Service, slot: Slot, person_id: UUID, appointment_id: UUID) -> None:
    start, end = store.span_of(slot, before=service.buffer_before_minutes, after=service.buffer_after_minutes)
    await store.occupy(s, _things(clinic, service, slot), start=start, end=end, appointment_id=appointment_id)
    await store.occupy(s, [("person", person_id)], start=slot.starts_at, end=slot.ends_at, appointment_id=appointment_id)


async def require_may_book(s: Session, clinic: Clinic, person_id: UUID, slot: Slot, *, now: datetime) -> None:
    """Raises TooManyVisits or PersonBusy when this person could not take the slot, however free it is."""
    await _require_room_for_one_more(s, clinic, person_id, now=now)
    await require_person_free(s, person_id, slot, now=now)


async def require_person_free(s: Session, person_id: UUID, slot: Slot, *, now: datetime, moving: Visit | None = None) -> None:
    """Raises PersonBusy when this person has another visit then; the one being moved does not count."""
    taken = await store.busy(
        s, [person_id], start=slot.starts_at, end=slot.ends_at, now=now, but_appointment=moving.id if moving else None
    )
    if taken:
        raise PersonBusy


async def _require_room_for_one_more(s: Session, clinic: Clinic, person_id: UUID, *, now: datetime) -> None:
    if await store.booked_by_carol(s, person_id, after=now) >= clinic.rules.max_open_visits:
        raise TooManyVisits


async def move(s: Session, clinic: Clinic, visit: Visit, kept: Hold, *, now: datetime) -> None:
    """Puts a visit at the held slot, in the same row. Raises SlotTaken, PersonBusy, TooLate or UnknownVisit."""
    require_in_time(clinic, visit, now=now)
    service, slot = clinic.service_by_id[visit.service_id], kept.slot
    await store.lock(s, [visit.professional_id, slot.professional_id, visit.person_id])
    await store.drop_expired_holds(s, now)
    await store.drop_hold(s, kept.id)
    await _require_free(s, clinic, service, slot, now=_when_held(clinic, now), moving=visit)
    if not await store.move_appointment(s, visit.id, slot, version=visit.version):
        raise UnknownVisit
    await store.vacate(s, visit.id)
    await _claim(s, clinic, service, slot, visit.person_id, visit.id)


async def cancel(s: Session, clinic: Clinic, visit: Visit, *, now: datetime) -> None:
    """Cancels a visit and frees its time. Raises TooLate or UnknownVisit."""
    require_in_time(clinic, visit, now=now)
    await store.lock(s, [visit.professional_id, visit.person_id])
    if not await store.cancel_appointment(s, visit.id, version=visit.version, at=now):
        raise UnknownVisit
    await store.vacate(s, visit.id)


def require_in_time(clinic: Clinic, visit: Visit, *, now: datetime) -> None:
    """Raises TooLate when only a person may still change this visit."""
    if visit.starts_at - now < timedelta(minutes=clinic.rules.cancel_notice_minutes):
        raise TooLate
