"""Rows of conversations as the JSON that pages read. Stories of turns are read forgivingly: old ones stay readable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from api.instants import local_fields
from api.shapes import (
    CaseOut,
    CommitmentOut,
    ContactOut,
    LineOut,
    MediaOut,
    MenuOut,
    PersonOut,
    ReceiptOut,
    StepOut,
    TurnBrief,
    TurnOut,
)
from clinic.conversations.commitments.ledger import Entry as Line
from clinic.conversations.commitments.ledger import state
from clinic.conversations.history.listing_store import Brief
from clinic.conversations.history.story_store import Entry, Media, Proof, TurnLine
from clinic.conversations.models import OpenCase
from clinic.conversations.reading import Story
from kit.settings import Settings


def contact(brief: Brief) -> ContactOut:
    """Who writes."""
    people = [PersonOut(id=p.person_id, name=p.name, relationship=p.relationship) for p in brief.people]
    return ContactOut(id=brief.contact_id, name=brief.name, address=brief.address, people=people)


def case(one: OpenCase, zone: ZoneInfo) -> CaseOut:
    """What a person owes."""
    return CaseOut(
        id=one.id,
        case=one.number,
        status=one.status,
        owner_name=one.owner_name,
        kind=one.kind,
        urgent=one.urgent,
        due_at=one.due_at.astimezone(zone),
    )


def line(
    entry: Entry,
    receipts: Sequence[UUID],
    zone: ZoneInfo,
    *,
    ledger: Iterable[Line] = (),
    at: datetime | None = None,
    menu: MenuOut | None = None,
) -> LineOut:
    """One message. `at`: the instant at which what it says stands or not; `menu`: what it offered, see `api.menus`."""
    file = entry.media
    return LineOut(
        id=entry.id,
        seq=entry.seq,
        author=entry.author.value,
        by=entry.by,
        kind=entry.kind,
        text=entry.text,
        at=entry.at.astimezone(zone),
        status=entry.status,
        turn=entry.turn_id,
        media=media(file) if file else None,
        receipts=list(receipts),
        commitments=[commitment(one, at=at or entry.at) for one in ledger],
        red_flag=entry.red_flag,
        why=entry.why,
        until=entry.until.astimezone(zone) if entry.until else None,
        other_wire=entry.other_wire,
        wire=entry.wire if entry.other_wire else None,
        menu=menu,
    )


def commitment(line: Line, *, at: datetime) -> CommitmentOut:
    """One line of the ledger, and what became of it."""
    return CommitmentOut(
        id=line.id,
        kind=line.kind,
        said=line.said,
        entity=line.entity,
        entity_id=line.entity_id,
        receipt=line.receipt_id,
        state=state(line, at=at).value,
    )


def media(file: Media) -> MediaOut:
    """A file, and how far it came."""
    return MediaOut(
        id=file.id,
        media_type=file.media_type,
        name=file.name,
        bytes=file.bytes,
        kind=file.kind,
        status=file.status,
        transcript=file.transcript,
        problem=file.problem,
    )


def turn(one: TurnLine, zone: ZoneInfo) -> TurnBrief:
    """How a turn went."""
    return TurnBrief(**local_fields(one, zone))


def story(conversation_id: UUID, told: Story, limits: dict[str, int], zone: ZoneInfo) -> TurnOut:
    """A turn with all that it did."""
    return TurnOut(
        **dict(turn(told.turn, zone)),
        conversation=conversation_id,
        limits=limits,
        steps=steps(told.turn.trace),
        answered=list(told.answered),
        replies=list(told.replies),
    )


def receipts(proofs: Iterable[Proof], zone: ZoneInfo) -> list[ReceiptOut]:
    """What tools did."""
    return [
        ReceiptOut(
            id=proof.id,
            turn=proof.turn_id,
            tool=proof.tool,
            at=proof.at.astimezone(zone),
            result=dict(proof.result),
            entity=proof.entity,
            entity_id=proof.entity_id,
        )
        for proof in proofs
    ]


def limits(settings: Settings) -> dict[str, int]:
    """What one turn may spend."""
    return {
        "tool_calls": settings.max_tool_calls,
        "writes": settings.max_writes,
        "thoughts": settings.max_tool_calls + 2,
        "tokens": settings.max_tokens_turn,
    }


def steps(trace: object) -> list[StepOut]:
    """A story as it was written down: what we do not know is left out, and what cannot be read is too."""
    listed = trace if isinstance(trace, list) else []
    return [step for one in listed if isinstance(one, dict) and (step := _step(one)) is not None]


def _step(said: dict[str, Any]) -> StepOut | None:
    try:
        return StepOut.model_validate(said)
    except ValidationError as error:
        wrong = {found["loc"][0] for found in error.errors() if found["loc"]}
    try:
        return StepOut.model_validate({key: value for key, value in said.items() if key not in wrong})
    except ValidationError:
        return None
