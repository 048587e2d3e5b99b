"""What may see across clinics: the porter, the claimers and the sweeps. Every function returns ids, never content.

The database enforces it too: the role `carol_porter` is granted only the columns that route and ring.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import psycopg

from db.pool import Connection, Pool
from kit.errors import Unavailable


@asynccontextmanager
async def _porter(pool: Pool) -> AsyncIterator[Connection]:
    try:
        async with pool.connection() as connection, connection.transaction():
            await connection.execute("SET LOCAL ROLE carol_porter")
            yield connection
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise Unavailable(f"database: {type(error).__name__}") from error


async def clinic_of_account(pool: Pool, kind: str, external_id: str) -> tuple[UUID, UUID] | None:
    """(clinic id, channel account id) of an active wire, or None."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            "SELECT clinic_id, id FROM channel_accounts WHERE kind = %(kind)s AND external_id = %(external)s AND active",
            {"kind": kind, "external": external_id},
        )
        row = await cursor.fetchone()
    return (row["clinic_id"], row["id"]) if row else None


async def clinic_of_slug(pool: Pool, slug: str) -> UUID | None:
    """The clinic called `slug`, or None."""
    async with _porter(pool) as connection:
        row = await (await connection.execute("SELECT id FROM clinics WHERE slug = %(slug)s", {"slug": slug})).fetchone()
    return row["id"] if row else None


async def clinics(pool: Pool) -> list[tuple[UUID, str, bool]]:
    """(id, slug, is demo) of every clinic, by slug; sandboxes are no clinics."""
    async with _porter(pool) as connection:
        rows = await (
            await connection.execute("SELECT id, slug, is_demo FROM clinics WHERE sandbox_of IS NULL ORDER BY slug")
        ).fetchall()
    return [(row["id"], row["slug"], row["is_demo"]) for row in rows]


async def due_lanes(pool: Pool, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(clinic id, conversation id) of lanes whose turn is due and that nobody holds, oldest first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            """SELECT clinic_id, id FROM conversations
               WHERE due_at <= now() AND dead_at IS NULL AND (lease_until IS NULL OR lease_until < now())
                 AND (hears_until IS NULL OR hears_until <= now())
               ORDER BY due_at LIMIT %(limit)s""",
            {"limit": limit},
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def next_lane_due_in(pool: Pool) -> float | None:
    """Seconds until the next lane becomes due (0 when one is late), or None when none waits."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            """SELECT extract(epoch FROM min(greatest(due_at, lease_until, hears_until)) - now())::float AS wait
               FROM conversations WHERE due_at IS NOT NULL AND dead_at IS NULL"""
        )
        row = await cursor.fetchone()
    return max(0.0, row["wait"]) if row and row["wait"] is not None else None


async def due_sends(pool: Pool, *, limit: int, per_account: int) -> list[tuple[UUID, UUID, UUID]]:
    """(clinic id, conversation id, account id) of conversations whose oldest unsent message is due and free, oldest first.

    One that is held (for the window, for the morning) waits apart: the next one of its conversation is looked at instead.
    At most `per_account` of each account, so that one that stands still leaves room for the others.
    """
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            """WITH heads AS (
                 SELECT DISTINCT ON (clinic_id, conversation_id)
                        clinic_id, conversation_id, account_id, seq, due_at, lease_until
                 FROM outbox WHERE status IN ('queued', 'sending', 'unknown') AND (held IS NULL OR due_at <= now())
                 ORDER BY clinic_id, conversation_id, seq),
               due AS (
                 SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY seq) AS place
                 FROM heads WHERE due_at <= now() AND (lease_until IS NULL OR lease_until < now()))
               SELECT clinic_id, conversation_id, account_id FROM due
               WHERE place <= %(per_account)s ORDER BY seq LIMIT %(limit)s""",
            {"limit": limit, "per_account": per_account},
        )
        return [(row["clinic_id"], row["conversation_id"], row["account_id"]) for row in await cursor.fetchall()]


async def late_lanes(pool: Pool, *, seconds: float, limit: int = 100) -> list[tuple[UUID, UUID]]:
    """(clinic id, conversation id) of lanes due for longer than `seconds` that nobody holds."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            """SELECT clinic_id, id FROM conversations
               WHERE due_at < now() - make_interval(secs => %(seconds)s) AND dead_at IS NULL
                 AND (lease_until IS NULL OR lease_until < now()) AND (hears_until IS NULL OR hears_until <= now())
               ORDER BY due_at LIMIT %(limit)s""",
            {"seconds": seconds, "limit": limit},
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def clinic_of_conversation(pool: Pool, conversation_id: UUID) -> UUID | None:
    """The clinic a conversation belongs to, or None."""
    async with _porter(pool) as connection:
        cursor = await connection.execute("SELECT clinic_id FROM conversations WHERE id = %(id)s", {"id": conversation_id})
        row = await cursor.fetchone()
    return row["clinic_id"] if row else None


async def clinic_of_case(pool: Pool, case_id: UUID) -> UUID | None:
    """The clinic a case belongs to, or None."""
    async with _porter(pool) as connection:
        cursor = await connection.execute("SELECT clinic_id FROM cases WHERE id = %(id)s", {"id": case_id})
        row = await cursor.fetchone()
    return row["clinic_id"] if row else None


async def climbing_cases(pool: Pool, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(clinic id, case id) of cases of which the team is to be told now, oldest first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            "SELECT clinic_id, id FROM cases WHERE climbs_at <= now() ORDER BY climbs_at LIMIT %(limit)s", {"limit": limit}
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def slipping_cases(pool: Pool, *, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(clinic id, case id) of cases whose patient may have to be told that it takes longer, oldest first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            "SELECT clinic_id, id FROM cases WHERE slips_at <= %(now)s ORDER BY slips_at LIMIT %(limit)s",
            {"now": now, "limit": limit},
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def due_notices(pool: Pool, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(clinic id, notice id) of what the team is to be told and nobody is sending, oldest first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            """SELECT clinic_id, id FROM notices WHERE status IN ('queued', 'sending') AND due_at <= now()
                 AND (lease_until IS NULL OR lease_until < now()) ORDER BY due_at LIMIT %(limit)s""",
            {"limit": limit},
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def clinics_with_expired_holds(pool: Pool) -> list[UUID]:
    """Clinics that keep at least one hold whose time is over."""
    async with _porter(pool) as connection:
        cursor = await connection.execute("SELECT DISTINCT clinic_id FROM holds WHERE expires_at < now()")
        return [row["clinic_id"] for row in await cursor.fetchall()]


async def sandboxes_of(pool: Pool, clinic_id: UUID) -> list[UUID]:
    """The sandboxes copied from a clinic, newest first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            "SELECT id FROM clinics WHERE sandbox_of = %(clinic)s ORDER BY id DESC", {"clinic": clinic_id}
        )
        return [row["id"] for row in await cursor.fetchall()]


