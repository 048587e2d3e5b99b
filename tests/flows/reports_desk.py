"""A clinic whose reports run by themselves: a source that can fail, a mind that can be told what to say, bells that are heard
when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from channels.primecare.base import Broken, Mark, Page
from clinic.reports import desks_store, runs_store
from clinic.reports.models import Draft, SourceReport
from clinic.reports.runs import Run
from clinic.reports.views import Outcome, Work
from clinic.tenants.models import Clinic
from clinic.tenants.policies import Member, Team, policies_json
from clinic.tenants.service import clinic_for
from db.embedded import Urls
from db.session import clinic_session
from jobs import reports_clock
from jobs.reports import Went, advance
from jobs.reports_works import Works
from jobs.reports_writing import write
from kit.clock import utc_now
from kit.ids import new_id
from tests.db.report_room import Family, Room, open_room

ADMIN, TEAM = "+5531988880001", "+5531988880002"


@dataclass(slots=True)
class ListSource:
    """Tells what it was given, `page` at a time; `fails` with this, from the `after`th page on."""

    reports: list[SourceReport] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    fails: Exception | None = None
    after: int = 0
    page: int = 500
    asked: list[Mark | None] = field(default_factory=list)

    async def closed_since(self, mark: Mark | None, until: datetime, limit: int = 500) -> Page:
        self.asked.append(mark)
        if self.fails is not None and sum(1 for one in self.asked if one is not None and one.position) >= self.after:
            raise self.fails
        begin = int(mark.position) if mark and mark.position else 0
        known = sorted(self.reports, key=lambda one: (one.closed_at, one.external_id))
        told = known[begin : begin + min(self.page, limit)]
        last = told[-1] if told else None
        following = Mark(last.closed_at, last.external_id, str(begin + len(told))) if last else mark or Mark(until)
        more = begin + len(told) < len(known)
        return Page(tuple(told), () if begin else tuple(self.broken), following, more)

    async def check(self) -> None:
        if self.fails is not None:
            raise self.fails


@dataclass(slots=True)
class ToldMind:
    """Approves, but for reports whose body says otherwise: "recuse" is refused, "quebre" breaks, `down` is a model's."""

    down: Exception | None = None
    spoils: str = ""  # of this report comes what no row takes
    wrote: list[UUID] = field(default_factory=list)
    before: Callable[[Work], None] | None = None

    async def write(self, clinic: Clinic, work: Work) -> Outcome:
        if self.before is not None:
            self.before(work)
        if self.down is not None:
            raise self.down
        if "quebre" in work.source.body:
            raise ValueError("a defect of the writer")
        self.wrote.append(work.report.id)
        refused = "recuse" in work.source.body
        author = "nobody" if work.report.external_id == self.spoils else "writer"
        draft = Draft(id=new_id(), round=1, author=author, text=f"Correu tudo bem. ({work.report.external_id})")
        return Outcome(not refused, [draft], ms=11, error_code="refused" if refused else None)


@dataclass(slots=True)
class Bells:
    """Remembers what was rung, each once."""

    writes: dict[UUID, None] = field(default_factory=dict)
    runs: dict[UUID, None] = field(default_factory=dict)

    async def write(self, clinic_id: UUID, report_id: UUID) -> bool:
        self.writes[report_id] = None
        return True

    async def run(self, clinic_id: UUID, run_id: UUID) -> bool:
        self.runs[run_id] = None
        return True


