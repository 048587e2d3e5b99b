"""A clinic with families that receive reports, and the verbs of a report as one line each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from clinic.patients import service as patients
from clinic.patients.models import ContactAlias
from clinic.reports import recipients, recipients_store, sending, service, subjects_store
from clinic.reports.models import Draft, Pattern, Report, SourceReport
from clinic.reports.views import Outcome, ReportView, Work
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db import beats
from db.embedded import Urls
from db.pool import Pool, create_pool
from db.session import Session, clinic_session
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.served import add_clinic

BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # seven in the morning there
LEASE = timedelta(seconds=60)
MUCH = timedelta(days=30)
_serial = count(1)


@dataclass(frozen=True, slots=True)
class Family:
    """Somebody cared for and who reads of them."""

    subject: str
    name: str
    person_id: UUID
    contacts: tuple[UUID, ...]
    phones: tuple[str, ...]


@dataclass(slots=True)
class Room:
    pool: Pool
    clinic: Clinic

    async def family(self, *names: str, readers: int = 1, subject: str | None = None, agreed: bool = True) -> Family:
        """A person of that name with so many relatives who agreed."""
        number = next(_serial)
        subject, name = subject or f"S{number}", " ".join(names) or f"Pessoa{number} Cuidada{number}"
        phones = tuple(f"+55319{70000000 + number * 10 + n:08d}" for n in range(readers))
        async with clinic_session(self.pool, self.clinic.id) as s:
            person = (await subjects_store.meet(s, subject, name)).person_id
            added = [
                await recipients.put(
                    s, person, phone=phone, name=f"Parente {n}", kind="child", agreed=agreed, by="Júlia", now=utc_now() - MUCH
                )
                for n, phone in enumerate(phones)
            ]
        return Family(subject, name, person, tuple(one.contact_id for one in added), phones)

    def source(self, family: Family, *, external_id: str | None = None, body: str = "Passou bem a manhã.") -> SourceReport:
        number = next(_serial)
        return SourceReport(
            external_id=external_id or f"R{number}",
            subject_id=family.subject,
            subject_name=family.name,
            caregiver="Marta",
            began_at=BEGAN,
            closed_at=BEGAN + timedelta(hours=5, seconds=number),
            body=body,
        )

    async def taken(self, family: Family, **how: Any) -> UUID:
        """A report of theirs, pending."""
        source = self.source(family, **how)
        async with clinic_session(self.pool, self.clinic.id) as s:
            await service.take(s, self.clinic, [source], run_id=None)
            row = await s.one(
                "SELECT id FROM reports WHERE external_id = %(id)s ORDER BY revision DESC LIMIT 1", {"id": source.external_id}
            )
        assert row is not None
        found: UUID = row["id"]
        return found

    async def take(self, *sources: SourceReport) -> tuple[int, int, int]:
        async with clinic_session(self.pool, self.clinic.id) as s:
            taken = await service.take(s, self.clinic, sources, run_id=None)
        return taken.new, taken.corrected, taken.same

    async def claim(self, report: UUID, *, lease: timedelta = LEASE) -> Work | None:
        async with clinic_session(self.pool, self.clinic.id) as s:
            return await service.claim(s, self.clinic, report, lease=lease)

    async def finish(
        self, work: Work, text: str, *, approved: bool = True, patterns: tuple[Pattern, ...] = (), code: str | None = None
    ) -> Report:
        draft = Draft(id=new_id(), round=1, author="writer", text=text)
        outcome = Outcome(approved, [draft], patterns, ms=7, error_code=code)
        async with clinic_session(self.pool, self.clinic.id) as s:
            return await service.finish(s, self.clinic, work, outcome)

    async def written(self, report: UUID, text: str = "A manhã foi tranquila.", *, approved: bool = True) -> Report:
        work = await self.claim(report)
        assert work is not None
        return await self.finish(work, text, approved=approved)

    async def approved(self, family: Family, text: str = "A manhã foi tranquila.") -> UUID:
        report = await self.taken(family)
        await self.written(report, text)
        return report

    async def reviewed(self, family: Family, text: str = "A manhã foi tranquila.") -> Report:
        report = await self.taken(family)
        await self.written(report, text, approved=False)
        async with clinic_session(self.pool, self.clinic.id) as s:
            found = await service.to_review(s, self.clinic, report, now=utc_now())
        assert found is not None
        return found

    async def queue(self, report: UUID) -> int:
        async with clinic_session(self.pool, self.clinic.id) as s:
            return await sending.queue(s, self.clinic, report, now=utc_now())

    async def settle(self, report: UUID) -> Report | None:
        async with clinic_session(self.pool, self.clinic.id) as s:
            return await sending.settle(s, report)

    async def view(self, report: UUID) -> ReportView:
        async with clinic_session(self.pool, self.clinic.id) as s:
            return await service.read(s, report)

    async def state(self, report: UUID) -> str:
        return (await self.view(report)).report.state.value

    async def wire(self, report: UUID, status: str, **columns: Any) -> None:
        """What the wire made of all of this report's messages."""
        async with clinic_session(self.pool, self.clinic.id) as s:
            await s.execute(
                """UPDATE outbox o SET status = %(status)s, error_code = %(error)s, unanswered = %(unanswered)s,
                     provider_id = %(provider)s FROM report_sends t
                   WHERE t.report_id = %(id)s AND o.message_id = t.message_id AND o.status NOT IN ('sent', 'delivered')""",
                {"id": report, "status": status, "error": None, "unanswered": 0, "provider": None, **columns},
            )

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        async with clinic_session(self.pool, self.clinic.id) as s:
            return list(await s.all(query, params))  # type: ignore[arg-type]

    async def sent_texts(self, phone: str) -> list[str]:
        """What stands in the outbox for this phone."""
        rows = await self.rows(
            """SELECT m.text FROM outbox o JOIN messages m ON m.id = o.message_id
               WHERE ltrim(o.reply_to, '+') = ltrim(%(phone)s, '+') AND o.status <> 'cancelled' ORDER BY o.seq""",
            phone=phone,
        )
        return [row["text"] for row in rows]

    async def revoke(self, contact: UUID, person: UUID | None = None) -> int:
        async with clinic_session(self.pool, self.clinic.id) as s:
            return await recipients.revoke(s, contact, person_id=person, by="Júlia", now=utc_now())

    async def moves_to(self, phone: str) -> UUID:
        """The phone is a new contact's from now on."""
        async with clinic_session(self.pool, self.clinic.id) as s:
            await s.execute("DELETE FROM contact_aliases WHERE value = %(phone)s", {"phone": phone})
            return await patients.recognise(s, (ContactAlias("phone", phone),), None)

    async def agreeing(self, family: Family) -> set[UUID]:
        async with clinic_session(self.pool, self.clinic.id) as s:
            return {one.contact_id for one in await recipients_store.agreeing(s, family.person_id)}

    def with_policies(self, **reports: Any) -> None:
        policies = self.clinic.policies
        self.clinic = replace(self.clinic, policies=replace(policies, reports=replace(policies.reports, **reports)))


@asynccontextmanager
async def open_room(urls: Urls, *, slug: str = "em-casa") -> AsyncIterator[Room]:
    pool = create_pool(urls.app, max_size=8)
    await pool.open()
    try:
        await beats.note(pool)  # the clock goes; the database is as old as the run of tests
        clinic_id = await add_clinic(pool, slug, {("console", slug): {}})
        yield Room(pool, await clinic_for(pool, clinic_id))
    finally:
        await pool.close()


async def raw(s: Session, query: str, **params: Any) -> int:
    """SQL as somebody would write it who passes by the verbs."""
    return await s.execute(query, params)  # type: ignore[arg-type]
