"""A scenario made of a conversation: its people replaced, its turns kept, and what it must leave behind suggested."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any
from uuid import UUID

from clinic.conversations import reading
from clinic.conversations.history.story_store import Entry
from clinic.conversations.models import Author
from clinic.conversations.reading import Transcript
from clinic.scenarios import expecting, importing, saving_store
from clinic.scenarios.expecting import Left, Suggested
from clinic.scenarios.importing import BadScenarios, Mistake
from clinic.scenarios.redacting import Cover, Known, Replaced, leaks
from clinic.tenants.models import Clinic
from db.session import Session
from kit import fast_yaml, ptbr

__all__ = ["Draft", "DraftTurn", "Replaced", "Suggested", "draft"]

_LONG = timedelta(minutes=3)  # between two turns: longer than this, the clock of the scenario goes on by it
_COMMITS = frozenset({"book_visit", "move_visit", "cancel_visit"})
_ASKS_NAME = re.compile(r"\bnomes?\b", re.IGNORECASE)
_SAID = frozenset({"text", "audio", "choice", "button", "list"})


@dataclass(frozen=True, slots=True)
class DraftTurn:
    """A turn, and the messages it was made of."""

    said: tuple[str, ...]
    original: tuple[str, ...]
    messages: tuple[UUID, ...]
    agrees: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """Something the patient wrote in the conversation. `used`: it is in the draft."""

    id: UUID
    text: str
    at: datetime
    used: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A scenario's document that nobody has confirmed yet. `mistakes`: why it cannot be kept as it is. `heard`: all that the
    patient wrote, to choose from."""

    document: Mapping[str, Any]
    turns: tuple[DraftTurn, ...]
    replaced: tuple[Replaced, ...]
    suggested: tuple[Suggested, ...]
    doubts: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class _Turn:
    entries: tuple[Entry, ...]
    agrees: bool
    asked_name: bool
    after_minutes: int


async def draft(
    s: Session, clinic: Clinic, conversation_id: UUID, *, first: UUID | None = None, last: UUID | None = None
) -> Draft:
    """The draft, of the messages from `first` to `last`. Without a last: until a person answered. Raises NoConversation."""
    whole = await reading.whole(s, conversation_id)
    conversation_id = whole.brief.id
    entries = _between(whole.entries, first, last)
    heard = [one for one in entries if one.author is Author.PATIENT]
    since, stored = (heard[0].at, heard[0].stored_at) if heard else (whole.entries[0].at, whole.entries[0].stored_at)
    people = await saving_store.people(s, conversation_id, stored_since=stored)
    writer = await saving_store.writer(s, conversation_id, since=since)
    left = Left(
        writer=writer,
        people=tuple(people),
        visits=tuple(await saving_store.visits(s, conversation_id, [one.id for one in people], since=since)),
        cases=tuple(await saving_store.cases(s, conversation_id, since=since)),
        writes=tuple(await saving_store.writes(s, conversation_id)),
        since=since,
    )
    near = [name for name in (writer.name, *(one.name for one in people), *left.names_told) if name]
    known = await saving_store.known(s, near=near)
    return _draft(clinic, whole, entries, left, known)


def _draft(clinic: Clinic, whole: Transcript, entries: Sequence[Entry], left: Left, known: Known) -> Draft:
    local = left.since.astimezone(clinic.zone)
    cover = Cover(known, keep=_own_words(clinic), seed=str(whole.brief.id), today=local.date())
    committed = {one.turn_id for one in left.writes if one.tool in _COMMITS}
    turns = list(_turns(entries, committed))
    told = [
        DraftTurn(
            tuple(cover.text(entry.text, name=turn.asked_name) for entry in turn.entries),
            tuple(entry.text for entry in turn.entries),
            tuple(entry.id for entry in turn.entries),
            turn.agrees,
        )
        for turn in turns
    ]
    ground = expecting.ground(clinic, left, cover)
    expect, suggested = expecting.expected(clinic, left, cover)
    if not expect["state"]:
        expect |= expecting.words(whole, {entry.turn_id for turn in turns for entry in turn.entries})
    document = {
        "schema": "carol.scenario/v1",
        "id": f"conversa-{local:%Y%m%d}-{whole.brief.id.hex[-6:]}",
        "title": _title(suggested, left, local.date()),
        "suite": "clinic",
        "fixture": "clinic",
        "overlay": ground.overlay,
        "clock": {"now": local.strftime("%Y-%m-%dT%H:%M:%S")},
        "patient": {"phone": ground.phone, "turns": [_said(turn, one) for turn, one in zip(turns, told, strict=True)]},
        "expect": expect,
    }
    doubts = [*ground.doubts, *_doubts(clinic, whole, entries, suggested, cover, document, known)]
    used = {id_ for one in told for id_ in one.messages}
    heard = tuple(Heard(one.id, one.text, one.at.astimezone(clinic.zone), one.id in used) for one in _spoken(whole.entries))
    return Draft(document, tuple(told), tuple(cover.replaced), suggested, tuple(doubts), tuple(_mistakes(document)), heard)