@dataclass(slots=True)
class Desk:
    room: Room
    source: ListSource = field(default_factory=ListSource)
    mind: ToldMind = field(default_factory=ToldMind)
    bells: Bells = field(default_factory=Bells)
    seconds: float = 300.0

    @property
    def clinic_id(self) -> UUID:
        return self.room.clinic.id

    async def clinic(self) -> Clinic:
        return await clinic_for(self.room.pool, self.clinic_id)

    def works(self, *, alone: bool = False) -> Works:
        """As a worker works; `alone`: as the command does."""
        rings = None if alone else self.bells
        return Works(self.room.pool, self.mind, lambda clinic: self.source, rings, seconds=self.seconds)

    async def closes(self, family: Family, body: str = "Passou bem.", **how: Any) -> SourceReport:
        """The source has one report more."""
        report = self.room.source(family, body=body, **how)
        self.source.reports.append(report)
        return report

    async def begin(self, **how: Any) -> Run:
        async with clinic_session(self.room.pool, self.clinic_id) as s:
            run = await runs_store.begin(s, trigger="manual", asked_by="Júlia", **how)
        assert run is not None
        return run

    async def run(self, **how: Any) -> Run:
        """A whole run, as the command makes it."""
        run = await self.begin(**how)
        while await advance(self.works(alone=True), self.clinic_id, run.id) is not Went.OVER:
            pass
        return await self.read(run.id)

    async def read(self, run_id: UUID) -> Run:
        async with clinic_session(self.room.pool, self.clinic_id) as s:
            return await runs_store.read(s, run_id)

    async def runs(self) -> list[Run]:
        async with clinic_session(self.room.pool, self.clinic_id) as s:
            return await runs_store.listed(s, limit=100)

    async def tick(self, now: datetime | None = None) -> int:
        return await reports_clock.tick(self.room.pool, self.bells, now=now or utc_now())

    async def hear(self, *, most: int = 50) -> None:
        """Workers take what was rung, until nothing is."""
        for _ in range(most):
            if not self.bells.writes and not self.bells.runs:
                return
            writes, runs = list(self.bells.writes), list(self.bells.runs)
            self.bells.writes.clear()
            self.bells.runs.clear()
            for report_id in writes:
                await write(self.room.pool, self.mind, self.clinic_id, report_id)
            for run_id in runs:
                await advance(self.works(), self.clinic_id, run_id)
        raise AssertionError("it never ends")

    async def settled(self) -> None:
        """The clock ticks and workers hear, until there is nothing left to do now."""
        for _ in range(6):
            await self.tick()
            await self.hear()

    async def bury(self) -> None:
        """Whoever held something is dead for longer than their lease."""
        await self.room.rows(
            "UPDATE pipeline_runs SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL RETURNING id"
        )
        await self.room.rows(
            "UPDATE reports SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL RETURNING id"
        )

    async def planned(self) -> desks_store.Desk:
        async with clinic_session(self.room.pool, self.clinic_id) as s:
            return await desks_store.desk(s)

    async def states(self) -> dict[str, str]:
        """By the source's id, where each report is."""
        return {row["external_id"]: row["state"] for row in await self.room.rows("SELECT external_id, state FROM reports")}

    async def notices(self, kind: str) -> list[dict[str, Any]]:
        return await self.room.rows("SELECT destination, text FROM notices WHERE kind = %(kind)s ORDER BY seq", kind=kind)

    async def leave(self) -> None:
        """The wire takes everything that stands in the outbox."""
        await self.room.rows("UPDATE outbox SET status = 'sent', provider_id = id::text WHERE status = 'queued' RETURNING id")

    async def ago(self, table: str, column: str, span: timedelta) -> None:
        """As if it had been so long ago."""
        await self.room.rows(f"UPDATE {table} SET {column} = {column} - %(span)s RETURNING 1", span=span)


async def decide(room: Room, **reports: Any) -> None:
    """What the clinic decides about reports, kept where every process reads it."""
    clinic = await clinic_for(room.pool, room.clinic.id)
    policies = replace(
        clinic.policies,
        reports=replace(clinic.policies.reports, **{"source": {"kind": "files"}, "admin_phone": ADMIN, **reports}),
        team=Team(members=(Member(key="julia", name="Júlia", phone=TEAM),)),
    )
    async with clinic_session(room.pool, room.clinic.id) as s:
        await s.execute(
            "UPDATE clinics SET policies = %(policies)s, version = version + 1 WHERE id = %(id)s",
            {"policies": Jsonb(policies_json(policies)), "id": room.clinic.id},
        )
        await s.execute(
            "INSERT INTO report_desks (clinic_id) VALUES (%(clinic)s) ON CONFLICT DO NOTHING", {"clinic": room.clinic.id}
        )
    room.clinic = await clinic_for(room.pool, room.clinic.id)


@asynccontextmanager
async def open_desk(urls: Urls, *, slug: str = "em-casa", **reports: Any) -> AsyncIterator[Desk]:
    async with open_room(urls, slug=slug) as room:
        await decide(room, **reports)
        yield Desk(room)
