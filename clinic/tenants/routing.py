"""Whose message is this: from a wire's own name to a clinic. The porter's question, asked before any tenant is known."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import system
from db.pool import Pool


@dataclass(frozen=True, slots=True)
class Route:
    """The clinic a wire belongs to, and the account of that wire."""

    clinic_id: UUID
    account_id: UUID


async def route(pool: Pool, kind: str, external_id: str) -> Route | None:
    """Where messages of this wire (`cloud`, `evolution`, `console`) go, or None when no clinic has it open."""
    found = await system.clinic_of_account(pool, kind, external_id)
    return Route(*found) if found else None
