"""The transcript as staff read it: messages with what came of them, the turns behind them and what those turns did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from clinic.conversations.models import Author
from db.session import Session

_ALL = 2**62
_END = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Media:
    """The file of a message. `status`: waiting, ready, refused or failed; `problem` why it was not kept or not heard."""

    id: UUID
    media_type: str
    name: str
    bytes: int
    kind: str = ""
    status: str = "ready"
    problem: str | None = None
    transcript: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the bytes of a file are: in its row, or in the store under a key."""

    about: Media
    data: bytes | None
    store_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message. `by`: the person of the clinic who wrote it. `turn_id`: what said it (ours) or answered it (theirs)."""

    id: UUID
    seq: int
    author: Author
    by: str | None
    kind: str
    text: str
    at: datetime
    stored_at: datetime
    status: str | None
    turn_id: UUID | None
    red_flag: str | None
    media: Media | None
    why: str | None = None  # it waits, or never arrived: window, quiet, or the code of what went wrong
    other_wire: bool = False  # another wire of the clinic said it, its own being down
    wire: str | None = None  # the kind of wire it leaves by
    until: datetime | None = None  # when what is held leaves or is dropped
    menu: Mapping[str, Any] | None = None  # what it offers to choose from, as `desk.menus` writes one
    choice: str | None = None  # id of what the patient tapped


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLine:
    """How a turn went; `trace` is empty unless asked for."""

    id: UUID
    status: str
    outcome: str | None
    model: str | None
    started_at: datetime
    seconds: float | None
    tokens_in: int
    tokens_out: int
    cost_brl: Decimal
    trace: Sequence[Any] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A receipt. `told_by`: the turn that told the patient of it, which is a later one when its own was dropped."""

    id: UUID
    turn_id: UUID
    told_by: UUID | None
    tool: str
    at: datetime
    result: Mapping[str, Any]
    entity: str | None
    entity_id: UUID | None


async def entries(s: Session, conversation_id: UUID, *, before: int | None = None, limit: int = _ALL) -> list[Entry]:
    """The newest `limit` messages before that seq, oldest first."""
    rows = await s.all(
        """SELECT m.id, m.seq, m.author, m.kind, m.text, m.at, m.stored_at, m.turn_id, m.red_flag,
                  m.payload ->> 'by' AS by,
                  coalesce(o.status, CASE WHEN m.direction = 'out' AND m.kind NOT IN ('given_back', 'came_back')
                                          THEN 'sent' END) AS status,
                  CASE WHEN o.status NOT IN ('sent', 'delivered', 'read') THEN coalesce(o.held, o.error_code) END AS why,
                  coalesce(o.moved_from IS NOT NULL, false) AS other_wire, w.kind AS wire,
                  CASE WHEN o.held IS NOT NULL THEN o.due_at END AS until, o.content -> 'menu' AS menu,
                  m.payload ->> 'choice_id' AS choice,
                  f.id AS media_id, f.media_type, f.name, f.bytes, f.file_kind, f.file_status, f.problem, f.transcript
           FROM (SELECT * FROM messages WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND seq < %(before)s
                 ORDER BY seq DESC LIMIT %(limit)s) m
           LEFT JOIN outbox o ON o.clinic_id = m.clinic_id AND o.message_id = m.id
           LEFT JOIN channel_accounts w ON w.clinic_id = o.clinic_id AND w.id = o.account_id
           LEFT JOIN LATERAL (
             SELECT e.id, e.media_type, e.name, coalesce(e.bytes, length(e.data), 0) AS bytes, e.kind AS file_kind,
                    e.status AS file_status, e.problem, e.transcript FROM media e
             WHERE e.clinic_id = m.clinic_id AND e.message_id = m.id ORDER BY e.id LIMIT 1) f ON true
           ORDER BY m.seq""",
        {"clinic": s.clinic_id, "id": conversation_id, "before": before or _END, "limit": limit},
    )
    return [_entry(row) for row in rows]


