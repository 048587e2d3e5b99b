"""The intervention queue in Postgres: what waits for a person, who was told of it, and whether promises were kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from clinic.conversations.models import Case, CaseKind
from db.session import Session


class View(StrEnum):
    """A part of the queue. Waiting and taken: urgent first, then the oldest deadline; resolved: the latest first."""

    WAITING = "waiting"
    TAKEN = "taken"
    RESOLVED = "resolved"


NoticeStatus = Literal["queued", "sending", "sent", "failed", "unknown"]
_STATUS = {View.WAITING: "open", View.TAKEN: "taken", View.RESOLVED: "resolved"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a page of the queue ends."""

    rank: int
    instant: int  # microseconds
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Case):
    """A case in the queue. `late`: nobody answered, and the patient was promised an answer before now."""

    spot: Spot
    noted: str
    first_due_at: datetime
    resolved_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A notice about a case: to whom, and what became of it."""

    case_id: UUID
    member: str
    kind: str
    status: NoticeStatus
    error: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a brief is written from: results of what tools wrote, and the patient's last words; oldest first."""

    results: tuple[Mapping[str, Any], ...] = ()
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is in the queue. `late` counts taken ones too."""

    waiting: int
    urgent: int
    late: int
    taken: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises whose moment came: a person answered, or the matter was resolved, by then; or not."""

    kept: int
    late: int


@dataclass(frozen=True, slots=True)
class KeptOn:
    """Promises first due on a local day, of one kind. `pending`: their moment has not come yet."""

    day: date
    kind: CaseKind
    kept: int
    late: int
    pending: int


async def page(s: Session, view: View | None, *, after: Spot | None = None, only: UUID | None = None, limit: int) -> list[Row]:
    """At most `limit` cases of a view after that spot; `only` one case, whatever its view."""
    rows = await s.all(
        """WITH queue AS (
             SELECT c.*, coalesce(c.first_due_at, c.due_at) AS promised,
                    c.status <> 'resolved' AND c.answered_at IS NULL AND c.due_at < coalesce(v.clock_at, now()) AS late,
                    CASE WHEN c.status = 'resolved' THEN 0 ELSE (NOT c.urgent)::int END AS rank,
                    CASE WHEN c.status = 'resolved' THEN -(extract(epoch FROM c.resolved_at) * 1000000)::bigint
                         ELSE (extract(epoch FROM c.due_at) * 1000000)::bigint END AS instant,
                    CASE WHEN c.status = 'resolved' THEN -c.number ELSE c.number END AS place
             FROM cases c JOIN conversations v ON v.clinic_id = c.clinic_id AND v.id = c.conversation_id
             WHERE c.clinic_id = %(clinic)s AND (%(status)s::text IS NULL OR c.status = %(status)s)
               AND (%(only)s::uuid IS NULL OR c.id = %(only)s))
           SELECT rank, instant, place, id, number, conversation_id, kind, urgent, status, reason, brief AS noted, owner_name,
                  opened_at, due_at, promised AS first_due_at, taken_at, answered_at, resolved_at, resolved_by, resolution,
                  late, slips, level
           FROM queue
           WHERE %(rank)s::int IS NULL OR (rank, instant, place) > (%(rank)s, %(instant)s::bigint, %(place)s::bigint)
           ORDER BY rank, instant, place LIMIT %(limit)s""",
        {
            "clinic": s.clinic_id,
            "status": _STATUS[view] if view else None,
            "only": only,
            "rank": after.rank if after else None,
            "instant": after.instant if after else None,
            "place": after.number if after else None,
            "limit": limit,
        },
    )
    return [_row(dict(row)) for row in rows]


def _row(row: dict[str, Any]) -> Row:
    spot = Spot(row.pop("rank"), row.pop("instant"), row.pop("place"))
    return Row(spot=spot, **{**row, "kind": CaseKind(row["kind"])})


async def counts(s: Session) -> Counts:
    """How much waits for a person."""
    row = await s.one(
        """SELECT count(*) FILTER (WHERE c.status = 'open') AS waiting,
                  count(*) FILTER (WHERE c.status = 'open' AND c.urgent) AS urgent,
                  count(*) FILTER (WHERE c.answered_at IS NULL AND c.due_at < coalesce(v.clock_at, now())) AS late,
                  count(*) FILTER (WHERE c.status = 'taken') AS taken
           FROM cases c JOIN conversations v ON v.clinic_id = c.clinic_id AND v.id = c.conversation_id
           WHERE c.clinic_id = %(clinic)s AND c.status <> 'resolved'""",
        {"clinic": s.clinic_id},
    )
    assert row is not None  # an aggregate always returns its row
    return Counts(**row)


