"""A clinic's own scenarios for staff: read, written, archived, imported, exported, and made of a conversation."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from api.conversations import Slug
from api.evals import clinic_of
from api.scenarios_shapes import (
    DraftAsked,
    DraftOut,
    DraftTurn,
    HeardOut,
    Import,
    Imported,
    MistakeOut,
    OwnList,
    OwnOut,
    OwnWhole,
    Put,
    ReplacedOut,
    SuggestedOut,
)
from api.state import house
from clinic.scenarios import importing, saving, service, store
from clinic.scenarios.importing import BadScenarios, Mistake
from clinic.scenarios.models import Kept
from db.session import clinic_session

router = APIRouter(prefix="/api/evals/scenarios", tags=["evals"])

Signature = Annotated[str, Query(min_length=1, max_length=60, description="Who of the clinic does it, as they sign.")]


@router.get("")
async def scenarios(request: Request, clinic: Slug, archived: bool = False) -> OwnList:
    """The clinic's own scenarios; the archived ones too when asked for."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        return OwnList(items=[_brief(one, found.zone) for one in await store.every(s, archived=archived)])


@router.get("/export", response_class=Response)
async def export(request: Request, clinic: Slug) -> Response:
    """Every scenario that is not archived, as YAML that can be imported again."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        text = await service.written(s)
    name = f'attachment; filename="provas-{found.slug}.yaml"'
    return Response(text, media_type="application/yaml", headers={"Content-Disposition": name})


@router.post("/import")
async def take_in(request: Request, clinic: Slug, given: Import) -> Imported:
    """Scenarios from YAML text, all or none. 422 `bad_scenarios` lists every `mistakes` by scenario and field."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        new, changed = await service.take_in(s, given.text, by=given.by)
    return Imported(new=new, changed=changed)


@router.post("/from-conversation")
async def from_conversation(request: Request, clinic: Slug, asked: DraftAsked) -> DraftOut:
    """A draft of a scenario made of a conversation, its people replaced by invented ones. Nothing is stored."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        draft = await saving.draft(s, found, asked.conversation, first=asked.first, last=asked.last)
    return DraftOut(
        conversation=asked.conversation,
        heard=[HeardOut.model_validate(one, from_attributes=True) for one in draft.heard],
        scenario=dict(draft.document),
        turns=[DraftTurn.model_validate(one, from_attributes=True) for one in draft.turns],
        replaced=[ReplacedOut.model_validate(one, from_attributes=True) for one in draft.replaced],
        suggested=[SuggestedOut.model_validate(one, from_attributes=True) for one in draft.suggested],
        doubts=list(draft.doubts),
        mistakes=[_mistake(one) for one in draft.mistakes],
    )


@router.get("/{key}")
async def scenario(request: Request, clinic: Slug, key: str) -> OwnWhole:
    """One scenario, archived or not."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        return _whole(await store.one(s, key), found.zone)


@router.put("/{key}")
async def put(request: Request, clinic: Slug, key: str, given: Put) -> OwnWhole:
    """Keeps a scenario under its key. 422 `bad_scenarios` with `mistakes`; 422 `not_confirmed`; 409 `scenario_overtaken`."""
    found = await clinic_of(request, clinic)
    wanted = importing.own({**given.scenario, "id": given.scenario.get("id", key)})
    if wanted.id != key:
        raise BadScenarios([Mistake(key, "id", importing.say("other_key", name=key))])
    async with clinic_session(house(request).pool, found.id) as s:
        kept = await service.put(
            s, wanted, by=given.by, version=given.version, conversation_id=given.conversation, confirmed=given.confirmed
        )
    return _whole(kept, found.zone)


@router.delete("/{key}")
async def archive(request: Request, clinic: Slug, key: str, by: Signature) -> OwnOut:
    """No run plays it any more; what was played stays readable, and putting it again brings it back."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        return _brief(await store.archive(s, key, by=service.signed(by)), found.zone)


def _brief(one: Kept, zone: ZoneInfo) -> OwnOut:
    return OwnOut(
        key=one.key,
        title=one.scenario.title,
        critical=one.scenario.critical,
        tags=list(one.scenario.tags),
        came_from=one.came_from,
        conversation=one.conversation_id,
        version=one.version,
        created_at=one.created_at.astimezone(zone),
        created_by=one.created_by,
        updated_at=one.updated_at.astimezone(zone),
        updated_by=one.updated_by,
        archived_at=one.archived_at.astimezone(zone) if one.archived_at else None,
        archived_by=one.archived_by,
    )


def _whole(one: Kept, zone: ZoneInfo) -> OwnWhole:
    document = one.scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return OwnWhole(**dict(_brief(one, zone)), scenario=document)


def _mistake(one: Mistake) -> MistakeOut:
    return MistakeOut.model_validate(one, from_attributes=True)
