"""Where trials happen: clinics seeded once in a database of their own, and for each trial a copy that is thrown away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import yaml

from clinic.rehearsals import service as rehearsals
from clinic.scenarios.models import OWN
from clinic.scenarios.schema import Scenario
from clinic.tenants import reading
from clinic.tenants.document import ClinicDocument
from clinic.tenants.document_agenda import PersonPart
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for, seed
from db.pool import Pool, create_pool
from evals.described import BadFixture, described, laid_over, seeded_at
from evals.grading.canaries import strangers
from kit.tasks import end
from knowledge.library import Library

# A rehearsed clinic keeps few copies of itself: more trials of one clinic at once would end one another.
AT_ONCE_MOST = 8
STRANGER = "+5531988887777"


@dataclass(frozen=True, slots=True)
class Fixture:
    """A clinic as its trials find it. `at`: the instant it was seeded for, and the clock of those who say nothing else."""

    clinic: Clinic
    document: ClinicDocument
    at: datetime

    def phone_of(self, scenario: Scenario) -> str:
        """The number that writes. Raises BadFixture for somebody the clinic does not know."""
        patient = scenario.patient
        if patient.phone is not None:
            return patient.phone
        if patient.person is None:
            return STRANGER
        found = [one for one in self.document.people if one.key == patient.person]
        if not found or not found[0].phones:
            raise BadFixture(f"{scenario.id}: {patient.person} is nobody with a phone in {scenario.fixture}")
        return str(found[0].phones[0])

    def strangers_to(self, scenario: Scenario) -> list[PersonPart]:
        """Everybody of whom the writer must not be told. Raises BadFixture for somebody the clinic does not know."""
        unknown = {*scenario.expect.never_reveal, *scenario.expect.may_reveal} - {one.key for one in self.document.people}
        if unknown:
            raise BadFixture(f"{scenario.id}: nobody called {', '.join(sorted(unknown))}")
        return strangers(self.document, self.phone_of(scenario), scenario.expect)


@dataclass(slots=True)
class Stage:
    """Fixtures by name and overlay, each made when first asked for. `library` may be None: nothing is written down then."""

    pool: Pool
    library: Library | None
    _made: dict[str, asyncio.Task[Fixture]] = field(default_factory=dict)

    async def fixture(self, scenario: Scenario) -> Fixture:
        """The clinic of a scenario. Raises BadFixture."""
        written = scenario.knowledge.overlay if scenario.knowledge else {}
        key = json.dumps([scenario.fixture, scenario.overlay, written, _day_of_its_own(scenario)], sort_keys=True, default=str)
        if key not in self._made:
            self._made[key] = asyncio.create_task(self._make(scenario, written, len(self._made)))
        return await asyncio.shield(self._made[key])

    async def _make(self, scenario: Scenario, written: Mapping[str, str], number: int) -> Fixture:
        source, given = described(scenario.fixture)
        slug = f"{given['clinic']['slug']}-{number}"
        laid = laid_over(laid_over(given, scenario.overlay), {"clinic": {"slug": slug}})
        for channel in laid.get("channels") or ():  # two clinics have no number in common
            channel["external_id"] = f"{channel['external_id']}-{number}"
        document = reading.read(yaml.safe_dump(laid, allow_unicode=True))
        at = datetime.fromisoformat(str(seeded_at(scenario.fixture))).replace(tzinfo=_zone(document))
        if (day := _day_of_its_own(scenario)) is not None:
            at = local(day, document.clinic.timezone)
        report = await seed(self.pool, document, now=at)
        if self.library is not None and document.knowledge:
            await self.library.ingest_folder(report.clinic_id, source.parent / str(document.knowledge))
            for name, text in written.items():
                await self.library.ingest(report.clinic_id, name, text.encode())
        return Fixture(await clinic_for(self.pool, report.clinic_id), document, at)

    async def end(self) -> None:
        """Makes nothing more: whoever asked for it is gone."""
        await end(self._made.values())

    @asynccontextmanager
    async def trial(self, fixture: Fixture) -> AsyncIterator[Clinic]:
        """A copy of the clinic for one trial, erased at the end."""
        sandbox: UUID = await rehearsals.begin(self.pool, fixture.clinic, now=fixture.at)
        try:
            yield await clinic_for(self.pool, sandbox)
        finally:
            await rehearsals.end(self.pool, sandbox)


def _day_of_its_own(scenario: Scenario) -> datetime | None:
    """A clinic's own scenario is played on its day, however long ago: what lies over the agenda lies around that day."""
    laid = scenario.overlay.keys() & {"visits", "blocks"}
    return scenario.clock.now if scenario.fixture == OWN and laid else None


def local(now: datetime, zone: str) -> datetime:
    """An instant as a scenario writes it: on the clinic's wall clock where it names no offset."""
    return now if now.tzinfo else now.replace(tzinfo=ZoneInfo(zone))


def _zone(document: ClinicDocument) -> ZoneInfo:
    return ZoneInfo(str(document.clinic.timezone))


@asynccontextmanager
async def open_stage(app_url: str, library_of: Any = None, *, max_size: int = 8) -> AsyncIterator[Stage]:
    """A stage in an empty, migrated database that belongs to the evals. `library_of(pool)`: an async context manager."""
    pool = create_pool(app_url, max_size=max_size, name="carol-evals")
    await pool.open()
    stage = Stage(pool, None)
    try:
        if library_of is None:
            yield stage
        else:
            async with library_of(pool) as stage.library:
                yield stage
    finally:
        await stage.end()
        await pool.close()
