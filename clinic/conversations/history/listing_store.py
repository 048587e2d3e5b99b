"""The list of conversations as staff see it: the newest word first, found by name, phone or words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.conversations.models import Author, CaseKind, OpenCase, Owner
from clinic.patients.models import Dependant, RelationshipKind
from db.session import Session


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the seq of a conversation's last message, and the conversation."""

    seq: int
    id: UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations; None asks for nothing of its kind."""

    owner: Owner | None = None
    open_case: bool | None = None
    only: UUID | None = None


@dataclass(frozen=True, slots=True)
class Last:
    """The newest message of a conversation."""

    author: Author
    kind: str
    text: str
    at: datetime
    status: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A conversation in a list. `name`: of the person themselves, else what the contact calls itself, else empty."""

    id: UUID
    seq: int
    contact_id: UUID
    name: str
    address: str
    people: tuple[Dependant, ...]
    channel: str
    owner: Owner
    owner_name: str | None
    clock_at: datetime | None
    case: OpenCase | None
    busy: bool
    stuck: bool
    waiting: int
    last: Last | None


async def page(
    s: Session, wanted: Wanted, *, among: Sequence[UUID] | None = None, after: Place | None = None, limit: int
) -> list[Brief]:
    """At most `limit` conversations after that place, the newest word first; only those `among` when given.

    A patient's message waits unless a turn answered it or a person of the clinic spoke after it.
    """
    rows = await s.all(
        """WITH page AS (
             SELECT c.clinic_id, c.id, coalesce(newest.seq, 0) AS seq
             FROM conversations c
             LEFT JOIN LATERAL (
               SELECT m.seq FROM messages m WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.id
               ORDER BY m.seq DESC LIMIT 1) newest ON true
             WHERE c.clinic_id = %(clinic)s AND c.joined_to IS NULL
               AND (%(owner)s::text IS NULL OR c.owner = %(owner)s)
               AND (%(only)s::uuid IS NULL OR c.id = %(only)s)
               AND (%(among)s::uuid[] IS NULL OR c.id = ANY(%(among)s))
               AND (%(open_case)s::bool IS NULL OR %(open_case)s = EXISTS (
                 SELECT FROM cases o WHERE o.clinic_id = c.clinic_id AND o.conversation_id = c.id AND o.status <> 'resolved'))
               AND (%(seq)s::bigint IS NULL OR (coalesce(newest.seq, 0), c.id) < (%(seq)s, %(after)s::uuid))
             ORDER BY 3 DESC, c.id DESC LIMIT %(limit)s)
           SELECT c.id, page.seq, c.contact_id, c.reply_to, c.owner, c.owner_name, c.clock_at, k.display_name,
                  a.kind AS channel, c.dead_at IS NOT NULL AS stuck,
                  c.dead_at IS NULL AND (c.due_at IS NOT NULL OR coalesce(c.lease_until > now(), false)) AS busy,
                  (SELECT count(*) FROM messages w
                   WHERE w.clinic_id = c.clinic_id AND w.conversation_id = c.id AND w.direction = 'in' AND w.turn_id IS NULL
                     AND w.kind <> 'reaction' AND (w.red_flag IS NOT NULL OR w.seq > coalesce(spoke.seq, 0))) AS waiting,
                  m.author, m.kind, left(m.text, 300) AS text, m.at,
                  CASE WHEN m.direction = 'out' THEN coalesce(o.status, 'sent') END AS status,
                  open.id AS case_id, open.number, open.kind AS case_kind, open.urgent, open.due_at, open.status AS case_status,
                  open.owner_name AS case_owner
           FROM page
           JOIN conversations c ON c.clinic_id = page.clinic_id AND c.id = page.id
           JOIN contacts k ON k.clinic_id = c.clinic_id AND k.id = c.contact_id
           JOIN channel_accounts a ON a.clinic_id = c.clinic_id AND a.id = c.account_id
           LEFT JOIN messages m ON m.clinic_id = c.clinic_id AND m.conversation_id = c.id AND m.seq = page.seq
           LEFT JOIN outbox o ON o.clinic_id = m.clinic_id AND o.message_id = m.id
           LEFT JOIN LATERAL (
             SELECT max(p.seq) AS seq FROM messages p WHERE p.clinic_id = c.clinic_id AND p.conversation_id = c.id
               AND p.direction = 'out' AND p.author = 'person') spoke ON true
           LEFT JOIN LATERAL (
             SELECT e.id, e.number, e.kind, e.urgent, e.due_at, e.status, e.owner_name FROM cases e
             WHERE e.clinic_id = c.clinic_id AND e.conversation_id = c.id AND e.status <> 'resolved'
             ORDER BY e.urgent DESC, e.due_at, e.number LIMIT 1) open ON true
           ORDER BY page.seq DESC, c.id DESC""",
        {
            "clinic": s.clinic_id,
            "owner": wanted.owner,
            "only": wanted.only,
            "among": list(among) if among is not None else None,
            "open_case": wanted.open_case,
            "seq": after.seq if after else None,
            "after": after.id if after else None,
            "limit": limit,
        },
    )
    contacts = [row["contact_id"] for row in rows]
    addresses, people = await _addresses(s, contacts), await _people(s, contacts)
    return [_brief(row, addresses, people) for row in rows]


