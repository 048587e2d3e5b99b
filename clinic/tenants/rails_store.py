"""How a clinic's wires are: connected or not, how much they have been given, what the platform says of their templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import DictRow

from clinic.tenants.wires_store import CONSOLE
from db.session import Session

OPEN, CONNECTING, CLOSED, UNKNOWN = "open", "connecting", "closed", "unknown"
DOWN = frozenset({CONNECTING, CLOSED})


@dataclass(frozen=True, slots=True)
class Rail:
    """One wire. `down_for`: seconds since it is not open, None when it is or nobody knows."""

    id: UUID
    kind: str
    name: str  # the provider's: an instance, the id of a number
    state: str
    reason: str | None
    state_since: datetime | None
    alarmed_at: datetime | None
    audited_until: datetime | None
    down_for: float | None
    now: datetime


_COLUMNS = """SELECT id, kind, external_id AS name, state, state_reason AS reason, state_since, alarmed_at, audited_until,
                     now() AS now,
                     CASE WHEN state IN ('connecting', 'closed') THEN extract(epoch FROM now() - state_since)::float END
                       AS down_for
              FROM channel_accounts WHERE clinic_id = %(clinic)s AND active AND kind <> %(console)s"""


async def rails(s: Session) -> Sequence[Rail]:
    """The clinic's active wires to the outside."""
    return [_rail(row) for row in await s.all(_COLUMNS + " ORDER BY kind, external_id", _known(s))]


async def rail(s: Session, account_id: UUID) -> Rail | None:
    """One of them."""
    row = await s.one(_COLUMNS + " AND id = %(id)s", _known(s) | {"id": account_id})
    return _rail(row) if row else None


def _known(s: Session) -> dict[str, object]:
    return {"clinic": s.clinic_id, "console": CONSOLE}


def _rail(row: DictRow) -> Rail:
    return Rail(**row)


@dataclass(frozen=True, slots=True)
class Changed:
    """From what to what; `was_alarmed`: the team had been told that it is down."""

    before: str
    after: str
    was_alarmed: bool


async def note_state(s: Session, account_id: UUID, state: str, *, reason: str | None) -> Changed | None:
    """Writes down how a wire is. None: it was so before (the reason told first stands)."""
    row = await s.one(
        """WITH before AS (SELECT clinic_id, id, state, alarmed_at FROM channel_accounts
             WHERE clinic_id = %(clinic)s AND id = %(id)s AND state <> %(state)s FOR UPDATE)
           UPDATE channel_accounts a SET state = %(state)s, state_since = clock_timestamp(), state_reason = %(reason)s,
             alarmed_at = CASE WHEN %(state)s IN ('open', 'unknown') THEN NULL ELSE a.alarmed_at END
           FROM before WHERE a.clinic_id = before.clinic_id AND a.id = before.id
           RETURNING before.state AS before, before.alarmed_at IS NOT NULL AS was_alarmed""",
        {"clinic": s.clinic_id, "id": account_id, "state": state, "reason": reason[:100] if reason else None},
    )
    return Changed(row["before"], state, row["was_alarmed"]) if row else None


async def note_alarm(s: Session, account_id: UUID) -> bool:
    """The team is told, now, that this wire is down. False: it was told before."""
    return bool(
        await s.execute(
            """UPDATE channel_accounts SET alarmed_at = clock_timestamp()
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND alarmed_at IS NULL AND state IN ('connecting', 'closed')""",
            {"clinic": s.clinic_id, "id": account_id},
        )
    )


async def sends_fail(s: Session, account_id: UUID) -> bool:
    """Whether messages wait that this wire refused: then it is not open, whatever its server says."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM outbox WHERE clinic_id = %(clinic)s AND account_id = %(account)s
             AND status = 'queued' AND held IS NULL AND attempts > 0) AS failing""",
        {"clinic": s.clinic_id, "account": account_id},
    )
    return bool(row and row["failing"])


async def hurry(s: Session, account_id: UUID) -> int:
    """The wire is open again: what waited for it is due now. How many."""
    return await s.execute(
        """UPDATE outbox SET due_at = now() WHERE clinic_id = %(clinic)s AND account_id = %(account)s AND status = 'queued'
             AND held IS NULL AND due_at > now() AND error_code IS NOT NULL""",
        {"clinic": s.clinic_id, "account": account_id},
    )


async def reserve(s: Session, account_id: UUID, *, per_second: float, burst: float, most: float) -> tuple[bool, float]:
    """Takes the next free place in this wire's pace, shared by all processes: (taken, seconds until it).

    Not taken when it is further away than `most`. `burst` messages may leave at once after a pause.
    """
    params = {"clinic": s.clinic_id, "id": account_id, "step": 1.0 / per_second, "ahead": (burst - 1.0) / per_second}
    row = await s.one(
        """UPDATE channel_accounts SET paced_until = greatest(paced_until, clock_timestamp()) + make_interval(secs => %(step)s)
           WHERE clinic_id = %(clinic)s AND id = %(id)s
             AND (paced_until IS NULL OR paced_until <= clock_timestamp() + make_interval(secs => %(most)s + %(ahead)s))
           RETURNING extract(epoch FROM paced_until - clock_timestamp())::float - %(step)s - %(ahead)s AS wait""",
        params | {"most": most},
    )
    if row is not None:
        return True, max(row["wait"], 0.0)
    row = await s.one(
        """SELECT extract(epoch FROM paced_until - clock_timestamp())::float - %(ahead)s AS wait FROM channel_accounts
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        params,
    )
    return False, max(row["wait"], 0.05) if row else 0.05


async def back_off(s: Session, account_id: UUID, *, seconds: float) -> None:
    """The wire asked for less: nothing of this account leaves for a while, in any process."""
    await s.execute(
        """UPDATE channel_accounts
           SET paced_until = greatest(paced_until, clock_timestamp() + make_interval(secs => %(seconds)s))
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": account_id, "seconds": seconds},
    )


async def template_states(s: Session, account_id: UUID) -> dict[tuple[str, str], str]:
    """What the platform last said of each template, by (name, language)."""
    rows = await s.all(
        "SELECT name, language, state FROM template_states WHERE clinic_id = %(clinic)s AND account_id = %(account)s",
        {"clinic": s.clinic_id, "account": account_id},
    )
    return {(row["name"], row["language"]): row["state"] for row in rows}


async def note_template(
    s: Session, account_id: UUID, *, name: str, language: str, state: str, reason: str | None, at: datetime | None
) -> None:
    """Writes down what the platform says of a template; what it said later stands."""
    await s.execute(
        """INSERT INTO template_states (clinic_id, account_id, name, language, state, reason, at)
           VALUES (%(clinic)s, %(account)s, %(name)s, %(language)s, %(state)s, %(reason)s, coalesce(%(at)s, clock_timestamp()))
           ON CONFLICT (clinic_id, account_id, name, language)
             DO UPDATE SET state = excluded.state, reason = excluded.reason, at = excluded.at
             WHERE template_states.at <= excluded.at""",
        {
            "clinic": s.clinic_id,
            "account": account_id,
            "name": name[:512],
            "language": language[:20],
            "state": state.lower()[:50],
            "reason": reason[:200] if reason else None,
            "at": at,
        },
    )


async def audited(s: Session, account_id: UUID, until: datetime) -> None:
    """The wire's history has been compared with the inbox up to here."""
    await s.execute(
        """UPDATE channel_accounts SET audited_until = greatest(audited_until, %(until)s)
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": account_id, "until": until},
    )