async def expired_sandboxes(pool: Pool) -> list[UUID]:
    """Sandboxes whose time is over."""
    async with _porter(pool) as connection:
        cursor = await connection.execute("SELECT clinic_id FROM rehearsals WHERE expires_at < now() ORDER BY expires_at")
        return [row["clinic_id"] for row in await cursor.fetchall()]


async def waiting_documents(pool: Pool, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(clinic id, document id) of uploaded documents that nobody reads yet, oldest first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            """SELECT clinic_id, id FROM documents WHERE status IN ('waiting', 'reading')
                 AND (lease_until IS NULL OR lease_until < now()) ORDER BY uploaded_at LIMIT %(limit)s""",
            {"limit": limit},
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def wires(pool: Pool) -> list[tuple[UUID, UUID]]:
    """(clinic id, channel account id) of every active wire to the outside."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            "SELECT clinic_id, id FROM channel_accounts WHERE active AND kind <> 'console' ORDER BY clinic_id, id"
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def waiting_media(pool: Pool, *, limit: int, late: float = 0.0) -> list[tuple[UUID, UUID]]:
    """(clinic id, media id) of files to fetch or to hear that nobody is at, due for `late` seconds or longer, oldest first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            """SELECT clinic_id, id FROM media
               WHERE status = 'waiting' AND due_at <= now() - make_interval(secs => %(late)s)
                 AND (lease_until IS NULL OR lease_until < now()) ORDER BY due_at LIMIT %(limit)s""",
            {"limit": limit, "late": late},
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def unlooked_messages(pool: Pool, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(clinic id, message id) of what patients wrote and the second reader of dangers has not read, oldest first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            """SELECT clinic_id, id FROM messages WHERE direction = 'in' AND looked_at IS NULL
               ORDER BY stored_at LIMIT %(limit)s""",
            {"limit": limit},
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def waiting_eval_runs(pool: Pool, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(clinic id, run id) of runs that nobody plays yet, oldest first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            "SELECT clinic_id, id FROM eval_runs WHERE state = 'queued' ORDER BY asked_at LIMIT %(limit)s", {"limit": limit}
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def lost_eval_runs(pool: Pool) -> list[tuple[UUID, UUID]]:
    """(clinic id, run id) of runs whose process has given no sign of life for longer than its lease."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            "SELECT clinic_id, id FROM eval_runs WHERE state = 'running' AND lease_until < now() ORDER BY asked_at"
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def report_desks(pool: Pool) -> list[UUID]:
    """Clinics that send reports to families, those whose next run is due first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute("SELECT clinic_id FROM report_desks ORDER BY next_run_at NULLS LAST, clinic_id")
        return [row["clinic_id"] for row in await cursor.fetchall()]


async def idle_report_runs(pool: Pool) -> list[tuple[UUID, UUID]]:
    """(clinic id, run id) of runs of reports that go on and that nobody is at, oldest first."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            """SELECT clinic_id, id FROM pipeline_runs WHERE status = 'running'
                 AND (lease_until IS NULL OR lease_until < now()) ORDER BY started_at"""
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def reports_owed(pool: Pool, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(clinic id, report id) of reports to write that wait for no run: asked for anew, given back, or left by a dead worker."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            """SELECT clinic_id, id FROM reports
               WHERE (state = 'pending' AND retry_at <= now()) OR (state = 'processing' AND lease_until < now())
               ORDER BY coalesce(retry_at, lease_until) LIMIT %(limit)s""",
            {"limit": limit},
        )
        return [(row["clinic_id"], row["id"]) for row in await cursor.fetchall()]


async def clinics_with_reviews_due(pool: Pool, *, now: datetime) -> list[UUID]:
    """Clinics of which a report waited for a person as long as it may."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            "SELECT DISTINCT clinic_id FROM reports WHERE state = 'review' AND review_due_at <= %(now)s", {"now": now}
        )
        return [row["clinic_id"] for row in await cursor.fetchall()]


async def clinics_with_reports_on_their_way(pool: Pool) -> list[UUID]:
    """Clinics of which a report waits to be told of, or to be sent, or for what the wire says of it."""
    async with _porter(pool) as connection:
        cursor = await connection.execute(
            "SELECT DISTINCT clinic_id FROM reports WHERE state IN ('failed', 'review', 'approved', 'fallback')"
        )
        return [row["clinic_id"] for row in await cursor.fetchall()]