def _brief(row: Mapping[str, Any], addresses: Mapping[UUID, str], people: Mapping[UUID, Sequence[Dependant]]) -> Brief:
    theirs = tuple(people.get(row["contact_id"], ()))
    known = next((person.name for person in theirs if person.relationship is RelationshipKind.SELF), None)
    last = case = None
    if row["author"] is not None:
        last = Last(Author(row["author"]), row["kind"], row["text"], row["at"], row["status"])
    if row["case_id"] is not None:
        kind = CaseKind(row["case_kind"])
        case = OpenCase(
            row["case_id"], row["number"], kind, row["urgent"], row["due_at"], row["case_status"], row["case_owner"]
        )
    return Brief(
        id=row["id"],
        seq=row["seq"],
        contact_id=row["contact_id"],
        name=known or row["display_name"] or "",
        address=addresses.get(row["contact_id"], row["reply_to"]),
        people=theirs,
        channel=row["channel"],
        owner=Owner(row["owner"]),
        owner_name=row["owner_name"],
        clock_at=row["clock_at"],
        case=case,
        busy=row["busy"],
        stuck=row["stuck"],
        waiting=row["waiting"],
        last=last,
    )


async def _addresses(s: Session, contacts: Sequence[UUID]) -> dict[UUID, str]:
    """The phone of each contact, else the name on the console. What a wire calls them is nothing to read."""
    rows = await s.all(
        """SELECT DISTINCT ON (contact_id) contact_id, value FROM contact_aliases
           WHERE clinic_id = %(clinic)s AND contact_id = ANY(%(contacts)s) AND kind IN ('phone', 'console')
           ORDER BY contact_id, kind = 'phone' DESC, created_at, value""",
        {"clinic": s.clinic_id, "contacts": list(contacts)},
    )
    return {row["contact_id"]: row["value"] for row in rows}


async def _people(s: Session, contacts: Sequence[UUID]) -> dict[UUID, list[Dependant]]:
    rows = await s.all(
        """SELECT r.contact_id, p.id, p.name, r.kind FROM relationships r
           JOIN people p ON p.clinic_id = r.clinic_id AND p.id = r.person_id
           WHERE r.clinic_id = %(clinic)s AND r.contact_id = ANY(%(contacts)s)
           ORDER BY r.kind <> 'self', r.created_at, p.id""",
        {"clinic": s.clinic_id, "contacts": list(contacts)},
    )
    found: dict[UUID, list[Dependant]] = defaultdict(list)
    for row in rows:
        found[row["contact_id"]].append(Dependant(row["id"], row["name"], RelationshipKind(row["kind"])))
    return found


async def matching(s: Session, words: Sequence[str]) -> list[UUID]:
    """Conversations with that name or phone, or with all of those words in one message; accents do not matter.

    Misspelt words are looked for only when nothing is as written: that compares every message letter by letter.
    """
    text = " ".join(words)
    digits = re.sub(r"\D", "", text, flags=re.ASCII)
    params = {
        "clinic": s.clinic_id,
        "words": [re.sub(r"([\\%_])", r"\\\1", word) for word in words],
        "text": text,
        # A phone is digits and their punctuation; a few digits among words are a date.
        "digits": digits if len(digits) >= 4 and not re.search(r"[^\W\d_]", text) else None,
    }
    rows = await s.all(
        """WITH asked AS (SELECT plain_text(%(text)s) AS text),
           named AS (
             SELECT k.id FROM contacts k CROSS JOIN asked WHERE k.clinic_id = %(clinic)s AND k.display_name IS NOT NULL
               AND word_similarity(asked.text, plain_text(k.display_name)) >= 0.5
             UNION
             SELECT r.contact_id FROM people p CROSS JOIN asked
             JOIN relationships r ON r.clinic_id = p.clinic_id AND r.person_id = p.id
             WHERE p.clinic_id = %(clinic)s AND word_similarity(asked.text, plain_text(p.name)) >= 0.5
             UNION
             SELECT a.contact_id FROM contact_aliases a CROSS JOIN asked WHERE a.clinic_id = %(clinic)s AND (
               strpos(a.value, %(digits)s) > 0 OR (a.kind = 'console' AND strpos(plain_text(a.value), asked.text) > 0)))
           SELECT c.id FROM named JOIN conversations c ON c.clinic_id = %(clinic)s AND c.contact_id = named.id
           UNION
           SELECT m.conversation_id FROM messages m WHERE m.clinic_id = %(clinic)s
             AND plain_text(m.text) LIKE ALL (ARRAY(SELECT '%%' || plain_text(w) || '%%' FROM unnest(%(words)s::text[]) w))""",
        params,
    )
    if not rows and len(text) >= 4:
        rows = await s.all(
            """SELECT DISTINCT m.conversation_id AS id FROM messages m
               WHERE m.clinic_id = %(clinic)s AND word_similarity(plain_text(%(first)s), plain_text(m.text)) >= 0.5
                 AND NOT EXISTS (SELECT FROM unnest(%(rest)s::text[]) w
                                 WHERE word_similarity(plain_text(w), plain_text(m.text)) < 0.5)""",
            {"clinic": s.clinic_id, "first": words[0], "rest": list(words[1:])},
        )
    return [row["id"] for row in rows]
