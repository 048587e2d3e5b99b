"""The verbs of a clinic's configuration: read it cheaply at every turn, load it from a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakKeyDictionary

from clinic.tenants import families_store, seeding_store, store, writing_store
from clinic.tenants.assembling import Ids, Keys, assemble, clinic_id_of
from clinic.tenants.document import ChannelPart, ClinicDocument
from clinic.tenants.document_checks import named_visits
from clinic.tenants.models import Clinic
from clinic.tenants.placing import Block, Taken, Visit, block_id, place_block, place_visit, visit_id
from clinic.tenants.reading import DocumentError
from db import system
from db.pool import Pool
from db.session import Session, clinic_session
from kit.ids import is_sandbox

_PAST = timedelta(days=400)  # further back than any relative visit

_SANDBOXES_MOST = 100  # kept loaded

_loaded: WeakKeyDictionary[Pool, dict[UUID, Clinic]] = WeakKeyDictionary()


async def clinic_for(pool: Pool, clinic_id: UUID) -> Clinic:
    """The clinic as it is now: one tiny query while its version stands. Raises ClinicNotFound."""
    kept = _loaded.setdefault(pool, {})
    async with clinic_session(pool, clinic_id) as session:
        known = kept.get(clinic_id)
        if known is not None and known.version == await store.load_version(session):
            return known
        kept[clinic_id] = await store.load(session)
        # Rehearsals come and go; those of long ago would be kept for ever.
        for old in [one for one in kept if is_sandbox(one)][:-_SANDBOXES_MOST]:
            del kept[old]
        return kept[clinic_id]


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What a document became. `counts`: how many of each thing the clinic has from it, and visits added or already there."""

    clinic_id: UUID
    slug: str
    name: str
    version: int
    counts: Mapping[str, int]


async def seed(pool: Pool, document: ClinicDocument, *, now: datetime) -> SeedReport:
    """Loads the document into its clinic, made if there is none of that slug: all of it, or nothing.

    Loading again keeps every id, every patient and every visit. Relative instants count from `now`.
    Raises DocumentError (a visit or block that fits nowhere), ChannelTaken, AgendaMoved.
    """
    clinic_id = await system.clinic_of_slug(pool, document.clinic.slug) or clinic_id_of(document.clinic.slug)
    async with clinic_session(pool, clinic_id) as session:
        return await replace(session, document, now=now)


async def replace(session: Session, document: ClinicDocument, *, now: datetime) -> SeedReport:
    """`seed`, inside a transaction of that clinic."""
    said = document.clinic
    version = await writing_store.take(session, said.slug, said.name, said.timezone)
    keys = Keys.of(document, Ids(session.clinic_id, await writing_store.stored_names(session)))
    clinic = assemble(document, keys, version=version)
    await writing_store.write(session, clinic)
    channels = _channels(document)
    await seeding_store.put_channels(session, channels)
    people = await seeding_store.put_people(session, document.people)
    await families_store.put(session, document.reports, people)
    added = await _put_agenda(session, document, clinic, keys, people, now)
    sections = ("units", "rooms", "equipment", "professionals", "services", "convenios", "holidays")
    counts = {section: len(getattr(clinic, section)) for section in sections}
    counts |= {"channels": len(channels), "people": len(people), "blocks": len(document.blocks)}
    counts |= {"visits": len(document.visits), "visits_added": added}
    return SeedReport(session.clinic_id, clinic.slug, clinic.name, version, counts)


def _channels(document: ClinicDocument) -> list[ChannelPart]:
    """The document's channels, and the console, which every clinic has under its slug."""
    console = ChannelPart(kind="console", external_id=document.clinic.slug)
    others = [c for c in document.channels if (c.kind, c.external_id) != (console.kind, console.external_id)]
    return [*others, console]


async def _put_agenda(
    session: Session, document: ClinicDocument, clinic: Clinic, keys: Keys, people: Mapping[str, UUID], now: datetime
) -> int:
    """Blocks first, then the visits that are not there yet, relative ones that time has passed by renewed; how many added."""
    relative = [block_id(keys, part, n) for n, part in enumerate(document.blocks, 1) if part.starts.at is None]
    kept = await seeding_store.drop_blocks(session, keep=relative, now=now)
    ids = [visit_id(keys, part) for part in document.visits]
    stored = await seeding_store.stored_visits(session, ids)
    aged = [
        found.id
        for part in document.visits
        if part.starts.at is None and part.starts.days >= 0 and (found := stored.get(visit_id(keys, part)))
        if found.untouched and found.ends_at < now
    ]
    await seeding_store.drop_visits(session, aged)
    taken = Taken()
    taken.add(await seeding_store.taken(session, now - _PAST))
    problems: list[str] = []
    blocks = _blocks(document, clinic, keys, kept, taken, now, problems)
    visits = _visits(document, clinic, keys, people, stored.keys() - set(aged), taken, now, problems)
    if problems:
        raise DocumentError(problems)
    await seeding_store.add_blocks(session, blocks)
    await seeding_store.add_visits(session, visits, now)
    return len(visits)


def _blocks(
    document: ClinicDocument, clinic: Clinic, keys: Keys, kept: set[UUID], taken: Taken, now: datetime, problems: list[str]
) -> list[Block]:
    found = []
    for n, part in enumerate(document.blocks, 1):
        if block_id(keys, part, n) in kept:
            continue
        placed = place_block(clinic, keys, part, n, taken, now)
        if isinstance(placed, str):
            problems.append(f"blocks.{n}: {placed}")
        else:
            found.append(placed)
            taken.add(placed.claims)
    return found


def _visits(
    document: ClinicDocument,
    clinic: Clinic,
    keys: Keys,
    people: Mapping[str, UUID],
    present: set[UUID],
    taken: Taken,
    now: datetime,
    problems: list[str],
) -> list[Visit]:
    found = []
    for path, part in named_visits(document):
        if visit_id(keys, part) in present:
            continue
        placed = place_visit(clinic, keys, people, part, taken, now)
        if isinstance(placed, str):
            problems.append(f"{path}: {placed}")
        else:
            found.append(placed)
            taken.add(placed.claims)
    return found
