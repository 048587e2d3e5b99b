"""A clinic's team that is told of what waits, for the tests of who is told what and how often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from clinic.conversations.cases import case_store
from clinic.conversations.models import CaseKind
from clinic.tenants.policies import Member, Policies, Team, policies_json
from db.embedded import Urls
from db.session import clinic_session
from jobs.notices import tell_due
from jobs.senders import Senders
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.served import Served, serve
from tests.flows.test_delivery import ask

BASE = "https://carol.example"
JULIA = Member(key="julia", name="Júlia Reis", phone="+5531977770001")
RITA = Member(key="rita", name="Rita Sá", phone="+5531977770002")
CHEFE = Member(key="chefe", name="Chefe Lima", phone="+5531977770003", level=2)
TEAM = Team(members=(CHEFE, JULIA, RITA), climb_minutes=30)


@pytest.fixture
async def served(database: Urls) -> AsyncIterator[Served]:
    """The clinic, with its team."""
    async with serve(database) as served:
        await employ(served, TEAM)
        yield served


async def employ(served: Served, team: Team) -> None:
    policies = Jsonb(policies_json(Policies(team=team)))
    await served.rows("UPDATE clinics SET policies = %(p)s, version = version + 1 RETURNING id", p=policies)


async def wires(served: Served, state: str, kind: str = "%") -> None:
    await served.rows(
        "UPDATE channel_accounts SET state = %(state)s WHERE kind LIKE %(kind)s RETURNING id", state=state, kind=kind
    )


async def owe(served: Served, kind: CaseKind = CaseKind.PERSON_ASKED, *, words: str = "Quero falar com alguém") -> UUID:
    """A case of a patient who wrote these words."""
    await ask(served, "evolution", words, message_id=new_id().hex)
    [row] = await served.rows("SELECT id FROM conversations ORDER BY created_at DESC LIMIT 1")
    async with clinic_session(served.pool, served.clinic) as s:
        now = utc_now()
        case = await case_store.open_case(
            s, row["id"], kind, reason="x", brief=words, due_at=now + timedelta(hours=1), at=now, turn_id=None
        )
    return case.id


async def tell(served: Served) -> int:
    async with Senders() as senders:
        return await tell_due(served.pool, senders, base=BASE)


async def told(served: Served) -> list[tuple[str, str, str]]:
    rows = await served.rows("SELECT kind, member, status FROM notices ORDER BY seq")
    return [(row["kind"], row["member"], row["status"]) for row in rows]


async def climb_now(served: Served) -> None:
    await served.rows("UPDATE cases SET climbs_at = now() WHERE climbs_at IS NOT NULL RETURNING id")


async def again_now(served: Served) -> None:
    await served.rows("UPDATE notices SET due_at = now(), lease_until = NULL RETURNING id")


async def one_notice(served: Served, kind: CaseKind = CaseKind.EMERGENCY, wire: str = "evolution") -> None:
    """One member, one wire, one case to tell of."""
    await employ(served, Team(members=(JULIA,)))
    if wire == "cloud":
        await wires(served, "closed", "evolution")
    await owe(served, kind)


async def grace_over(served: Served) -> None:
    """As if the wire had been asked for it for a minute."""
    await served.rows("UPDATE notices SET due_at = now(), asked_at = asked_at - interval '61 seconds' RETURNING id")


async def age(served: Served) -> None:
    """As if all that was told had been told an hour ago."""
    await served.rows("UPDATE cases SET opened_at = now() - interval '1 hour' RETURNING id")
    await served.rows("UPDATE notices SET created_at = now() - interval '1 hour' RETURNING id")