def _spoken(entries: Sequence[Entry]) -> Iterator[Entry]:
    """What the patient said in words."""
    said = (one for one in entries if one.author is Author.PATIENT)
    return (one for one in said if one.kind in _SAID and one.text.strip())


def _between(entries: Sequence[Entry], first: UUID | None, last: UUID | None) -> list[Entry]:
    """From message to message; without a last, until a person of the clinic answered."""
    places = {entry.id: place for place, entry in enumerate(entries)}
    start = places.get(first, 0) if first else 0
    if last is not None:
        return list(entries[start : places.get(last, len(entries) - 1) + 1])
    person = next((place for place, entry in enumerate(entries) if place > start and entry.author is Author.PERSON), None)
    before = entries[start:person]
    heard = any(entry.author is Author.PATIENT for entry in before)
    return list(before if heard else entries[start:])


def _turns(entries: Sequence[Entry], committed: set[UUID]) -> Iterator[_Turn]:
    """What the patient said, together what was answered together."""
    spoken: list[tuple[Entry, str]] = []
    asked = ""
    for entry in entries:
        if entry.author is Author.PATIENT:
            if entry.kind in _SAID and entry.text.strip():
                spoken.append((entry, asked))
        else:
            asked = entry.text
    before: datetime | None = None
    for _, group in groupby(spoken, key=lambda pair: pair[0].turn_id or pair[1]):
        pairs = list(group)
        found = tuple(entry for entry, _ in pairs)
        gap = found[0].at - before if before else timedelta(0)
        before = found[-1].at
        yield _Turn(
            entries=found,
            agrees=any(entry.turn_id in committed for entry in found),
            asked_name=bool(_ASKS_NAME.search(pairs[0][1])),
            after_minutes=int(gap.total_seconds() // 60) if gap > _LONG else 0,
        )


def _said(turn: _Turn, told: DraftTurn) -> Any:
    texts = list(told.said)
    given: dict[str, Any] = {"say": texts[0] if len(texts) == 1 else texts}
    if turn.agrees:
        given["agrees"] = True
    if turn.after_minutes:
        given["after_minutes"] = turn.after_minutes
    if any(entry.kind == "audio" for entry in turn.entries):
        given["spoken"] = True
    return given if len(given) > 1 else given["say"]


def _title(suggested: Sequence[Suggested], left: Left, day: date) -> str:
    titles = _words()["titles"]
    for one in suggested:
        if one.title:
            return str(titles[one.title]).format(service=one.service)
    return str(titles["other"]).format(day=ptbr.day(day))


def _doubts(
    clinic: Clinic, whole: Transcript, entries: Sequence[Entry], suggested: Sequence[Suggested], cover: Cover,
    document: Mapping[str, Any], known: Known,
) -> Iterator[str]:  # fmt: skip
    words = _words()["doubts"]
    after = [entry for entry in whole.entries if entries and entry.seq > entries[-1].seq]
    person = next((entry for entry in after if entry.author is Author.PERSON), None)
    if person is not None:
        yield words["took_over"].format(time=ptbr.hour(person.at.astimezone(clinic.zone).time()))
    if any(one.by == "person" for one in suggested):
        yield words["corrected"]
    heard = [entry for entry in entries if entry.author is Author.PATIENT]
    if any(entry.kind == "audio" and not entry.text.strip() for entry in heard):
        yield words["unheard"]
    if any(entry.kind not in _SAID for entry in heard):
        yield words["files"]
    if any(one.noun == "visits" for one in suggested):
        yield words["agenda"]
    if not suggested:
        yield words["nothing"]
    if any(not one.known for one in cover.replaced):
        yield words["suspected"]
    if found := leaks(_texts(document), known):
        yield words["leaks"].format(found=", ".join(found[:5]))


def _mistakes(document: Mapping[str, Any]) -> list[Mistake]:
    try:
        importing.own(document)
    except BadScenarios as bad:
        return list(bad.mistakes)
    return []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def texts_of(document: Mapping[str, Any]) -> list[str]:
    """Every text of a document."""
    return list(_texts(document))


def _own_words(clinic: Clinic) -> list[str]:
    """What the clinic calls its things: never anybody's data."""
    found = [clinic.name, clinic.about, clinic.persona.name, *clinic.facts.values()]
    found += [text for unit in clinic.units for text in (unit.name, unit.address, unit.directions)]
    found += [one.name for one in clinic.professionals]
    found += [text for one in clinic.professionals for text in (one.specialty,)]
    found += [text for one in clinic.services for text in (one.name, one.category, *one.aliases)]
    found += [text for one in clinic.convenios for text in (one.name, *one.aliases)]
    return [text for text in found if text]


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("clinic.scenarios").joinpath("saving.yaml").read_text("utf-8"))
    return loaded
