"""Settling for whom this conversation speaks."""

from __future__ import annotations

from dataclasses import replace

from clinic.conversations.lanes import lane_store, receipt_store
from clinic.patients import names, service
from clinic.patients.models import Dependant, RelationshipKind
from db.session import Session, clinic_session
from tools.arguments import ForWhom
from tools.context import Result, ToolContext, error, person_handle
from tools.identity import named
from tools.once import Done, once


async def for_whom(ctx: ToolContext, args: ForWhom) -> Result:
    """Chooses one of the people this contact speaks for, or adds the one whose name the patient just said. Both together
    correct how that person is called, as far as that is for this conversation to say."""
    if args.person:
        known = ctx.whom.called(args.person)
        if known is None:
            return error("unknown_person")
        ctx.whom.current = await _corrected(ctx, known, args.name) if args.name else known
        return _view(ctx.whom.current)
    if args.name:
        if _only_heard(ctx, args.name):
            return error("heard_name", name=names.tidy(args.name))
        settled = await settle(ctx, args.name, args.relationship)
        return _view(settled) if isinstance(settled, Dependant) else settled
    kind = RelationshipKind(args.relationship or "self")
    matching = [person for person in ctx.whom.people if person.relationship is kind]
    if len(matching) == 1:
        ctx.whom.current = matching[0]
        return _view(matching[0])
    if matching:
        return error("ambiguous_person", candidates=[person.name for person in matching])
    return error("needs_name")


async def settle(ctx: ToolContext, name: str, relationship: str | None) -> Dependant | Result:
    """The person of this name, made when new. Refuses a name the patient never said."""
    matching = [person for person in ctx.whom.people if names.same(person.name, name)]
    if len(matching) > 1:
        return error("ambiguous_person", candidates=[person.name for person in matching])
    if matching:
        ctx.whom.current = await _completed(ctx, matching[0], name)
        return ctx.whom.current
    if (hidden := named(ctx, name)) is not None:
        ctx.whom.people.append(hidden)
        ctx.whom.current = hidden
        return hidden
    if not names.was_said(name, ctx.said_ever) or len(names.tidy(name)) < 2:
        return error("name_not_said")
    kind = _kind(ctx, relationship)
    if kind is RelationshipKind.SELF and any(one.relationship is kind for one in ctx.standing.hidden):
        kind = RelationshipKind.OTHER  # a doubted contact's own self is on file, and nobody else becomes it

    async def add(s: Session) -> Done:
        person = await service.speak_for(s, ctx.desk.contact.id, name, kind, known=ctx.whom.people)
        ctx.whom.current = person
        if person not in ctx.whom.people:
            ctx.whom.people.append(person)
        return Done(_view(person), "person", person.person_id)

    begun = ctx.desk.contact.heard_from  # whoever wrote before may have had the same name
    key = f"for_whom:{names.tidy(name).casefold()}" + (f":{begun}" if begun else "")
    await once(ctx, tool="for_whom", key=key, arguments={"relationship": kind.value}, effect=add)
    if ctx.whom.current is None or not names.same(ctx.whom.current.name, name):
        ctx.whom.current = next((p for p in ctx.whom.people if names.same(p.name, name)), None)
    return ctx.whom.current or error("unknown_person")


def _only_heard(ctx: ToolContext, name: str) -> bool:
    """A name that only a transcribed voice note said, and that nobody read back yet. A proposal reads its own name back."""
    known = any(names.same(person.name, name) for person in ctx.whom.people)
    return ctx.spoken and not known and names.was_said(name, ctx.said_ever) and not names.was_said(name, ctx.vouched)


async def _completed(ctx: ToolContext, person: Dependant, name: str) -> Dependant:
    """The same person under the fuller name just said; a name that visits were ever booked under stays as it is."""
    fuller = names.tidy(name)
    if len(fuller.split()) <= len(person.name.split()) or not _vouched(ctx, name):
        return person
    return await _renamed(ctx, person, fuller)


async def _corrected(ctx: ToolContext, person: Dependant, name: str) -> Dependant:
    """The same person as they really are called: somebody this conversation wrote down, whom nothing was booked for yet."""
    right = names.tidy(name)
    if right == person.name or not (names.corrects(right, person.name) and _vouched(ctx, name)):
        return person
    async with clinic_session(ctx.pool, ctx.clinic.id) as s:
        lease, begun = ctx.desk.lease, ctx.desk.contact.heard_from
        ours = await receipt_store.made_here(s, lease.conversation_id, person.person_id, heard_from=begun)
    return await _renamed(ctx, person, right) if ours else person


def _vouched(ctx: ToolContext, name: str) -> bool:
    """Whether the patient said this name, and not only in a voice note."""
    return names.was_said(name, ctx.vouched if ctx.spoken else ctx.said_ever)


async def _renamed(ctx: ToolContext, person: Dependant, name: str) -> Dependant:
    """The person under that name; as before when visits were ever booked under the old one."""
    async with clinic_session(ctx.pool, ctx.clinic.id) as s:
        await lane_store.still_ours(s, ctx.desk.lease)
        if not await service.complete_name(s, person.person_id, name):
            return person
    known = replace(person, name=name)
    ctx.whom.people[ctx.whom.people.index(person)] = known
    return known


def _kind(ctx: ToolContext, relationship: str | None) -> RelationshipKind:
    """Who a new name is to the contact: what was said, else themselves when nobody is yet."""
    if relationship:
        return RelationshipKind(relationship)
    has_self = any(person.relationship is RelationshipKind.SELF for person in ctx.whom.people)
    return RelationshipKind.OTHER if has_self else RelationshipKind.SELF


def _view(person: Dependant) -> Result:
    return {"person": person_handle(person.person_id), "name": person.name, "relationship": person.relationship.value}
