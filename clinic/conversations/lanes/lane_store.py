"""The lane of a conversation: one turn at a time, whatever the number of processes.

A lease says who may think; the fence says whose result counts. A paused process outlives its lease and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.conversations.cases import case_store
from clinic.conversations.commitments import ledger_store
from clinic.conversations.lanes.recent_store import recent
from clinic.conversations.models import Desk, Fenced, Lease, Message, Owner, Story, TurnResult
from clinic.conversations.outgoing.outbox import enqueue
from clinic.patients import store as patients
from clinic.patients.models import Contact
from db.session import Session
from kit.ids import new_id, new_token

LANES = "carol_lanes"  # NOTIFY channel
HISTORY = 20  # messages given to a turn: a bounded window keeps the cost flat however long the conversation


async def claim(s: Session, conversation_id: UUID, *, lease: timedelta) -> Lease | None:
    """Takes the lane if its turn is due and nobody holds it. None: not due, a voice note is being heard, or someone has it."""
    taken = Lease(conversation_id, new_id(), new_token(), fence=0)
    row = await s.one(
        """WITH free AS (
             SELECT clinic_id, id FROM conversations
             WHERE clinic_id = %(clinic)s AND id = %(id)s AND due_at <= now() AND dead_at IS NULL
               AND (lease_until IS NULL OR lease_until < now()) AND (hears_until IS NULL OR hears_until <= now())
             FOR UPDATE SKIP LOCKED),
           taken AS (
             UPDATE conversations c SET lease_until = now() + %(lease)s, lease_token = %(token)s,
                    fence = c.fence + 1, attempts = c.attempts + 1, hears_until = NULL
             FROM free WHERE c.clinic_id = free.clinic_id AND c.id = free.id RETURNING c.clinic_id, c.id, c.fence),
           abandoned AS (
             UPDATE turns t SET status = 'failed', finished_at = clock_timestamp()
             FROM taken WHERE t.clinic_id = taken.clinic_id AND t.conversation_id = taken.id AND t.status = 'running')
           INSERT INTO turns (clinic_id, id, conversation_id, fence)
           SELECT clinic_id, %(turn)s, id, fence FROM taken RETURNING fence""",
        {
            "clinic": s.clinic_id,
            "id": conversation_id,
            "lease": lease,
            "token": taken.token,
            "turn": taken.turn_id,
        },
    )
    return replace(taken, fence=row["fence"]) if row else None


async def attempts(s: Session, lease: Lease) -> int:
    """How often this turn has been tried, this try included. Raises Fenced when the lease is over."""
    row = await s.one(
        """SELECT attempts FROM conversations
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND lease_token = %(token)s AND fence = %(fence)s""",
        {"clinic": s.clinic_id, "id": lease.conversation_id, "token": lease.token, "fence": lease.fence},
    )
    if row is None:
        raise Fenced
    return int(row["attempts"])


async def load(s: Session, lease: Lease) -> Desk:
    """Everything the turn starts from. Raises Fenced when the lease is already over."""
    row = await s.one(
        """SELECT c.owner, c.account_id, c.reply_to, c.clock_at, c.waiting_since, c.attempts, c.checkpoint_id,
                  k.id AS contact_id, k.display_name, k.opted_out_at, k.human_only, k.told_ai_at,
                  k.last_seen_at, k.doubt, k.heard_from, k.assured_until, k.opt_out_asked_at
           FROM conversations c JOIN contacts k ON k.clinic_id = c.clinic_id AND k.id = c.contact_id
           WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s AND c.lease_token = %(token)s AND c.fence = %(fence)s""",
        {"clinic": s.clinic_id, "id": lease.conversation_id, "token": lease.token, "fence": lease.fence},
    )
    if row is None:
        raise Fenced
    messages = await recent(s, lease.conversation_id, limit=HISTORY)
    beside = {"owner", "account_id", "reply_to", "clock_at", "waiting_since", "attempts", "checkpoint_id", "contact_id"}
    contact = Contact(row["contact_id"], **{name: row[name] for name in row if name not in beside})
    return Desk(
        lease=lease,
        contact=contact,
        people=tuple(await patients.dependants(s, contact.id)),
        owner=Owner(row["owner"]),
        account_id=row["account_id"],
        reply_to=row["reply_to"],
        clock_at=row["clock_at"],
        waiting_since=row["waiting_since"],
        attempts=row["attempts"],
        checkpoint_id=row["checkpoint_id"],
        history=tuple(m for m in messages if m.answered)[-HISTORY:],
        pending=tuple(m for m in messages if not m.answered),
        cases=tuple(await case_store.open_cases(s, lease.conversation_id, heard_from=contact.heard_from)),
        first_contact=contact.told_ai_at is None,
        menu=await _last_menu(s, lease.conversation_id),
    )


async def _last_menu(s: Session, conversation_id: UUID) -> Mapping[str, Any] | None:
    """What the turn that spoke last offered to choose from. Whatever was said since, by anybody, closes a menu."""
    row = await s.one(
        """SELECT o.content->'menu' AS menu FROM outbox o JOIN messages m ON m.clinic_id = o.clinic_id AND m.id = o.message_id
           WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(id)s AND jsonb_exists(o.content, 'menu')
             AND m.turn_id = (SELECT turn_id FROM messages WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s
                              AND direction = 'out' ORDER BY seq DESC LIMIT 1)
           ORDER BY m.seq DESC LIMIT 1""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return row["menu"] if row else None


