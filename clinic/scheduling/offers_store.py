"""Handles issued to a conversation: slots offered (S1, S2…) and proposals that wait for a yes (A1, A2…)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from clinic.scheduling.models import Slot
from clinic.scheduling.visits import Offer, Proposal, ProposalKind
from db.session import Session

OFFER_LIFE = timedelta(hours=24)


async def issue(
    s: Session, conversation_id: UUID, turn_id: UUID, service_id: UUID, slots: Sequence[Slot], *, now: datetime
) -> list[Offer]:
    """Gives each slot a handle in this conversation; a slot offered before keeps the one it had."""
    known = {_key(offer.service_id, offer.slot): offer for offer in await offers(s, conversation_id, now=now)}
    last = await s.one(
        """SELECT coalesce(max(substr(handle, 2)::int), 0) AS last FROM offers
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    counter = int(last["last"]) if last else 0
    issued: list[Offer] = []
    fresh: list[Offer] = []
    for slot in slots:
        offer = known.get(_key(service_id, slot))
        if offer is None:
            counter += 1
            offer = Offer(f"S{counter}", service_id, slot)
            fresh.append(offer)
        issued.append(offer)
    if len(fresh) < len(issued):
        await s.execute(
            """UPDATE offers SET turn_id = %(turn)s
               WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND handle = ANY(%(handles)s)""",
            {"clinic": s.clinic_id, "id": conversation_id, "turn": turn_id, "handles": [offer.handle for offer in issued]},
        )
    await s.many(
        """INSERT INTO offers (clinic_id, conversation_id, handle, turn_id, service_id, professional_id, unit_id, room_id,
                               starts_at, ends_at, expires_at)
           VALUES (%(clinic)s, %(conversation)s, %(handle)s, %(turn)s, %(service)s, %(professional)s, %(unit)s, %(room)s,
                   %(starts)s, %(ends)s, %(expires)s)""",
        [
            {
                "clinic": s.clinic_id,
                "conversation": conversation_id,
                "handle": offer.handle,
                "turn": turn_id,
                "service": offer.service_id,
                "professional": offer.slot.professional_id,
                "unit": offer.slot.unit_id,
                "room": offer.slot.room_id,
                "starts": offer.slot.starts_at,
                "ends": offer.slot.ends_at,
                "expires": now + OFFER_LIFE,
            }
            for offer in fresh
        ],
    )
    return issued


def _key(service_id: UUID, slot: Slot) -> tuple[UUID, UUID, UUID, datetime]:
    return service_id, slot.professional_id, slot.unit_id, slot.starts_at


async def offers(s: Session, conversation_id: UUID, *, now: datetime) -> list[Offer]:
    """Slots shown to this conversation that still lie ahead and are not too old, in the order they were shown."""
    rows = await s.all(
        """SELECT handle, service_id, professional_id, unit_id, room_id, starts_at, ends_at FROM offers
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND expires_at > %(now)s AND starts_at > %(now)s
           ORDER BY substr(handle, 2)::int DESC LIMIT 40""",
        {"clinic": s.clinic_id, "id": conversation_id, "now": now},
    )
    return [
        Offer(
            r["handle"], r["service_id"], Slot(r["starts_at"], r["ends_at"], r["professional_id"], r["unit_id"], r["room_id"])
        )
        for r in reversed(rows)
    ]


async def offered_by(s: Session, conversation_id: UUID, turn_id: UUID) -> set[str]:
    """Handles of the slots a turn was the last to show."""
    rows = await s.all(
        "SELECT handle FROM offers WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND turn_id = %(turn)s",
        {"clinic": s.clinic_id, "id": conversation_id, "turn": turn_id},
    )
    return {row["handle"] for row in rows}


