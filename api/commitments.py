"""The nights' comparisons of what was said to patients with what is, for staff and for whoever runs the house."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.clinics import clinic_called
from api.conversations import Slug
from api.state import house
from clinic.conversations.commitments import reconciling_store
from clinic.tenants.service import clinic_for
from db.session import clinic_session

router = APIRouter(prefix="/api", tags=["commitments"])


class ReconciliationOut(BaseModel):
    """One night. `states`: lines of the ledger by kind and what became of them; `codes`: findings by what is wrong.

    `broken` counts those that misled a patient; `findings` (at most 500) name rows by ids and codes only. `finished_at` is null
    while it runs.
    """

    day: date
    started_at: datetime
    finished_at: datetime | None
    checked: int
    broken: int
    states: dict[str, dict[str, int]]
    codes: dict[str, int]
    findings: list[dict[str, Any]]


@router.get("/reconciliations")
async def reconciliations(
    request: Request, clinic: Slug, limit: Annotated[int, Query(ge=1, le=100)] = 14
) -> list[ReconciliationOut]:
    """The newest nights of a clinic."""
    pool = house(request).pool
    found = await clinic_for(pool, await clinic_called(pool, clinic))
    async with clinic_session(pool, found.id) as s:
        nights = await reconciling_store.listed(s, limit=limit)
    return [
        ReconciliationOut(
            day=night.day,
            started_at=night.started_at.astimezone(found.zone),
            finished_at=night.finished_at.astimezone(found.zone) if night.finished_at else None,
            checked=night.checked,
            broken=night.broken,
            states=night.report.get("states", {}),
            codes=night.report.get("codes", {}),
            findings=night.report.get("findings", []),
        )
        for night in nights
    ]
