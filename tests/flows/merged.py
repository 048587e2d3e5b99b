"""Two numbers of one human, for the tests of making them one."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from clinic.conversations import joining
from clinic.conversations.joining import Merged
from clinic.patients import service as patients
from clinic.patients.models import RelationshipKind
from db.session import clinic_session
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.house import ANA, House

OTHER = "+5531900000777"


async def contact(house: House, phone: str) -> UUID:
    [row] = await house.rows("SELECT contact_id AS id FROM contact_aliases WHERE value = %(phone)s", phone=phone)
    found: UUID = row["id"]
    return found


async def both(house: House) -> tuple[UUID, UUID]:
    """Ana wrote from two numbers; her contact and the other."""
    await house.hear(ANA, "oi, é a Ana")
    await house.hear(OTHER, "troquei de número")
    return await contact(house, ANA), await contact(house, OTHER)


async def merge(house: House, kept: UUID, other: UUID, *, confirmed: bool = False) -> Merged:
    async with clinic_session(house.pool, house.clinic.id) as s:
        return await joining.merge(s, kept, other, by="Rita", confirmed=confirmed, now=utc_now())


async def known(house: House, contact_id: UUID, name: str, *, born: date | None = None) -> UUID:
    """Somebody this contact is; the people the seed had for them are gone."""
    await house.rows("DELETE FROM relationships WHERE contact_id = %(id)s RETURNING person_id", id=contact_id)
    async with clinic_session(house.pool, house.clinic.id) as s:
        who = await patients.speak_for(s, contact_id, name, RelationshipKind.SELF, known=[])
        await s.execute("UPDATE people SET birth_date = %(born)s WHERE id = %(id)s", {"born": born, "id": who.person_id})
    return who.person_id


async def strangers(house: House) -> tuple[UUID, UUID]:
    """Both, of whom the clinic knows nobody."""
    a, b = await both(house)
    await house.rows("DELETE FROM relationships WHERE contact_id = ANY(%(ids)s) RETURNING person_id", ids=[a, b])
    return a, b


async def book(house: House, person: UUID, contact_id: UUID, at: Any) -> UUID:
    """A visit of an hour, and the time it takes of the person's day."""
    visit = new_id()
    await house.rows(
        """INSERT INTO appointments (clinic_id, id, person_id, service_id, professional_id, unit_id, starts_at, ends_at,
             booked_by, contact_id, created_at)
           SELECT current_clinic(), %(id)s, %(person)s, (SELECT id FROM services LIMIT 1),
             (SELECT id FROM professionals LIMIT 1), (SELECT id FROM units LIMIT 1), %(at)s, %(at)s + interval '1 hour',
             'carol', %(contact)s, now() RETURNING id""",
        id=visit,
        person=person,
        at=at,
        contact=contact_id,
    )
    await house.rows(
        """INSERT INTO claims (clinic_id, id, resource, resource_id, during, appointment_id)
           VALUES (current_clinic(), %(id)s, 'person', %(person)s, tstzrange(%(at)s, %(at)s + interval '1 hour'), %(visit)s)
           RETURNING id""",
        id=new_id(),
        person=person,
        at=at,
        visit=visit,
    )
    return visit
