"""Cases: what a person owes a patient, by when. One open case of a kind per conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.conversations.models import CaseKind, OpenCase, Promise
from db.session import Session
from kit.ids import is_sandbox, new_id

URGENT = frozenset({CaseKind.EMERGENCY, CaseKind.SELF_HARM})
TELL = "carol_notices"  # NOTIFY channel: the team has something to be told; a bell only


async def open_case(
    s: Session,
    conversation_id: UUID,
    kind: CaseKind,
    *,
    reason: str,
    brief: str,
    due_at: datetime,
    at: datetime,
    turn_id: UUID | None = None,
) -> OpenCase:
    """Opens a case, or finds the one of this kind that is still open (a retried turn repeats itself).

    The team is told soon after commit, unless it is a rehearsal. Found open with its deadline past, it is promised anew:
    the caller is about to say by when. `turn_id`: of the turn that tells the patient; without one nobody was promised
    anything, nobody is told when it takes longer, and what was promised before stands. Of a conversation that became part of
    another it is opened there, where people look.
    """
    real = not is_sandbox(s.clinic_id)
    row = await s.one(
        """INSERT INTO cases (clinic_id, id, conversation_id, kind, urgent, reason, brief, due_at, first_due_at, opened_at,
                              turn_id, climbs_at, slips_at)
           SELECT c.clinic_id, %(id)s, coalesce(c.joined_to, c.id), %(kind)s, %(urgent)s, %(reason)s, %(brief)s,
                  %(due)s::timestamptz, %(due)s::timestamptz, %(at)s::timestamptz, %(turn)s::uuid,
                  CASE WHEN %(real)s THEN now() END,
                  CASE WHEN %(real)s AND %(turn)s::uuid IS NOT NULL THEN %(due)s::timestamptz END
           FROM conversations c WHERE c.clinic_id = %(clinic)s AND c.id = %(conversation)s
           ON CONFLICT (clinic_id, conversation_id, kind) WHERE status <> 'resolved' DO UPDATE SET
             turn_id = coalesce(cases.turn_id, excluded.turn_id),
             brief = CASE WHEN cases.brief = '' THEN excluded.brief ELSE cases.brief END,
             slips = cases.slips
               + (cases.due_at <= excluded.opened_at AND cases.turn_id IS NOT NULL AND excluded.turn_id IS NOT NULL)::int,
             slips_at = CASE WHEN excluded.turn_id IS NOT NULL AND (cases.due_at <= excluded.opened_at OR cases.turn_id IS NULL)
                             THEN excluded.slips_at ELSE cases.slips_at END,
             due_at = CASE WHEN cases.due_at <= excluded.opened_at AND (excluded.turn_id IS NOT NULL OR cases.turn_id IS NULL)
                           THEN excluded.due_at ELSE cases.due_at END
           RETURNING id, number, kind, urgent, due_at, status, owner_name""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "conversation": conversation_id,
            "kind": kind,
            "urgent": kind in URGENT,
            "reason": reason[:200],
            "brief": brief[:2000],
            "due": due_at,
            "at": at,
            "turn": turn_id,
            "real": real,
        },
    )
    assert row is not None  # the conversation is there, and an upsert returns its row
    if real:
        await ring(s)
    return _open(row)


async def ring(s: Session) -> None:
    """After commit: the team has something to be told."""
    await s.execute("SELECT pg_notify(%(channel)s, %(clinic)s)", {"channel": TELL, "clinic": str(s.clinic_id)})


async def open_cases(s: Session, conversation_id: UUID, *, heard_from: int | None = None) -> Sequence[OpenCase]:
    """What is still owed in this conversation, oldest first; only since the message `heard_from`, if one is named."""
    rows = await s.all(
        """SELECT id, number, kind, urgent, due_at, status, owner_name FROM cases
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND status <> 'resolved'
             AND (%(heard)s::bigint IS NULL OR opened_at >= (SELECT m.at FROM messages m
                    JOIN conversations c ON c.clinic_id = m.clinic_id AND c.id = m.conversation_id
                    JOIN conversations here ON here.clinic_id = c.clinic_id AND here.contact_id = c.contact_id
                    WHERE here.clinic_id = %(clinic)s AND here.id = %(id)s AND m.seq = %(heard)s))
           ORDER BY number""",
        {"clinic": s.clinic_id, "id": conversation_id, "heard": heard_from},
    )
    return [_open(row) for row in rows]


async def promise_no_more(s: Session, contact_id: UUID) -> None:
    """What is owed to this contact stays in the queue, and no slip of it is told there: somebody else reads it now."""
    await s.execute(
        """UPDATE cases c SET slips_at = NULL FROM conversations v
           WHERE v.clinic_id = %(clinic)s AND v.contact_id = %(contact)s AND c.clinic_id = v.clinic_id
             AND c.conversation_id = v.id AND c.status <> 'resolved'""",
        {"clinic": s.clinic_id, "contact": contact_id},
    )


def _open(row: Mapping[str, Any]) -> OpenCase:
    return OpenCase(
        row["id"], row["number"], CaseKind(row["kind"]), row["urgent"], row["due_at"], row["status"], row["owner_name"]
    )


async def conversation_of(s: Session, case_id: UUID) -> UUID | None:
    """The conversation a case belongs to, or None."""
    row = await s.one(
        "SELECT conversation_id FROM cases WHERE clinic_id = %(clinic)s AND id = %(id)s", {"clinic": s.clinic_id, "id": case_id}
    )
    return row["conversation_id"] if row else None


