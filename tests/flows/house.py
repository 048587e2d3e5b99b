"""A clinic in a fresh database with the real desk: say something as a patient, read what was answered and the rows left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from agent.brain import Brain
from agent.models import Brains, Role, offline_brain
from clinic.conversations.inbox import receive
from clinic.conversations.lanes.lane_store import LANES
from clinic.conversations.models import Arrival, QuietWindow
from clinic.patients.models import ContactAlias
from clinic.tenants import reading
from clinic.tenants.document import ClinicDocument
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for, seed
from db.embedded import Urls
from db.pool import Pool, create_pool
from db.session import clinic_session
from desk.turn import Minds, take_turn
from graphs.state import Limits
from kit.clock import utc_now

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "seeds" / "demo" / "clinic.yaml"
ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)  # a Monday
ANA = "+5531900000101"  # Ana Paula Ribeiro of the demonstration clinic, born on 14 May 1988
BIA = "+5531900000202"  # nobody the demonstration clinic knows
_ids = count(1)


@dataclass(slots=True)
class House:
    """One clinic, one mind, one console wire."""

    pool: Pool
    clinic: Clinic
    account_id: UUID
    minds: Minds
    at: datetime
    conversations: dict[str, UUID] = field(default_factory=dict)

    async def hear(self, phone: str, text: str, *, provider_id: str | None = None, kind: str = "text") -> UUID:
        """Stores a message, without taking the turn."""
        arrival = Arrival(
            account_id=self.account_id,
            provider_id=provider_id or f"t{next(_ids)}",
            aliases=(ContactAlias("phone", phone),),
            reply_to=phone,
            text=text,
            kind=kind,
            clock_at=self.at,
        )
        async with clinic_session(self.pool, self.clinic.id) as s:
            stored = await receive(s, arrival, now=utc_now(), quiet=QuietWindow(0, 0))
        self.conversations[phone] = stored.conversation_id
        return stored.conversation_id

    async def say(self, phone: str, *texts: str) -> str:
        """Says one or several messages at once, lets Carol take her turn, returns what she answered."""
        before = len(await self.said(phone)) if phone in self.conversations else 0
        for text in texts:
            await self.hear(phone, text)
        await take_turn(self.pool, self.minds, self.clinic.id, self.conversations[phone])
        return "\n".join((await self.said(phone))[before:])

    async def said(self, phone: str) -> list[str]:
        """Everything Carol said to this phone."""
        found = await self.rows(
            "SELECT text FROM messages WHERE conversation_id = %(id)s AND direction = 'out' ORDER BY seq",
            id=self.conversations[phone],
        )
        return [row["text"] for row in found]

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Rows of this clinic, by any query."""
        async with clinic_session(self.pool, self.clinic.id) as s:
            return list(await s.all(query, params))  # type: ignore[arg-type]

    async def visits(self, phone: str) -> list[dict[str, Any]]:
        """Visits booked by Carol in this conversation, soonest first, with names."""
        return await self.rows(
            """SELECT p.name AS person, s.name AS service, r.name AS professional, u.name AS unit, v.name AS convenio,
                      a.starts_at, a.status, a.price_cents, a.id
               FROM appointments a
               JOIN people p USING (clinic_id) JOIN services s USING (clinic_id) JOIN professionals r USING (clinic_id)
               JOIN units u USING (clinic_id) LEFT JOIN convenios v ON v.clinic_id = a.clinic_id AND v.id = a.convenio_id
               WHERE p.id = a.person_id AND s.id = a.service_id AND r.id = a.professional_id AND u.id = a.unit_id
                 AND a.conversation_id = %(id)s ORDER BY a.starts_at""",
            id=self.conversations[phone],
        )


async def due_now(house: House) -> None:
    """What waits, waits no longer, and the bell is rung."""
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE conversations SET due_at = now() WHERE due_at IS NOT NULL")
        await s.execute("SELECT pg_notify(%(c)s, '')", {"c": LANES})


@cache
def read(document: Path) -> ClinicDocument:
    """A clinic's document: each house of a run begins with the same one, which nobody changes."""
    return reading.read(document.read_text("utf-8"))


def brains_of(brain: Brain, *, offline: bool = False) -> Brains:
    """One brain for the conversation."""
    return Brains({Role.CONVERSATION: brain}, offline=offline)


def offline_brains(cache: Path) -> Brains:
    """The demonstration mind."""
    return brains_of(offline_brain(cache), offline=True)


@asynccontextmanager
async def open_house(
    urls: Urls,
    brains: Brains,
    *,
    at: datetime,
    document: Path = DEMO,
    library: Any = None,
    limits: Limits | None = None,
    lease: timedelta = timedelta(seconds=30),
) -> AsyncIterator[House]:
    """The clinic of `document`, seeded as at `at`, whose conversations live at that instant."""
    pool = create_pool(urls.app, max_size=8)
    await pool.open()
    try:
        report = await seed(pool, read(document), now=at)
        clinic = await clinic_for(pool, report.clinic_id)
        async with clinic_session(pool, clinic.id) as s:
            account = await s.one("SELECT id FROM channel_accounts WHERE kind = 'console'")
        assert account is not None
        minds = Minds(brains=brains, library=library, limits=limits or Limits(), lease=lease)
        yield House(pool, clinic, account["id"], minds, at)
    finally:
        await pool.close()
