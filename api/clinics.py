"""The porter's questions that only the API asks: which clinics there are, and whose a slug, a conversation or a case is."""

from __future__ import annotations

from uuid import UUID

from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from clinic.tenants.store import ClinicNotFound
from db import system
from db.pool import Pool


async def open_clinics(pool: Pool) -> list[Clinic]:
    """Every clinic, by slug."""
    return [await clinic_for(pool, found[0]) for found in await system.clinics(pool)]


async def every_clinic(pool: Pool) -> list[UUID]:
    """The ids of all clinics."""
    return [found[0] for found in await system.clinics(pool)]


async def clinics_with_reports(pool: Pool) -> list[tuple[UUID, str]]:
    """(id, slug) of the clinics that send reports to families, by slug."""
    desks = set(await system.report_desks(pool))
    return [(clinic_id, slug) for clinic_id, slug, _ in await system.clinics(pool) if clinic_id in desks]


async def clinic_called(pool: Pool, slug: str) -> UUID:
    """The clinic of that slug. Raises ClinicNotFound."""
    found = None if "\0" in slug else await system.clinic_of_slug(pool, slug)  # Postgres takes no NUL
    if found is None:
        raise ClinicNotFound
    return found


async def clinic_holding(pool: Pool, conversation_id: UUID) -> UUID | None:
    """The clinic of a conversation, or None."""
    return await system.clinic_of_conversation(pool, conversation_id)


async def clinic_owing(pool: Pool, case_id: UUID) -> UUID | None:
    """The clinic of a case, or None."""
    return await system.clinic_of_case(pool, case_id)
