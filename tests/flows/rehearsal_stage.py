"""A rehearsal of the house's clinic, spoken to as a patient and looked into."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.conversations.models import Stored
from clinic.rehearsals import branching, saying
from clinic.rehearsals.saying import Voice
from db.session import clinic_session
from desk.turn import take_turn
from kit.ids import new_id
from tests.flows.house import House

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
ANA = "+5531900000101"


class Stage:
    """A rehearsal of the house's clinic, with its desk."""

    def __init__(self, house: House, rehearsal: UUID) -> None:
        self.house, self.id, self.at = house, rehearsal, NOW
        self.conversation: UUID | None = None

    async def hear(self, text: str, *, person: str = ANA, mind: str | None = None, message_id: str | None = None) -> Stored:
        voice = Voice(rehearsal_id=self.id, person=person, at=self.at, mind=mind)
        stored = await saying.say(self.house.pool, voice, text, message_id=message_id or new_id().hex)
        self.conversation = stored.conversation_id
        return stored

    async def say(self, text: str, **more: Any) -> str:
        """What Carol answered."""
        stored = await self.hear(text, **more)
        self.at += timedelta(minutes=1)
        await take_turn(self.house.pool, self.house.minds, self.id, stored.conversation_id)
        return "\n".join(
            row["text"]
            for row in await self.rows(
                "SELECT text FROM messages WHERE direction = 'out' AND conversation_id = %(c)s AND seq > %(seq)s ORDER BY seq",
                c=stored.conversation_id,
                seq=stored.seq,
            )
        )

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        async with clinic_session(self.house.pool, self.id) as s:
            return list(await s.all(query, params))  # type: ignore[arg-type]

    async def turns(self) -> list[UUID]:
        return [row["id"] for row in await self.rows("SELECT id FROM turns ORDER BY started_at")]

    async def visits(self) -> list[str]:
        found = await self.rows("SELECT status FROM appointments WHERE booked_by = 'carol' ORDER BY starts_at")
        return [row["status"] for row in found]

    async def branch(self, turn: UUID) -> tuple[Stage, Any]:
        assert self.conversation
        made = await branching.branch(self.house.pool, self.id, self.conversation, turn)
        fresh = Stage(self.house, made.rehearsal_id)
        fresh.conversation, fresh.at = made.conversation_id, made.at
        return fresh, made