async def locked(s: Session, case_id: UUID) -> Promise | None:
    """One case, its row locked until the end. Whoever also needs its conversation locks that first."""
    row = await s.one(
        """SELECT id, number, conversation_id, kind, urgent, reason, status, owner_name, opened_at, due_at, taken_at,
                  answered_at, slips, slips_at, level, turn_id IS NOT NULL AS told,
                  coalesce(climbs_at <= clock_timestamp(), false) AS climbs, resolved_by, resolution
           FROM cases WHERE clinic_id = %(clinic)s AND id = %(id)s FOR UPDATE""",
        {"clinic": s.clinic_id, "id": case_id},
    )
    return Promise(**{**row, "kind": CaseKind(row["kind"])}) if row else None


async def note_taken(s: Session, conversation_id: UUID, *, by: str | None, at: datetime) -> None:
    """A person of the clinic has what is owed in this conversation, by that name if they gave one; nobody else is told."""
    await s.execute(
        """UPDATE cases SET status = 'taken', owner_name = coalesce(%(by)s, owner_name), climbs_at = NULL,
             taken_at = CASE WHEN taken_at IS NULL OR owner_name IS DISTINCT FROM coalesce(%(by)s, owner_name)
                             THEN %(at)s ELSE taken_at END
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND status <> 'resolved'""",
        {"clinic": s.clinic_id, "id": conversation_id, "by": by, "at": at},
    )


async def note_answered(s: Session, conversation_id: UUID, *, at: datetime, said_at: datetime | None = None) -> None:
    """A person of the clinic wrote to the patient. `said_at`: the wire's instant, when it tells an older one than `at`;
    a case that was opened after that is still unanswered."""
    await s.execute(
        """UPDATE cases SET answered_at = greatest(opened_at, coalesce(%(said)s, %(at)s)), slips_at = NULL
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND status <> 'resolved' AND answered_at IS NULL
             AND opened_at <= coalesce(%(said)s, %(at)s) + interval '1 second'""",
        {"clinic": s.clinic_id, "id": conversation_id, "at": at, "said": said_at},
    )


async def resolve(
    s: Session,
    conversation_id: UUID,
    *,
    at: datetime,
    by: str | None = None,
    resolution: str = "",
    only: UUID | None = None,
    answered_only: bool = False,
) -> int:
    """What was owed in this conversation is done; how many cases. `only` one of them, or those a person answered."""
    return await s.execute(
        """UPDATE cases SET status = 'resolved', resolved_at = %(at)s, resolved_by = %(by)s, resolution = %(resolution)s,
             climbs_at = NULL, slips_at = NULL
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND status <> 'resolved'
             AND (%(only)s::uuid IS NULL OR id = %(only)s) AND (NOT %(answered)s OR answered_at IS NOT NULL)""",
        {
            "clinic": s.clinic_id,
            "id": conversation_id,
            "at": at,
            "by": by,
            "resolution": resolution[:2000],
            "only": only,
            "answered": answered_only,
        },
    )


async def close_answered(s: Session, conversation_id: UUID, kind: CaseKind, *, at: datetime, since: datetime) -> None:
    """What a person answered before, and has not written about `since`, is over: what comes now is owed and told anew."""
    await s.execute(
        """UPDATE cases k SET status = 'resolved', resolved_at = %(at)s, climbs_at = NULL, slips_at = NULL
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND kind = %(kind)s AND status <> 'resolved'
             AND answered_at <= %(since)s AND NOT EXISTS (
               SELECT FROM messages m WHERE m.clinic_id = k.clinic_id AND m.conversation_id = k.conversation_id
                 AND m.direction = 'out' AND m.author = 'person' AND m.at > %(since)s)""",
        {"clinic": s.clinic_id, "id": conversation_id, "kind": kind, "at": at, "since": since},
    )


async def tell_again(s: Session, conversation_id: UUID, kind: CaseKind, *, since: datetime) -> None:
    """Everybody was told, and nobody has answered `since`: it is told from the beginning, not twice in those minutes."""
    await s.execute(
        """UPDATE cases k SET status = 'open', owner_name = NULL, taken_at = NULL, level = 0, climbs_at = now()
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND kind = %(kind)s AND status <> 'resolved'
             AND %(real)s AND answered_at IS NULL AND climbs_at IS NULL AND coalesce(taken_at, opened_at) <= %(since)s
             AND NOT EXISTS (SELECT FROM notices n WHERE n.clinic_id = k.clinic_id AND n.case_id = k.id
                             AND n.created_at > %(since)s)""",
        {"clinic": s.clinic_id, "id": conversation_id, "kind": kind, "since": since, "real": not is_sandbox(s.clinic_id)},
    )


async def wait_again(s: Session, conversation_id: UUID) -> None:
    """Whoever had these cases gave the conversation back without an answer: they wait for somebody, and the team is told."""
    real = not is_sandbox(s.clinic_id)
    waiting = await s.execute(
        """UPDATE cases SET status = 'open', owner_name = NULL, taken_at = NULL, level = 0,
             climbs_at = CASE WHEN %(real)s THEN now() END
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND status = 'taken'""",
        {"clinic": s.clinic_id, "id": conversation_id, "real": real},
    )
    if waiting and real:
        await ring(s)


async def note_climbed(s: Session, case_id: UUID, *, level: int, again_in: float | None) -> None:
    """The team was told up to that level; the next one is in so many seconds, or never."""
    await s.execute(
        """UPDATE cases SET level = %(level)s, climbs_at = now() + make_interval(secs => %(again)s::float)
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": case_id, "level": level, "again": again_in},
    )


async def note_slipped(s: Session, case_id: UUID, *, due_at: datetime, slips: int, slips_at: datetime | None) -> None:
    """The patient was told so often that it takes longer, the last time until `due_at`; looked at again at `slips_at`."""
    await s.execute(
        """UPDATE cases SET due_at = %(due)s, slips = %(slips)s, slips_at = %(again)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": case_id, "due": due_at, "slips": slips, "again": slips_at},
    )
