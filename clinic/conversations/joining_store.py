"""What becomes of the conversations of two contacts that are one human: on one wire they are one, with one lane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from db.session import Session


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation, its row locked until the end. `thinking`: a turn of it is under way."""

    id: UUID
    contact_id: UUID
    account_id: UUID
    thinking: bool


async def locked(s: Session, contact_ids: list[UUID]) -> list[Held]:
    """All conversations of these contacts, locked in the order of their ids."""
    rows = await s.all(
        """SELECT id, contact_id, account_id, coalesce(lease_until > now(), false) AS thinking FROM conversations
           WHERE clinic_id = %(clinic)s AND contact_id = ANY(%(ids)s) AND joined_to IS NULL ORDER BY id FOR NO KEY UPDATE""",
        {"clinic": s.clinic_id, "ids": contact_ids},
    )
    return [Held(**row) for row in rows]


async def hand_over(s: Session, kept: UUID, other: UUID) -> dict[str, list[str]]:
    """What names the other contact names the one that is left: conversations not joined already, and visits. Their ids."""
    params = {"clinic": s.clinic_id, "kept": kept, "other": other}
    conversations = await s.all(
        """UPDATE conversations SET contact_id = %(kept)s
           WHERE clinic_id = %(clinic)s AND contact_id = %(other)s AND joined_to IS NULL RETURNING id""",
        params,
    )
    visits = await s.all(
        "UPDATE appointments SET contact_id = %(kept)s WHERE clinic_id = %(clinic)s AND contact_id = %(other)s RETURNING id",
        params,
    )
    return {"conversations": [str(row["id"]) for row in conversations], "appointments": [str(row["id"]) for row in visits]}


async def think_anew(s: Session, contact_id: UUID) -> None:
    """A turn that is being thought began with less than is known now: it is refused, and taken again."""
    await s.execute(
        """UPDATE conversations SET fence = fence + 1, lease_until = NULL, lease_token = NULL, attempts = 0, due_at = now()
           WHERE clinic_id = %(clinic)s AND contact_id = %(contact)s AND lease_until IS NOT NULL AND joined_to IS NULL""",
        {"clinic": s.clinic_id, "contact": contact_id},
    )


# Rows of a conversation that go with it, each with its id.
_ROWS: dict[str, LiteralString] = {
    "turns": """UPDATE turns SET conversation_id = %(to)s
        WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s RETURNING id""",
    "messages": """UPDATE messages SET conversation_id = %(to)s
        WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s RETURNING id""",
    "outbox": """UPDATE outbox SET conversation_id = %(to)s
        WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s RETURNING id""",
    "cases": """UPDATE cases SET conversation_id = %(to)s
        WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s RETURNING id""",
    "dead_letters": """UPDATE dead_letters SET conversation_id = %(to)s
        WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s RETURNING id""",
    "commitments": """UPDATE commitments SET conversation_id = %(to)s
        WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s RETURNING id""",
    "appointments": """UPDATE appointments SET conversation_id = %(to)s
        WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s RETURNING id""",
    "holds": """UPDATE holds SET conversation_id = %(to)s
        WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s RETURNING id""",
    # Handles begin again in every conversation, so its keys say which one they were issued in.
    "tool_receipts": """UPDATE tool_receipts SET conversation_id = %(to)s, idempotency_key = %(from)s || ':' || idempotency_key
        WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s RETURNING id""",
}


async def join(s: Session, gone: UUID, left: UUID, *, settled: str) -> dict[str, Any]:
    """Everything of one conversation is another's from now on, in the order it was said; ids of all that moved.

    A promise of the same kind in both is one, the earlier and the more urgent of the two; its double is resolved with
    `settled`, where {case} is the number of the one that stays. What was offered or waits for a yes in the conversation
    that goes is over: its handles mean something else in the one that stays.
    """
    params = {"clinic": s.clinic_id, "from": gone, "to": left}
    moved: dict[str, Any] = {"from": str(gone), "to": str(left), "cases_joined": await _join_cases(s, gone, left, settled)}
    await s.execute(
        """UPDATE proposals SET status = 'dropped'
           WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s AND status = 'open'""",
        params,
    )
    await s.execute("DELETE FROM offers WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s", params)
    await s.execute(
        """UPDATE turns SET status = 'superseded', finished_at = clock_timestamp()
           WHERE clinic_id = %(clinic)s AND conversation_id = %(from)s AND status = 'running'""",
        params,
    )
    for table, statement in _ROWS.items():
        moved[table] = [str(row["id"]) for row in await s.all(statement, params)]
    await _one_lane(s, gone, left)
    return moved


