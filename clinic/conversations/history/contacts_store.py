"""Contacts as staff compare them: who they are, by which addresses, what is known and what they wished."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from db.session import Session

LIMIT = 20


@dataclass(frozen=True, slots=True)
class Somebody:
    """For whom a contact speaks."""

    id: UUID
    name: str
    kind: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation of theirs. `channel`: the kind of its wire."""

    id: UUID
    channel: str
    last_message_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A contact. `addresses`: phones and names on the console; `hidden_ids`: how many names only a wire knows them by.

    `visits`: those ahead, of whoever they speak for. `merged`: how many contacts were merged into it.
    """

    id: UUID
    name: str
    profile_name: str | None
    addresses: tuple[str, ...]
    hidden_ids: int
    people: tuple[Somebody, ...]
    talks: tuple[Talk, ...]
    created_at: datetime
    last_seen_at: datetime | None
    opted_out: bool
    human_only: bool
    doubted: bool
    visits: int
    merged: int


async def found(s: Session, text: str, *, now: datetime, limit: int = LIMIT) -> list[Card]:
    """Contacts with that name or part of that phone, the last heard of first; all of them when nothing is asked."""
    text = " ".join(text.replace("\x00", " ").split())
    digits = re.sub(r"\D", "", text, flags=re.ASCII)
    rows = await s.all(
        """WITH asked AS (SELECT plain_text(%(text)s) AS text)
           SELECT k.id FROM contacts k CROSS JOIN asked
           LEFT JOIN LATERAL (SELECT max(c.last_message_at) AS at FROM conversations c
             WHERE c.clinic_id = k.clinic_id AND c.contact_id = k.id) last ON true
           WHERE k.clinic_id = %(clinic)s AND k.merged_into IS NULL AND (asked.text = ''
             OR word_similarity(asked.text, plain_text(k.display_name)) >= 0.5
             OR EXISTS (SELECT FROM relationships r JOIN people p ON p.clinic_id = r.clinic_id AND p.id = r.person_id
                        WHERE r.clinic_id = k.clinic_id AND r.contact_id = k.id
                          AND word_similarity(asked.text, plain_text(p.name)) >= 0.5)
             OR EXISTS (SELECT FROM contact_aliases a WHERE a.clinic_id = k.clinic_id AND a.contact_id = k.id
                        AND a.kind IN ('phone', 'console')
                        AND (strpos(a.value, %(digits)s) > 0 OR strpos(plain_text(a.value), asked.text) > 0)))
           ORDER BY last.at DESC NULLS LAST, k.created_at DESC, k.id LIMIT %(limit)s""",
        {"clinic": s.clinic_id, "text": text, "digits": digits if len(digits) >= 4 else None, "limit": limit},
    )
    ids = [row["id"] for row in rows]
    cards = {card.id: card for card in await _cards(s, ids, now)}
    return [cards[one] for one in ids]


async def card(s: Session, contact_id: UUID, *, now: datetime) -> Card | None:
    """One contact, or the one they were merged into; None: there is none."""
    row = await s.one(
        "SELECT coalesce(merged_into, id) AS id FROM contacts WHERE clinic_id = %(clinic)s AND id = %(id)s",
        {"clinic": s.clinic_id, "id": contact_id},
    )
    return next(iter(await _cards(s, [row["id"]], now)), None) if row else None


async def _cards(s: Session, ids: list[UUID], now: datetime) -> list[Card]:
    rows = await s.all(
        """SELECT k.id, k.display_name, k.created_at, k.last_seen_at, k.opted_out_at IS NOT NULL AS opted_out, k.human_only,
                  k.doubt IS NOT NULL AS doubted,
                  ARRAY(SELECT a.value FROM contact_aliases a WHERE a.clinic_id = k.clinic_id AND a.contact_id = k.id
                          AND a.kind IN ('phone', 'console')
                        ORDER BY a.kind = 'phone' DESC, a.created_at, a.value) AS addresses,
                  (SELECT count(*) FROM contact_aliases a WHERE a.clinic_id = k.clinic_id AND a.contact_id = k.id
                     AND a.kind NOT IN ('phone', 'console')) AS hidden_ids,
                  (SELECT jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name, 'kind', r.kind, 'birth_date', p.birth_date)
                                    ORDER BY r.kind <> 'self', r.created_at, p.id)
                   FROM relationships r JOIN people p ON p.clinic_id = r.clinic_id AND p.id = r.person_id
                   WHERE r.clinic_id = k.clinic_id AND r.contact_id = k.id) AS people,
                  (SELECT jsonb_agg(jsonb_build_object('id', c.id, 'channel', w.kind, 'at', c.last_message_at) ORDER BY c.id)
                   FROM conversations c JOIN channel_accounts w ON w.clinic_id = c.clinic_id AND w.id = c.account_id
                   WHERE c.clinic_id = k.clinic_id AND c.contact_id = k.id AND c.joined_to IS NULL) AS talks,
                  (SELECT count(*) FROM appointments v JOIN relationships r ON r.clinic_id = v.clinic_id
                     AND r.person_id = v.person_id AND r.contact_id = k.id
                   WHERE v.clinic_id = k.clinic_id AND v.status IN ('booked', 'confirmed') AND v.starts_at > %(now)s) AS visits,
                  (SELECT count(*) FROM contact_merges g WHERE g.clinic_id = k.clinic_id AND g.contact_id = k.id) AS merged
           FROM contacts k WHERE k.clinic_id = %(clinic)s AND k.id = ANY(%(ids)s)""",
        {"clinic": s.clinic_id, "ids": ids, "now": now},
    )
    return [_card(row) for row in rows]


def _card(row: Mapping[str, Any]) -> Card:
    people = tuple(
        Somebody(
            UUID(one["id"]), one["name"], one["kind"], date.fromisoformat(one["birth_date"]) if one["birth_date"] else None
        )
        for one in row["people"] or ()
    )
    talks = tuple(
        Talk(UUID(one["id"]), one["channel"], datetime.fromisoformat(one["at"]) if one["at"] else None)
        for one in row["talks"] or ()
    )
    same = ("id", "created_at", "last_seen_at", "opted_out", "human_only", "doubted", "hidden_ids", "visits", "merged")
    return Card(
        name=next((one.name for one in people if one.kind == "self"), row["display_name"] or ""),
        profile_name=row["display_name"],
        addresses=tuple(row["addresses"]),
        people=people,
        talks=talks,
        **{name: row[name] for name in same},
    )
