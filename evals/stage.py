"""Where trials happen: clinics seeded once in a database of their own, and for each trial a copy that is thrown away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from clinic.rehearsals import service as rehearsals
from clinic.scenarios.schema import Scenario
from clinic.tenants import reading
from clinic.tenants.document import ClinicDocument
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for, seed
from db.pool import Pool, create_pool
from evals.evidence import Secret
from kit.errors import Invalid
from knowledge.library import Library

FIXTURES = Path(str(files("evals"))) / "fixtures"
# A rehearsed clinic keeps few copies of itself: more trials of one clinic at once would end one another.
AT_ONCE_MOST = 8
STRANGER = "+5531988887777"


class BadFixture(Invalid):
    """A scenario asks for a clinic or a person that is not there."""

    code = "bad_fixture"


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

    def secrets_from(self, scenario: Scenario) -> tuple[Secret, ...]:
        """What the writer must not be told: names, phones and birth dates of everybody who is not theirs."""
        phone = self.phone_of(scenario)
        unknown = {*scenario.expect.never_reveal, *scenario.expect.may_reveal} - {one.key for one in self.document.people}
        if unknown:
            raise BadFixture(f"{scenario.id}: nobody called {', '.join(sorted(unknown))}")
        found: list[Secret] = []
        for one in self.document.people:
            theirs = phone in one.phones or any(each.contact == phone for each in one.relationships)
            if one.key in scenario.expect.may_reveal or (theirs and one.key not in scenario.expect.never_reveal):
                continue
            values = [one.name, *(form for number in one.phones for form in _written(str(number)))]
            if one.birth_date is not None:
                values += [one.birth_date.strftime("%d/%m/%Y"), one.birth_date.isoformat()]
            found += [Secret(one.key, value) for value in values]
        return tuple(found)


def _written(phone: str) -> tuple[str, ...]:
    digits = phone.lstrip("+")
    area, number = digits[2:4], digits[4:]
    return digits, f"{area}{number}", f"{number[:-4]}-{number[-4:]}", f"({area}) {number[:-4]}-{number[-4:]}"


@dataclass(slots=True)
class Stage:
    """Fixtures by name and overlay, each made when first asked for. `library` may be None: nothing is written down then."""

    pool: Pool
    library: Library | None
    _made: dict[str, asyncio.Task[Fixture]] = field(default_factory=dict)

    async def fixture(self, scenario: Scenario) -> Fixture:
        """The clinic of a scenario. Raises BadFixture."""
        key = json.dumps([scenario.fixture, scenario.overlay], sort_keys=True, default=str)
        if key not in self._made:
            self._made[key] = asyncio.create_task(self._make(scenario.fixture, scenario.overlay, len(self._made)))
        return await asyncio.shield(self._made[key])

    async def _make(self, name: str, overlay: Mapping[str, Any], number: int) -> Fixture:
        described = _described(name)
        source = (FIXTURES / described["document"]).resolve()
        given = yaml.safe_load(source.read_text("utf-8"))
        slug = f"{given['clinic']['slug']}-{number}"
        laid = _laid_over(_laid_over(given, overlay), {"clinic": {"slug": slug}})
        for channel in laid.get("channels") or ():  # two clinics have no number in common
            channel["external_id"] = f"{channel['external_id']}-{number}"
        document = reading.read(yaml.safe_dump(laid, allow_unicode=True))
        at = datetime.fromisoformat(str(described["at"])).replace(tzinfo=_zone(document))
        report = await seed(self.pool, document, now=at)
        if self.library is not None and document.knowledge:
            await self.library.ingest_folder(report.clinic_id, source.parent / str(document.knowledge))
        return Fixture(await clinic_for(self.pool, report.clinic_id), document, at)

    @asynccontextmanager
    async def trial(self, fixture: Fixture) -> AsyncIterator[Clinic]:
        """A copy of the clinic for one trial, erased at the end."""
        sandbox: UUID = await rehearsals.begin(self.pool, fixture.clinic, now=fixture.at)
        try:
            yield await clinic_for(self.pool, sandbox)
        finally:
            await rehearsals.end(self.pool, sandbox)


def _described(name: str) -> dict[str, Any]:
    path = FIXTURES / f"{name}.yaml"
    if not path.is_file():
        raise BadFixture(f"no such fixture: {name}")
    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def _laid_over(given: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Lists grow, mappings are merged, anything else is replaced."""
    merged = dict(given)
    for name, value in overlay.items():
        before = merged.get(name)
        if isinstance(before, list) and isinstance(value, list):
            keys = {one.get("key") for one in value if isinstance(one, dict)} - {None}
            merged[name] = [one for one in before if not (isinstance(one, dict) and one.get("key") in keys)] + value
        elif isinstance(before, dict) and isinstance(value, dict):
            merged[name] = _laid_over(before, value)
        else:
            merged[name] = value
    return merged


def _zone(document: ClinicDocument) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(str(document.clinic.timezone))


@asynccontextmanager
async def open_stage(app_url: str, library_of: Any = None, *, max_size: int = 8) -> AsyncIterator[Stage]:
    """A stage in an empty, migrated database that belongs to the evals. `library_of(pool)`: an async context manager."""
    pool = create_pool(app_url, max_size=max_size, name="carol-evals")
    await pool.open()
    try:
        if library_of is None:
            yield Stage(pool, None)
        else:
            async with library_of(pool) as library:
                yield Stage(pool, library)
    finally:
        await pool.close()
