"""T20: ten thousand sends over many families, each with tries to reach another one; the schema and the verbs let none pass."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from clinic.conversations.outgoing import outbox
from clinic.reports import sending, sends_store, service, store
from clinic.reports.models import NoReport, NotApproved, State, digest_of
from db.embedded import Urls
from db.session import Session, clinic_session
from kit.clock import utc_now
from kit.ids import new_id
from tests.db.report_room import Family, Room, open_room, raw

SENDS, EACH = 10_000, 100  # so many in all; reports in one transaction
FAMILIES = 30
TRIES = 10  # at another family, for every hundred reports, in each of three ways


@pytest.fixture
async def room(database: Urls) -> AsyncIterator[Room]:
    async with open_room(database) as room:
        yield room


async def families(room: Room) -> list[Family]:
    return [await room.family(readers=5 + n % 4) for n in range(FAMILIES)]


async def approved_at_once(s: Session, room: Room, whose: list[Family], batch: int) -> dict[UUID, Family]:
    """Reports as a worker leaves them, written in bulk: what is tried here is their sending."""
    made: dict[UUID, Family] = {}
    rows, drafts = [], []
    for n, family in enumerate(whose):
        report, draft, text = new_id(), new_id(), f"{family.name}: plantão {batch}/{n}."
        made[report] = family
        rows.append({
            "clinic": room.clinic.id, "id": report, "external": f"{batch}/{n}", "person": family.person_id, "draft": draft,
            "digest": digest_of(text), "contacts": sorted(family.contacts),
        })  # fmt: skip
        drafts.append({"clinic": room.clinic.id, "id": draft, "report": report, "text": text, "digest": digest_of(text)})
    await s.many(
        """INSERT INTO reports (clinic_id, id, external_id, person_id, shift, day, began_at, closed_at, source, source_text,
                                source_digest)
           VALUES (%(clinic)s, %(id)s, %(external)s, %(person)s, 'morning', '2026-11-23', now(), now(), '{}', 'x', 'x')""",
        rows,
    )
    await s.many(
        """INSERT INTO report_drafts (clinic_id, id, report_id, round, author, text, digest)
           VALUES (%(clinic)s, %(id)s, %(report)s, 1, 'writer', %(text)s, %(digest)s)""",
        drafts,
    )
    await s.many(
        """UPDATE reports SET state = 'approved', draft_id = %(draft)s, approved_digest = %(digest)s, approved_how = 'reviewer',
             approved_contacts = %(contacts)s WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        rows,
    )
    return made


async def told(s: Session, report: UUID, contact: UUID, text: str, *, key: str) -> UUID:
    """A message in the outbox to this contact, as anybody with SQL could put it there."""
    to = await sends_store.address(s, contact)
    assert to is not None
    message = await sends_store.say(s, report, to, text, at=utc_now())
    await outbox.enqueue(
        s, conversation_id=to.conversation_id, message_id=message, account_id=to.account_id, reply_to=to.reply_to,
        dedupe_key=key, proactive=True,
    )  # fmt: skip
    return message


async def refused(s: Session, act: Any) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match=r"not what was approved|it may have arrived"):
        async with s.savepoint():
            await act()


async def tries(s: Session, random: Random, report: UUID, family: Family, other: Family) -> None:
    """Ways to bring a family's report to another one, by SQL that passes by the verbs; each leaves nothing."""
    found = await store.report(s, report)
    draft = await store.draft(s, found.draft_id) if found.draft_id else None
    assert draft is not None
    stranger, key = random.choice(other.contacts), f"report:{report}:{new_id()}"

    async def to_a_stranger() -> None:
        message = await told(s, report, stranger, draft.text, key=key)
        await sends_store.prove(s, report, stranger, message, digest=draft.digest, attempt=1)

    async def in_anothers_name() -> None:  # the proof says the right contact, the message is in the stranger's conversation
        message = await told(s, report, stranger, draft.text, key=key)
        await sends_store.prove(s, report, family.contacts[0], message, digest=draft.digest, attempt=1)

    async def in_anothers_conversation() -> None:  # though by the right phone
        message = await told(s, report, stranger, draft.text, key=key)
        await raw(s, "UPDATE outbox SET reply_to = %(to)s WHERE message_id = %(id)s", to=family.phones[0], id=message)
        await sends_store.prove(s, report, family.contacts[0], message, digest=draft.digest, attempt=1)

    async def to_anothers_phone() -> None:
        message = await told(s, report, family.contacts[0], draft.text, key=key)
        await raw(s, "UPDATE outbox SET reply_to = %(to)s WHERE message_id = %(id)s", to=other.phones[0], id=message)
        await sends_store.prove(s, report, family.contacts[0], message, digest=draft.digest, attempt=1)

    async def with_other_words() -> None:
        words = draft.text + " "
        message = await told(s, report, family.contacts[0], words, key=key)
        await sends_store.prove(s, report, family.contacts[0], message, digest=digest_of(words), attempt=1)

    async def with_an_approval_extended() -> None:  # the approval forged to name them; they never agreed to read of this person
        await raw(
            s,
            "UPDATE reports SET approved_contacts = approved_contacts || %(c)s::uuid WHERE id = %(id)s",
            c=stranger,
            id=report,
        )
        message = await told(s, report, stranger, draft.text, key=key)
        await sends_store.prove(s, report, stranger, message, digest=draft.digest, attempt=1)

    await refused(s, random.choice([
        to_a_stranger, in_anothers_name, in_anothers_conversation, to_anothers_phone, with_other_words,
        with_an_approval_extended,
    ]))  # fmt: skip