def _entry(row: Mapping[str, Any]) -> Entry:
    file = _file(row) if row["media_id"] else None
    known = ("id", "seq", "by", "kind", "text", "at", "stored_at", "status", "turn_id", "red_flag", "why", "other_wire")
    sent: dict[str, Any] = {name: row.get(name) for name in ("wire", "until", "menu", "choice")}
    return Entry(author=Author(row["author"]), media=file, **{name: row[name] for name in known}, **sent)


def _file(row: Mapping[str, Any]) -> Media:
    return Media(
        id=row["media_id"],
        media_type=row["media_type"],
        name=row["name"],
        bytes=row["bytes"],
        kind=row["file_kind"] or row["media_type"].partition("/")[0],
        status=row["file_status"],
        problem=row["problem"],
        transcript=row["transcript"],
    )


async def turns(s: Session, conversation_id: UUID, shown: Sequence[Entry], *, before: int | None) -> list[TurnLine]:
    """The turns behind these messages, and those that ran meanwhile without a word; oldest first.

    `before`: the seq of the message after them, None when nothing was said since.
    """
    if not shown:
        return []
    rows = await s.all(
        """SELECT id, status, outcome, model, started_at, tokens_in, tokens_out, cost_brl,
                  extract(epoch FROM finished_at - started_at)::float AS seconds
           FROM turns WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s
             AND (id = ANY(%(ids)s) OR (started_at >= %(since)s AND started_at < coalesce(
               (SELECT m.stored_at FROM messages m WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(id)s
                  AND m.seq = %(before)s), 'infinity')))
           ORDER BY started_at, id""",
        {
            "clinic": s.clinic_id,
            "id": conversation_id,
            "ids": list({entry.turn_id for entry in shown if entry.turn_id is not None}),
            "since": shown[0].stored_at,
            "before": before,
        },
    )
    return [TurnLine(**row) for row in rows]


async def every_turn(s: Session, conversation_id: UUID) -> list[TurnLine]:
    """All turns of a conversation with their stories, oldest first."""
    rows = await s.all(
        """SELECT id, status, outcome, model, started_at, tokens_in, tokens_out, cost_brl, trace,
                  extract(epoch FROM finished_at - started_at)::float AS seconds
           FROM turns WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s ORDER BY started_at, id""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return [TurnLine(**row) for row in rows]


async def turn(s: Session, conversation_id: UUID, turn_id: UUID) -> TurnLine | None:
    """One turn of that conversation, with its story."""
    row = await s.one(
        """SELECT id, status, outcome, model, started_at, tokens_in, tokens_out, cost_brl, trace,
                  extract(epoch FROM finished_at - started_at)::float AS seconds
           FROM turns WHERE clinic_id = %(clinic)s AND conversation_id = %(conversation)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "conversation": conversation_id, "id": turn_id},
    )
    return TurnLine(**row) if row else None


