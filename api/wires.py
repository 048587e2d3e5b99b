"""The clinic's wires to WhatsApp, as staff must know of them: which is down, and since when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.clinics import clinic_called
from api.conversations import Slug
from api.state import house
from clinic.tenants import rails_store
from clinic.tenants.models import Clinic
from clinic.tenants.rails_store import OPEN, Rail
from clinic.tenants.service import clinic_for
from db.session import clinic_session
from jobs.links import stays_down

router = APIRouter(prefix="/api", tags=["wires"])

_KEYLESS = "bad_channel"  # why a wire without its keys is closed


class WireOut(BaseModel):
    """A wire. `kind`: evolution or cloud; `name`: the provider's, to tell two of a kind apart. `state`, since `since`: unknown,
    open, connecting or closed.

    `down`: for longer than what heals by itself. `stand_in`: meanwhile another wire of the clinic says what waits.
    """

    id: UUID
    kind: str
    name: str
    state: str
    since: datetime | None
    down: bool
    stand_in: bool


@router.get("/wires")
async def wires(request: Request, clinic: Slug) -> list[WireOut]:
    """The clinic's wires to the outside; none in a rehearsal. A change is told as `wire`."""
    pool = house(request).pool
    found = await clinic_for(pool, await clinic_called(pool, clinic))
    async with clinic_session(pool, found.id) as s:
        rails = await rails_store.rails(s)
    standing = [rail for rail in rails if rail.state == OPEN] if found.policies.messaging.fail_over else []
    return [
        WireOut(
            id=rail.id,
            kind=rail.kind,
            name=rail.name,
            state=rail.state,
            since=rail.state_since.astimezone(found.zone) if rail.state_since else None,
            down=_is_down(found, rail),
            stand_in=_is_down(found, rail) and bool(standing),
        )
        for rail in rails
    ]


def _is_down(clinic: Clinic, rail: Rail) -> bool:
    """The demonstration's wires wait for keys that nobody may ever give: that is no fall."""
    return stays_down(rail) and not (clinic.is_demo and rail.reason == _KEYLESS)