async def by_the_verbs(s: Session, room: Room, random: Random, report: UUID, other: Family) -> None:
    """The same through the verbs: the report's approval or its words are changed behind their back."""
    found = await store.report(s, report)
    which = random.randrange(3)
    with pytest.raises((NotApproved, psycopg.errors.CheckViolation)):
        async with s.savepoint():
            if which == 0:  # another text stands than was approved
                await raw(s, "UPDATE reports SET approved_digest = %(d)s WHERE id = %(id)s", d=digest_of("x"), id=report)
            elif which == 1:  # sent, it says, without a send
                await raw(s, "UPDATE reports SET state = 'sent' WHERE id = %(id)s", id=report)
            else:  # another family's contacts in the approval: a person is asked, nothing is sent
                await raw(
                    s, "UPDATE reports SET approved_contacts = %(c)s WHERE id = %(id)s", c=list(other.contacts), id=report
                )
                assert await sending.queue(s, room.clinic, report, now=utc_now()) == 0
                assert (await store.report(s, report)).state is State.REVIEW
                raise NotApproved
    assert await store.report(s, report) == found


async def test_of_ten_thousand_sends_none_reaches_another_family(room: Room, database: Urls) -> None:
    random, everybody = Random(20), await families(room)
    tried = sent = batch = 0
    while sent < SENDS:
        batch += 1
        async with clinic_session(room.pool, room.clinic.id) as s:
            whose = [random.choice(everybody) for _ in range(EACH)]
            made = await approved_at_once(s, room, whose, batch)
            for report, family in made.items():
                other = random.choice([one for one in everybody if one is not family])
                if random.random() < TRIES / 100:
                    await tries(s, random, report, family, other)
                    tried += 1
                if random.random() < TRIES / 100:
                    await by_the_verbs(s, room, random, report, other)
                    tried += 1
                assert await sending.queue(s, room.clinic, report, now=utc_now()) == len(family.contacts)
                sent += len(family.contacts)
                if random.random() < TRIES / 100:
                    await tries(s, random, report, family, other)
                    tried += 1
        if batch == 1:  # nobody does it by itself here, and plans made for empty tables read them whole
            with psycopg.connect(database.owner, autocommit=True) as owner:
                owner.execute("ANALYZE")
    assert tried > batch * EACH * TRIES / 100
    [figures] = await room.rows(
        """SELECT count(*) AS sends, count(DISTINCT t.report_id) AS reports,
             count(*) FILTER (WHERE p.contact_id IS NULL OR v.contact_id <> t.contact_id OR m.text <> d.text
                              OR NOT (t.contact_id = ANY (r.approved_contacts))
                              OR NOT reaches(t.clinic_id, t.contact_id, o.reply_to)) AS wrong
           FROM report_sends t JOIN reports r ON r.id = t.report_id JOIN report_drafts d ON d.id = r.draft_id
           JOIN messages m ON m.id = t.message_id JOIN conversations v ON v.id = m.conversation_id
           JOIN outbox o ON o.message_id = m.id
           LEFT JOIN report_recipients p ON p.person_id = r.person_id AND p.contact_id = t.contact_id"""
    )
    assert (figures["sends"], figures["reports"], figures["wrong"]) == (sent, batch * EACH, 0)
    # Of what stands in the outbox, each has its proof: nothing was said beside them.
    [beside] = await room.rows(
        "SELECT count(*) AS n FROM outbox o WHERE NOT EXISTS (SELECT FROM report_sends t WHERE t.message_id = o.message_id)"
    )
    assert beside["n"] == 0


async def test_a_message_of_a_report_without_proof_does_not_leave(room: Room) -> None:
    family, other = await room.family(), await room.family()
    report = await room.approved(family)
    async with clinic_session(room.pool, room.clinic.id) as s:
        message = await told(s, report, other.contacts[0], "A manhã foi tranquila.", key=f"report:{report}:x")
        row = await s.one("SELECT id FROM outbox WHERE message_id = %(id)s", {"id": message})
        assert row is not None
        assert await sending.unwelcome(s, row["id"]) == "not_approved"


async def test_nobody_reads_or_approves_another_clinics_report(room: Room, database: Urls) -> None:
    report = await room.approved(await room.family())
    async with open_room(database, slug="outra") as other:
        async with clinic_session(other.pool, other.clinic.id) as s:
            for act in (
                lambda: service.read(s, report),
                lambda: sending.queue(s, other.clinic, report, now=utc_now()),
                lambda: service.approve(s, other.clinic, report, by="x", version=3, digest="x"),
            ):
                with pytest.raises(NoReport):
                    await act()