async def _one_lane(s: Session, gone: UUID, left: UUID) -> None:
    """A person's conversation stays a person's; what waits in either is due now, and no turn of before counts.

    That one of the two was given up silences nothing that waits: a person has the case of what failed.
    """
    params = {"clinic": s.clinic_id, "from": gone, "to": left}
    await s.execute(
        """UPDATE conversations c SET
             owner = CASE WHEN 'person' IN (c.owner, g.owner) THEN 'person' ELSE 'carol' END,
             owner_name = CASE WHEN c.owner = 'person' THEN c.owner_name ELSE coalesce(g.owner_name, c.owner_name) END,
             owner_since = CASE WHEN c.owner = g.owner THEN greatest(c.owner_since, g.owner_since)
                                WHEN c.owner = 'person' THEN c.owner_since ELSE g.owner_since END,
             reply_to = CASE WHEN g.last_inbound_at > coalesce(c.last_inbound_at, '-infinity')
                             THEN g.reply_to ELSE c.reply_to END,
             last_inbound_at = greatest(c.last_inbound_at, g.last_inbound_at),
             last_message_at = greatest(c.last_message_at, g.last_message_at),
             hears_until = greatest(c.hears_until, g.hears_until),
             waiting_since = least(c.waiting_since, g.waiting_since),
             dead_at = CASE WHEN waits.danger OR (waits.words AND 'person' NOT IN (c.owner, g.owner)) THEN NULL
                            ELSE coalesce(c.dead_at, g.dead_at) END,
             last_error = coalesce(c.last_error, g.last_error),
             fence = greatest(c.fence, g.fence) + 1, lease_until = NULL, lease_token = NULL, attempts = 0,
             due_at = CASE WHEN waits.danger OR (waits.words AND 'person' NOT IN (c.owner, g.owner)) THEN now() END
           FROM conversations g, (
             SELECT count(*) FILTER (WHERE m.red_flag IS NOT NULL) > 0 AS danger,
                    count(*) FILTER (WHERE m.kind <> 'reaction') > 0 AS words
             FROM messages m WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(to)s AND m.direction = 'in'
               AND m.turn_id IS NULL) waits
           WHERE c.clinic_id = %(clinic)s AND c.id = %(to)s AND g.clinic_id = c.clinic_id AND g.id = %(from)s""",
        params,
    )
    await s.execute(
        """UPDATE conversations SET joined_to = %(to)s, owner = 'carol', owner_name = NULL, due_at = NULL, waiting_since = NULL,
             hears_until = NULL, dead_at = NULL, checkpoint_id = NULL, fence = fence + 1, lease_until = NULL, lease_token = NULL
           WHERE clinic_id = %(clinic)s AND (id = %(from)s OR joined_to = %(from)s)""",
        params,
    )


async def _join_cases(s: Session, gone: UUID, left: UUID, settled: str) -> list[dict[str, str]]:
    """Open cases of a kind that both have."""
    doubles = await s.all(
        """UPDATE cases k SET
             urgent = k.urgent OR g.urgent, due_at = least(k.due_at, g.due_at),
             first_due_at = least(k.first_due_at, g.first_due_at), opened_at = least(k.opened_at, g.opened_at),
             brief = left(concat_ws(E'\\n', nullif(k.brief, ''), nullif(g.brief, '')), 2000),
             answered_at = CASE WHEN k.answered_at IS NOT NULL AND g.answered_at IS NOT NULL
                                THEN greatest(k.answered_at, g.answered_at) END,
             status = CASE WHEN 'open' IN (k.status, g.status) THEN 'open' ELSE k.status END,
             owner_name = CASE WHEN 'open' IN (k.status, g.status) THEN NULL ELSE coalesce(k.owner_name, g.owner_name) END,
             taken_at = CASE WHEN 'open' IN (k.status, g.status) THEN NULL ELSE coalesce(k.taken_at, g.taken_at) END,
             climbs_at = least(k.climbs_at, g.climbs_at), slips_at = least(k.slips_at, g.slips_at),
             slips = greatest(k.slips, g.slips), turn_id = coalesce(k.turn_id, g.turn_id)
           FROM cases g
           WHERE k.clinic_id = %(clinic)s AND k.conversation_id = %(to)s AND k.status <> 'resolved'
             AND g.clinic_id = k.clinic_id AND g.conversation_id = %(from)s AND g.status <> 'resolved' AND g.kind = k.kind
           RETURNING g.id AS gone, k.id AS left, k.number""",
        {"clinic": s.clinic_id, "from": gone, "to": left},
    )
    await s.many(
        """UPDATE cases SET status = 'resolved', resolved_at = greatest(opened_at, now()), resolution = %(settled)s,
             climbs_at = NULL, slips_at = NULL
           WHERE clinic_id = %(clinic)s AND id = %(gone)s""",
        [{"clinic": s.clinic_id, "gone": row["gone"], "settled": settled.format(case=row["number"])} for row in doubles],
    )
    return [{"from": str(row["gone"]), "to": str(row["left"])} for row in doubles]


async def tell(s: Session, conversation_id: UUID) -> None:
    """Pages that show this conversation read it again after commit."""
    await s.execute(
        """SELECT pg_notify('carol_changes', json_build_object('clinic', %(clinic)s::text, 'what', 'message',
             'conversation', %(id)s::text, 'turn', NULL)::text)""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )


async def standing_for(s: Session, conversation_id: UUID) -> UUID:
    """The conversation that has what was said in this one: itself, or the one it became part of."""
    row = await s.one(
        "SELECT joined_to FROM conversations WHERE clinic_id = %(clinic)s AND id = %(id)s",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return row["joined_to"] if row and row["joined_to"] else conversation_id