async def kept(s: Session, *, days: int) -> Kept:
    """The promises of cases opened in the last `days` whose moment came."""
    row = await s.one(
        """SELECT count(*) FILTER (WHERE least(c.answered_at, c.resolved_at) <= c.promised) AS kept,
                  count(*) FILTER (WHERE c.promised < c.today
                                   AND NOT coalesce(least(c.answered_at, c.resolved_at) <= c.promised, false)) AS late
           FROM (SELECT e.*, coalesce(e.first_due_at, e.due_at) AS promised, coalesce(v.clock_at, now()) AS today
                 FROM cases e JOIN conversations v ON v.clinic_id = e.clinic_id AND v.id = e.conversation_id
                 WHERE e.clinic_id = %(clinic)s
                   AND e.opened_at > coalesce(v.clock_at, now()) - make_interval(days => %(days)s)) c""",
        {"clinic": s.clinic_id, "days": days},
    )
    assert row is not None  # an aggregate always returns its row
    return Kept(**row)


async def kept_by_day(s: Session, *, zone: str, days: int) -> list[KeptOn]:
    """The same by the local day they were first due on, and by kind; newest day first."""
    rows = await s.all(
        """SELECT (c.promised AT TIME ZONE %(zone)s)::date AS day, c.kind,
                  count(*) FILTER (WHERE least(c.answered_at, c.resolved_at) <= c.promised) AS kept,
                  count(*) FILTER (WHERE c.promised < c.today
                                   AND NOT coalesce(least(c.answered_at, c.resolved_at) <= c.promised, false)) AS late,
                  count(*) FILTER (WHERE c.promised >= c.today AND least(c.answered_at, c.resolved_at) IS NULL) AS pending
           FROM (SELECT e.*, coalesce(e.first_due_at, e.due_at) AS promised, coalesce(v.clock_at, now()) AS today
                 FROM cases e JOIN conversations v ON v.clinic_id = e.clinic_id AND v.id = e.conversation_id
                 WHERE e.clinic_id = %(clinic)s
                   AND e.opened_at > coalesce(v.clock_at, now()) - make_interval(days => %(days)s)) c
           GROUP BY 1, 2 ORDER BY 1 DESC, 2""",
        {"clinic": s.clinic_id, "zone": zone, "days": days},
    )
    return [KeptOn(**{**row, "kind": CaseKind(row["kind"])}) for row in rows]


async def told(s: Session, cases: Sequence[UUID]) -> dict[UUID, list[Told]]:
    """What the team was told of these cases, oldest first."""
    rows = await s.all(
        """SELECT case_id, member, kind, status, error_code AS error, coalesce(sent_at, created_at) AS at FROM notices
           WHERE clinic_id = %(clinic)s AND case_id = ANY(%(cases)s) ORDER BY seq""",
        {"clinic": s.clinic_id, "cases": list(cases)},
    )
    found: dict[UUID, list[Told]] = defaultdict(list)
    for row in rows:
        found[row["case_id"]].append(Told(**row))
    return found


async def grounds(s: Session, conversations: Sequence[UUID]) -> dict[UUID, Grounds]:
    """What the briefs of these conversations are written from: the last 6 effects and the last 3 messages of each.

    Of a number that changed hands, or may have, only what came since: a person would tell it to whoever writes now.
    """
    rows = await s.all(
        """SELECT v.id,
                  (SELECT jsonb_agg(r.result ORDER BY r.at, r.id) FROM (
                     SELECT * FROM tool_receipts t WHERE t.clinic_id = v.clinic_id AND t.conversation_id = v.id
                       AND t.effect = 'write' AND t.result ? 'summary'
                       AND (k.heard_from IS NULL OR t.at >= (SELECT h.at FROM messages h
                              JOIN conversations o ON o.clinic_id = h.clinic_id AND o.id = h.conversation_id
                              WHERE o.clinic_id = v.clinic_id AND o.contact_id = v.contact_id AND h.seq = k.heard_from))
                     ORDER BY t.at DESC, t.id DESC LIMIT 6) r) AS results,
                  (SELECT jsonb_agg(jsonb_build_array(w.kind, left(w.text, 400)) ORDER BY w.seq) FROM (
                     SELECT * FROM messages m WHERE m.clinic_id = v.clinic_id AND m.conversation_id = v.id
                       AND m.direction = 'in' AND m.kind <> 'reaction'
                       AND m.seq >= coalesce(k.heard_from, 0) ORDER BY m.seq DESC LIMIT 3) w) AS words
           FROM conversations v JOIN contacts k ON k.clinic_id = v.clinic_id AND k.id = v.contact_id
           WHERE v.clinic_id = %(clinic)s AND v.id = ANY(%(ids)s)""",
        {"clinic": s.clinic_id, "ids": list(conversations)},
    )
    return {
        row["id"]: Grounds(tuple(row["results"] or ()), tuple((kind, text) for kind, text in row["words"] or ()))
        for row in rows
    }