async def forget_dialogue(s: Session, contact_id: UUID) -> None:
    """Whoever writes under this contact now begins anew: dialogue state, offers and proposals were somebody else's."""
    await s.execute(
        """WITH theirs AS (
             UPDATE conversations SET checkpoint_id = NULL WHERE clinic_id = %(clinic)s AND contact_id = %(contact)s
             RETURNING clinic_id, id),
           dropped AS (
             UPDATE proposals p SET status = 'dropped' FROM theirs
             WHERE p.clinic_id = theirs.clinic_id AND p.conversation_id = theirs.id AND p.status = 'open')
           DELETE FROM offers o USING theirs WHERE o.clinic_id = theirs.clinic_id AND o.conversation_id = theirs.id""",
        {"clinic": s.clinic_id, "contact": contact_id},
    )


async def heartbeat(s: Session, lease: Lease, *, extend: timedelta) -> bool:
    """Extends a lease that is still ours. False: it is over, stop thinking."""
    return bool(
        await s.execute(
            """UPDATE conversations SET lease_until = now() + %(extend)s
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND lease_token = %(token)s AND fence = %(fence)s""",
            {
                "clinic": s.clinic_id,
                "id": lease.conversation_id,
                "token": lease.token,
                "fence": lease.fence,
                "extend": extend,
            },
        )
    )


async def still_ours(s: Session, lease: Lease) -> Owner:
    """Locks the lane for this transaction and says who owns the conversation now. Raises Fenced when it is over."""
    row = await s.one(
        """SELECT owner FROM conversations
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND lease_token = %(token)s AND fence = %(fence)s FOR UPDATE""",
        {"clinic": s.clinic_id, "id": lease.conversation_id, "token": lease.token, "fence": lease.fence},
    )
    if row is None:
        raise Fenced
    return Owner(row["owner"])


async def newer_than(s: Session, conversation_id: UUID, seq: int) -> bool:
    """Whether something unanswered came after `seq`, or was heard only after the running turn had read its messages."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM messages WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s
             AND direction = 'in' AND turn_id IS NULL AND seq > %(seq)s AND kind <> 'reaction')
           OR EXISTS (SELECT FROM media e
             JOIN messages m ON m.clinic_id = e.clinic_id AND m.id = e.message_id
             JOIN turns t ON t.clinic_id = m.clinic_id AND t.conversation_id = m.conversation_id AND t.status = 'running'
             WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(id)s AND m.direction = 'in' AND m.turn_id IS NULL
               AND e.heard_at > t.started_at) AS newer""",
        {"clinic": s.clinic_id, "id": conversation_id, "seq": seq},
    )
    return bool(row and row["newer"])


async def hears(s: Session, conversation_id: UUID, until: datetime, *, most: timedelta | None = None) -> None:
    """No turn before `until`, unless it is heard sooner: a voice note is being transcribed. A red flag does not wait for it.

    `most`: since the first message that waits, however many notes follow.
    """
    await s.execute(
        """UPDATE conversations c SET hears_until =
             least(greatest(hears_until, %(until)s), coalesce(waiting_since, now()) + %(most)s)
           WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s AND NOT EXISTS (
             SELECT FROM messages m WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.id
               AND m.direction = 'in' AND m.turn_id IS NULL AND m.red_flag IS NOT NULL)""",
        {"clinic": s.clinic_id, "id": conversation_id, "until": until, "most": most},
    )


