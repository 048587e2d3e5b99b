"""Webhooks we could not use, kept for whoever repairs the wire: the body without secrets, or only its digest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from db.session import Session
from kit.errors import Invalid
from kit.ids import new_id


class Unstorable(Invalid):
    """Postgres refuses this value; trying again cannot help."""

    code = "unstorable"


@asynccontextmanager
async def storable() -> AsyncIterator[None]:
    """Around a whole session: a value or a constraint that no retry can change becomes Unstorable."""
    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise Unstorable(f"sqlstate {error.sqlstate}") from error
    except UnicodeEncodeError as error:
        raise Unstorable("not utf-8") from error


async def keep(s: Session, account_id: UUID, *, reason: str, body: Any) -> None:
    """Keeps a body that is already free of secrets and of what jsonb cannot hold."""
    await s.execute(
        """INSERT INTO webhook_events (clinic_id, id, account_id, reason, body)
           VALUES (%(clinic)s, %(id)s, %(account)s, %(reason)s, %(body)s)""",
        {"clinic": s.clinic_id, "id": new_id(), "account": account_id, "reason": reason[:200], "body": Jsonb(body)},
    )


async def keep_unrouted(s: Session, *, kind: str, external_id: str, digest: str, size: int) -> None:
    """Notes that an authentic webhook named a wire no clinic has. Never its content: it is not this clinic's."""
    await s.execute(
        """INSERT INTO unrouted_events (id, kind, external_id, digest, bytes)
           VALUES (%(id)s, %(kind)s, %(external)s, %(digest)s, %(bytes)s)""",
        {"id": new_id(), "kind": kind, "external": external_id[:200], "digest": digest, "bytes": size},
    )


async def prune(s: Session, *, older_than: timedelta) -> int:
    """Forgets kept webhooks and statuses of sends that never became ours; how many."""
    params = {"clinic": s.clinic_id, "age": older_than}
    events = await s.execute(
        "DELETE FROM webhook_events WHERE clinic_id = %(clinic)s AND received_at < now() - %(age)s", params
    )
    statuses = await s.execute(
        "DELETE FROM early_statuses WHERE clinic_id = %(clinic)s AND received_at < now() - %(age)s", params
    )
    return events + statuses + await s.execute("DELETE FROM unrouted_events WHERE received_at < now() - %(age)s", params)