async def propose(
    s: Session,
    conversation_id: UUID,
    turn_id: UUID,
    kind: ProposalKind,
    *,
    person_id: UUID,
    offer: str | None = None,
    hold_id: UUID | None = None,
    appointment_id: UUID | None = None,
    convenio_id: UUID | None = None,
    price_cents: int | None = None,
    now: datetime,
    expires_at: datetime,
) -> str:
    """Notes what this turn reads back; earlier open proposals are dropped: one question at a time. Returns its handle."""
    params = {
        "clinic": s.clinic_id,
        "conversation": conversation_id,
        "turn": turn_id,
        "kind": kind,
        "person": person_id,
        "offer": offer,
        "hold": hold_id,
        "appointment": appointment_id,
        "convenio": convenio_id,
        "price": price_cents,
        "now": now,
        "expires": expires_at,
    }
    await s.execute(
        """UPDATE proposals SET status = 'dropped'
           WHERE clinic_id = %(clinic)s AND conversation_id = %(conversation)s AND status = 'open'""",
        params,
    )
    row = await s.one(
        """INSERT INTO proposals (clinic_id, conversation_id, handle, kind, turn_id, offer, hold_id, appointment_id,
                                  person_id, convenio_id, price_cents, expires_at, created_at)
           SELECT %(clinic)s, %(conversation)s, 'A' || (coalesce(max(substr(handle, 2)::int), 0) + 1), %(kind)s, %(turn)s,
                  %(offer)s, %(hold)s, %(appointment)s, %(person)s, %(convenio)s, %(price)s, %(expires)s, %(now)s
           FROM proposals WHERE clinic_id = %(clinic)s AND conversation_id = %(conversation)s RETURNING handle""",
        params,
    )
    assert row is not None  # an insert from an aggregate always makes one row
    return str(row["handle"])


async def open_proposal(s: Session, conversation_id: UUID) -> Proposal | None:
    """What waits for a yes, expired or not; `read_back` when the patient was really shown it."""
    row = await s.one(
        """SELECT p.handle, p.kind, p.turn_id, t.status = 'adopted' AS read_back, p.offer, p.hold_id, p.appointment_id,
                  p.person_id, p.convenio_id, p.price_cents, p.expires_at, h.expires_at AS held_until
           FROM proposals p JOIN turns t ON t.clinic_id = p.clinic_id AND t.id = p.turn_id
           LEFT JOIN holds h ON h.clinic_id = p.clinic_id AND h.id = p.hold_id
           WHERE p.clinic_id = %(clinic)s AND p.conversation_id = %(id)s AND p.status = 'open'
           ORDER BY p.created_at DESC LIMIT 1""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return Proposal(**{**row, "kind": ProposalKind(row["kind"])}) if row else None


async def accept(s: Session, conversation_id: UUID, handle: str) -> None:
    await s.execute(
        """UPDATE proposals SET status = 'accepted'
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND handle = %(handle)s""",
        {"clinic": s.clinic_id, "id": conversation_id, "handle": handle},
    )


async def inherit(s: Session, conversation_id: UUID, turn_id: UUID) -> None:
    """What an earlier turn proposed and never got to say becomes this turn's to say."""
    await s.execute(
        """UPDATE proposals p SET turn_id = %(turn)s FROM turns t
           WHERE p.clinic_id = %(clinic)s AND p.conversation_id = %(id)s AND p.status = 'open'
             AND t.clinic_id = p.clinic_id AND t.id = p.turn_id AND t.status IN ('superseded', 'failed')""",
        {"clinic": s.clinic_id, "id": conversation_id, "turn": turn_id},
    )


async def drop_unread(s: Session, conversation_id: UUID, turn_id: UUID, *, read_back: list[str]) -> None:
    """Drops what this turn proposed but its reply did not say: a yes may only answer what was shown."""
    await s.execute(
        """UPDATE proposals SET status = 'dropped' WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s
             AND turn_id = %(turn)s AND status = 'open' AND NOT handle = ANY(%(shown)s)""",
        {"clinic": s.clinic_id, "id": conversation_id, "turn": turn_id, "shown": read_back},
    )