async def heard(s: Session, conversation_id: UUID, *, wait: float = 1.0, at_once: bool = False) -> None:
    """A voice note was heard, or never will be: the turn is due in `wait` seconds unless another one is still being heard.

    `at_once`: it holds a red flag, so the turn is due now whatever else is heard and whoever owns the conversation.
    """
    await s.execute(
        """WITH still AS (
             SELECT EXISTS (SELECT FROM messages m WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(id)s
                 AND m.direction = 'in' AND m.turn_id IS NULL AND m.kind <> 'reaction') AS waits,
               EXISTS (SELECT FROM media d JOIN messages m ON m.clinic_id = d.clinic_id AND m.id = d.message_id
               WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(id)s AND m.direction = 'in' AND m.turn_id IS NULL
                 AND m.kind = 'audio' AND d.heard_at IS NULL AND d.problem IS NULL
                 AND d.status IN ('waiting', 'ready')) AS hears)
           UPDATE conversations c SET
             hears_until = CASE WHEN still.hears AND NOT %(at_once)s THEN hears_until END,
             due_at = CASE
               WHEN %(at_once)s THEN now()
               WHEN c.owner = 'person' OR still.hears OR NOT still.waits THEN due_at
               ELSE greatest(due_at, now() + make_interval(secs => %(wait)s)) END
           FROM still WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id, "wait": wait, "at_once": at_once},
    )
    await ring(s, conversation_id)


async def wake(s: Session, conversation_id: UUID) -> None:
    """A turn is due now with all its tries before it, whatever became of the last ones; whoever holds the lane has lost it."""
    await s.execute(
        """UPDATE conversations SET due_at = now(), waiting_since = now(), dead_at = NULL, attempts = 0, last_error = NULL,
             fence = fence + 1, lease_until = NULL, lease_token = NULL
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    await ring(s, conversation_id)


async def ring(s: Session, conversation_id: UUID) -> None:
    """Tells every desk after commit that something may be due. A bell only: the row is the truth."""
    await s.execute("SELECT pg_notify(%(channel)s, %(id)s)", {"channel": LANES, "id": str(conversation_id)})


async def close_turn(s: Session, desk: Desk, result: TurnResult, *, status: str) -> None:
    """Writes down how the turn went."""
    await s.execute(
        """UPDATE turns SET status = %(status)s, outcome = %(outcome)s, model = %(model)s, trace = %(trace)s,
             tokens_in = %(tin)s, tokens_out = %(tout)s, cost_brl = %(cost)s, finished_at = clock_timestamp(),
             request_id = %(request)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {
            "clinic": s.clinic_id,
            "id": desk.lease.turn_id,
            "status": status,
            "outcome": result.outcome,
            **_told(result.story),
            "request": desk.pending[-1].request_id if desk.pending else None,
        },
    )


async def tell(s: Session, lease: Lease, story: Story) -> bool:
    """Writes down how a turn goes while it runs. False: it has ended.

    The lease is not asked for: the row is this turn's alone, and whoever takes the lane next ends it first.
    """
    return bool(
        await s.execute(
            """UPDATE turns SET model = %(model)s, trace = %(trace)s, tokens_in = %(tin)s, tokens_out = %(tout)s,
                 cost_brl = %(cost)s
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND status = 'running'""",
            {"clinic": s.clinic_id, "id": lease.turn_id, **_told(story)},
        )
    )


async def let_go(s: Session, lease: Lease, story: Story) -> None:
    """Writes down how far a turn came that lost its lane: superseded, unless whoever took the lane has ended it."""
    await s.execute(
        """UPDATE turns SET model = %(model)s, trace = %(trace)s, tokens_in = %(tin)s, tokens_out = %(tout)s,
             cost_brl = %(cost)s, status = CASE status WHEN 'running' THEN 'superseded' ELSE status END,
             finished_at = coalesce(finished_at, clock_timestamp())
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND status IN ('running', 'failed')""",
        {"clinic": s.clinic_id, "id": lease.turn_id, **_told(story)},
    )


def _told(story: Story) -> dict[str, object]:
    return {
        "model": story.model,
        "trace": Jsonb(list(story.trace)),
        "tin": story.tokens_in,
        "tout": story.tokens_out,
        "cost": story.cost_brl,
    }


async def say(
    s: Session, desk: Desk, result: TurnResult, *, clock: datetime, answers: Sequence[Message] = (), given_up: bool = False
) -> None:
    """Stores the replies with their lines of the ledger, and their sends. One key per answered message: it is said once."""
    request_id = desk.pending[-1].request_id if desk.pending else None
    covers = next((message.name for message in reversed(answers or desk.pending)), "0")
    key = f"given-up:{desk.lease.turn_id}" if given_up else f"reply:{desk.lease.conversation_id}:{covers}"
    for position, text in enumerate(result.replies):
        message_id = new_id()
        await s.execute(
            """INSERT INTO messages
                 (clinic_id, id, conversation_id, account_id, direction, author, text, turn_id, request_id, at)
               VALUES (%(clinic)s, %(id)s, %(conversation)s, %(account)s, 'out', %(author)s, %(text)s, %(turn)s,
                       %(request)s, %(at)s)""",
            {
                "clinic": s.clinic_id,
                "id": message_id,
                "conversation": desk.lease.conversation_id,
                "account": desk.account_id,
                "author": result.author,
                "text": text,
                "turn": desk.lease.turn_id,
                "request": request_id,
                "at": clock,
            },
        )
        await enqueue(
            s,
            conversation_id=desk.lease.conversation_id,
            message_id=message_id,
            account_id=desk.account_id,
            reply_to=desk.reply_to,
            dedupe_key=f"{key}:{position}",
            request_id=request_id,
            content={"menu": dict(result.menu)} if result.menu and position == len(result.replies) - 1 else None,
        )
        await ledger_store.write(
            s,
            conversation_id=desk.lease.conversation_id,
            message_id=message_id,
            turn_id=desk.lease.turn_id,
            commitments=[one for one in result.commitments if one.bubble == position],
            at=clock,
        )


async def mark_answered(s: Session, desk: Desk, *, answers: Sequence[Message] = ()) -> None:
    """The pending messages up to the covered one now belong to this turn; not one that was heard while it was thinking.

    `answers`: of those, these alone, unless they are all that was read.
    """
    only = [message.id for message in answers] if len(answers) < len(desk.pending) else None
    await s.execute(
        """UPDATE messages m SET turn_id = %(turn)s WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(conversation)s
             AND m.direction = 'in' AND m.turn_id IS NULL AND m.seq <= %(seq)s
             AND (%(only)s::uuid[] IS NULL OR m.id = ANY(%(only)s))
             AND NOT EXISTS (SELECT FROM media e JOIN turns t ON t.clinic_id = e.clinic_id AND t.id = %(turn)s
               WHERE e.clinic_id = m.clinic_id AND e.message_id = m.id AND e.heard_at > t.started_at)""",
        {
            "clinic": s.clinic_id,
            "turn": desk.lease.turn_id,
            "conversation": desk.lease.conversation_id,
            "seq": desk.covered_seq,
            "only": only or None,
        },
    )


async def release(s: Session, lease: Lease, *, checkpoint_id: str | None, due_in: timedelta | None, more: bool = False) -> None:
    """Frees the lane after a finished turn. `more`: unanswered messages remain, due when their quiet window ends.

    `due_in`: nothing was answered, and the next turn waits at least this; the patient still waits since the first message.
    """
    await s.execute(
        """UPDATE conversations SET lease_until = NULL, lease_token = NULL, attempts = 0, last_error = NULL,
             due_at = CASE WHEN %(more)s THEN greatest(due_at, now() + coalesce(%(due_in)s, interval '0')) END,
             waiting_since = CASE WHEN %(more)s AND NOT %(waits_anew)s THEN waiting_since WHEN %(more)s THEN now() END,
             checkpoint_id = coalesce(%(checkpoint)s, checkpoint_id)
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {
            "clinic": s.clinic_id,
            "id": lease.conversation_id,
            "more": more,
            "due_in": due_in,
            "waits_anew": due_in is None,
            "checkpoint": checkpoint_id,
        },
    )


async def set_back(s: Session, lease: Lease, story: Story, *, error: str, due_in: timedelta, dead: bool) -> None:
    """Frees the lane after a failure: due again later, or set aside when `dead`. Raises Fenced when it is not ours."""
    done = await s.execute(
        """UPDATE conversations SET lease_until = NULL, lease_token = NULL, last_error = %(error)s,
             due_at = now() + %(due_in)s, dead_at = CASE WHEN %(dead)s THEN now() END
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND lease_token = %(token)s AND fence = %(fence)s""",
        {
            "clinic": s.clinic_id,
            "id": lease.conversation_id,
            "token": lease.token,
            "fence": lease.fence,
            "error": error[:200],
            "due_in": due_in,
            "dead": dead,
        },
    )
    if not done:
        raise Fenced
    await s.execute(
        """UPDATE turns SET status = 'failed', model = %(model)s, trace = %(trace)s, tokens_in = %(tin)s,
             tokens_out = %(tout)s, cost_brl = %(cost)s, finished_at = clock_timestamp()
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": lease.turn_id, **_told(story)},
    )
