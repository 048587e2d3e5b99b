"""What flow tests of the wires say again and again: a patient writes, the clinic answers, time passes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import time
from typing import Any

from psycopg.types.json import Jsonb

from clinic.tenants.policies import Messaging, Policies, Template, policies_json
from db.session import clinic_session
from jobs.delivery import Policy, deliver_due
from jobs.senders import Senders
from kit.clock import utc_now
from tests.flows.served import QUICK, Served

PATIENT = "5531988880001"
NOW = int(utc_now().timestamp())
REENGAGE = Template(
    name="retomar_conversa",
    purpose="reengage",
    body="Olá, {{1}}! Temos uma resposta sobre {{2}}. Responda por aqui para continuarmos.",
)
ALL_DAY = Messaging(quiet_from=time(0), quiet_until=time(0))  # no quiet hours: a test may run at night


async def until(what: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if await what():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen in time")


async def ask(
    served: Served, rail: str, text: str = "oi", number: str = PATIENT, message_id: str = "ABC1", at: int = NOW
) -> None:
    """A patient writes, and the webhook is taken."""
    provider = served.evolution if rail == "evolution" else served.cloud
    body = provider.inbound(text, number=number, message_id=message_id, at=at)
    answer = await (served.from_evolution(body) if rail == "evolution" else served.from_cloud(body))
    assert answer.status_code == 200


async def deliver(served: Served, policy: Policy = QUICK, senders: Senders | None = None) -> int:
    """Sends what is due, once round; how many sends were tried."""
    if senders is not None:
        return await deliver_due(served.pool, senders, policy)
    async with Senders() as fresh:
        return await deliver_due(served.pool, fresh, policy)


async def drained(served: Served, policy: Policy = QUICK, senders: Senders | None = None) -> None:
    """Sends until nothing more is due."""
    for _ in range(50):
        if not await deliver(served, policy, senders):
            return
    raise AssertionError("it never ends")


async def make_due(served: Served) -> None:
    """As if all the waits were over."""
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute(
            """UPDATE outbox SET due_at = now(), asked_at = asked_at - interval '10 minutes'
               WHERE status IN ('queued', 'unknown') AND held IS NULL"""
        )
        await s.execute("UPDATE channel_accounts SET paced_until = NULL")


async def a_day_passes(served: Served, hours: float = 25) -> None:
    """Since the patients last wrote."""
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute(
            "UPDATE conversations SET last_inbound_at = last_inbound_at - make_interval(secs => %(seconds)s)",
            {"seconds": hours * 3600},
        )


async def set_policies(served: Served, *templates: Template, messaging: Messaging = ALL_DAY, fail_over: bool = True) -> None:
    """What the clinic decides about its messages."""
    chosen = Policies(
        messaging=Messaging(
            quiet_from=messaging.quiet_from, quiet_until=messaging.quiet_until, fail_over=fail_over, templates=templates
        )
    )
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute(
            "UPDATE clinics SET policies = %(policies)s, version = version + 1", {"policies": Jsonb(policies_json(chosen))}
        )


async def set_outbox(served: Served, **values: Any) -> None:
    """Columns of every row that has not been sent."""
    assert values.keys() <= {"proactive", "expires_at", "created_at"}
    async with clinic_session(served.pool, served.clinic) as s:
        for name, value in values.items():
            await s.execute(
                f"UPDATE outbox SET {name} = %(value)s WHERE status = 'queued'",  # a column of the closed list above
                {"value": value},
            )


async def cases(served: Served) -> list[tuple[str, str]]:
    return [(row["kind"], row["reason"]) for row in await served.rows("SELECT kind, reason FROM cases")]


async def held(served: Served) -> list[tuple[str, str | None, str | None]]:
    """(status, why it is held, error code) of each message of ours, in order."""
    rows = await served.rows("SELECT status, held, error_code FROM outbox ORDER BY seq")
    return [(row["status"], row["held"], row["error_code"]) for row in rows]