async def messages_of(s: Session, conversation_id: UUID, turn_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """The messages a turn answered, and those it said; in order."""
    rows = await s.all(
        """SELECT id, direction FROM messages
           WHERE clinic_id = %(clinic)s AND conversation_id = %(conversation)s AND turn_id = %(id)s ORDER BY seq""",
        {"clinic": s.clinic_id, "conversation": conversation_id, "id": turn_id},
    )
    return [row["id"] for row in rows if row["direction"] == "in"], [row["id"] for row in rows if row["direction"] == "out"]


async def proofs(s: Session, conversation_id: UUID) -> list[Proof]:
    """Every receipt of what was written in a conversation, oldest first.

    What a dropped turn did is told by the next one that was adopted.
    """
    rows = await s.all(
        """SELECT r.id, r.turn_id, r.tool, r.at, r.result, r.entity, r.entity_id,
                  CASE WHEN t.status = 'adopted' THEN t.id ELSE (
                    SELECT a.id FROM turns a WHERE a.clinic_id = t.clinic_id AND a.conversation_id = t.conversation_id
                      AND a.status = 'adopted' AND a.started_at > t.started_at ORDER BY a.started_at LIMIT 1) END AS told_by
           FROM tool_receipts r JOIN turns t ON t.clinic_id = r.clinic_id AND t.id = r.turn_id
           WHERE r.clinic_id = %(clinic)s AND r.conversation_id = %(id)s AND r.effect = 'write'
           ORDER BY r.at, t.started_at, r.id""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return [Proof(**row) for row in rows]


async def proofs_about(s: Session, entity_id: UUID) -> list[tuple[UUID, Proof]]:
    """Every receipt about a visit or hold, of any conversation, oldest first, each with its conversation.

    A visit was a hold before, once for its booking and once for each move: their receipts are among them.
    """
    rows = await s.all(
        """WITH about AS (
             SELECT * FROM tool_receipts WHERE clinic_id = %(clinic)s AND entity_id = %(id)s AND effect = 'write'),
           kept AS (
             SELECT p.hold_id FROM about JOIN proposals p ON p.clinic_id = about.clinic_id
               AND p.conversation_id = about.conversation_id AND p.handle = about.arguments ->> 'proposal'),
           receipts AS (
             SELECT * FROM about
             UNION
             SELECT * FROM tool_receipts WHERE clinic_id = %(clinic)s AND effect = 'write' AND entity = 'hold'
               AND entity_id IN (SELECT hold_id FROM kept WHERE hold_id IS NOT NULL))
           SELECT r.conversation_id, r.id, r.turn_id, r.tool, r.at, r.result, r.entity, r.entity_id,
                  CASE WHEN t.status = 'adopted' THEN t.id ELSE (
                    SELECT a.id FROM turns a WHERE a.clinic_id = t.clinic_id AND a.conversation_id = t.conversation_id
                      AND a.status = 'adopted' AND a.started_at > t.started_at ORDER BY a.started_at LIMIT 1) END AS told_by
           FROM receipts r JOIN turns t ON t.clinic_id = r.clinic_id AND t.id = r.turn_id
           ORDER BY r.at, t.started_at, r.id""",
        {"clinic": s.clinic_id, "id": entity_id},
    )
    return [(row.pop("conversation_id"), Proof(**row)) for row in rows]


async def said_by(s: Session, conversation_id: UUID, turn_ids: Sequence[UUID]) -> list[Entry]:
    """What these turns of a conversation said, in order."""
    rows = await s.all(
        """SELECT m.id, m.seq, m.author, m.kind, m.text, m.at, m.stored_at, m.turn_id, m.red_flag,
                  m.payload ->> 'by' AS by, coalesce(o.status, 'sent') AS status, NULL AS media_id,
                  CASE WHEN o.status NOT IN ('sent', 'delivered', 'read') THEN coalesce(o.held, o.error_code) END AS why,
                  coalesce(o.moved_from IS NOT NULL, false) AS other_wire
           FROM messages m LEFT JOIN outbox o ON o.clinic_id = m.clinic_id AND o.message_id = m.id
           WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(id)s AND m.turn_id = ANY(%(turns)s) AND m.direction = 'out'
           ORDER BY m.seq""",
        {"clinic": s.clinic_id, "id": conversation_id, "turns": list(turn_ids)},
    )
    return [_entry(row) for row in rows]


async def media(s: Session, media_id: UUID) -> Kept | None:
    """A file that came with a message and is kept; None while it is not."""
    row = await s.one(
        """SELECT id AS media_id, media_type, name, coalesce(bytes, length(data), 0) AS bytes, kind AS file_kind,
                  status AS file_status, problem, transcript, data, store_key FROM media
           WHERE clinic_id = %(clinic)s AND id = %(id)s
             AND (data IS NOT NULL OR store_key IS NOT NULL)""",
        {"clinic": s.clinic_id, "id": media_id},
    )
    if row is None:
        return None
    return Kept(_file(row), bytes(row["data"]) if row["data"] is not None else None, row["store_key"])
