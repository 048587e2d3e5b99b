"""A report on its way out: once, to who agrees at that instant; and where contacts merge or somebody is erased."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest

from clinic.conversations import joining
from clinic.reports import queue_store, recipients, sending, sends_store, service
from clinic.reports.models import (
    Report,
    State,
    digest_of,
)
from db.embedded import Urls
from db.session import Session, clinic_session
from kit.clock import utc_now
from kit.errors import Unavailable
from kit.ids import new_id
from tests.db.report_room import Room, open_room

TEXT = "A manhã foi tranquila."


@pytest.fixture
async def room(database: Urls) -> AsyncIterator[Room]:
    async with open_room(database) as room:
        yield room


async def approve(room: Room, seen: Report, *, digest: str, by: str = "Júlia") -> Report:
    async with clinic_session(room.pool, room.clinic.id) as s:
        return await service.approve(s, room.clinic, seen.id, by=by, version=seen.version, digest=digest)


# ---------------------------------------------------------------- sending


async def test_two_senders_put_a_report_into_the_outbox_once(room: Room) -> None:
    family = await room.family(readers=2)
    report = await room.approved(family)
    assert sorted(await asyncio.gather(*(room.queue(report) for _ in range(5)))) == [0, 0, 0, 0, 2]
    assert [await room.sent_texts(phone) for phone in family.phones] == [[TEXT], [TEXT]]


async def test_a_sender_that_dies_between_message_and_proof_leaves_neither(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    family = await room.family(readers=2)
    report = await room.approved(family)

    async def dies(s: Session, *_: object, **__: object) -> None:
        await s.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as killed:
        killed.setattr(sends_store, "prove", dies)
        with pytest.raises(Unavailable):
            await room.queue(report)
    assert await room.rows("SELECT FROM messages") == [] == await room.rows("SELECT FROM outbox")
    assert await room.queue(report) == 2
    assert [await room.sent_texts(phone) for phone in family.phones] == [[TEXT], [TEXT]]


async def test_consent_taken_back_between_approval_and_sending_asks_a_person(room: Room) -> None:
    family = await room.family(readers=2)
    report = await room.approved(family)
    await room.revoke(family.contacts[0])
    assert await room.queue(report) == 0
    view = await room.view(report)
    assert (view.report.state, view.report.review_reason) == (State.REVIEW, "recipients_changed")
    await approve(room, view.report, digest=digest_of(TEXT))
    assert await room.queue(report) == 1
    assert await room.sent_texts(family.phones[0]) == []


async def test_somebody_added_after_the_approval_asks_a_person_too(room: Room) -> None:
    family = await room.family()
    report = await room.approved(family)
    async with clinic_session(room.pool, room.clinic.id) as s:
        await recipients.put(
            s, family.person_id, phone="+5531977776666", name="Tio", kind="relative", agreed=True, by="Júlia", now=utc_now()
        )
    assert await room.queue(report) == 0
    assert await room.state(report) == "review"


@pytest.mark.parametrize("what", ["revoked", "opted_out", "doubted", "not_asked"])
async def test_to_whom_does_not_agree_nothing_goes(room: Room, what: str) -> None:
    family = await room.family(agreed=what != "not_asked")
    contact = family.contacts[0]
    if what == "revoked":
        await room.revoke(contact)
    if what == "opted_out":
        await room.rows("UPDATE contacts SET opted_out_at = now() WHERE id = %(id)s RETURNING id", id=contact)
    if what == "doubted":
        await room.rows("UPDATE contacts SET doubt = 'other_id', doubted_at = now() WHERE id = %(id)s RETURNING id", id=contact)
    report = await room.approved(family)
    assert await room.queue(report) == 0
    view = await room.view(report)
    assert (view.report.state, view.report.error_code) == (State.SEND_FAILED, "no_recipient")
    async with clinic_session(room.pool, room.clinic.id) as s:
        [one] = await recipients.of_person(s, family.person_id)
    assert one.barred == what


async def test_somebody_doubted_who_is_confirmed_anew_reads_again(room: Room) -> None:
    family = await room.family("Lourdes Prates")
    await room.rows("UPDATE contacts SET doubt = 'other_id', doubted_at = now() RETURNING id")
    assert await room.agreeing(family) == set()
    async with clinic_session(room.pool, room.clinic.id) as s:
        await recipients.put(
            s, family.person_id, phone=family.phones[0], name="Ana", kind="child", agreed=True, by="Júlia", now=utc_now()
        )
    assert await room.agreeing(family) == set(family.contacts)


async def leaving(room: Room, report: UUID) -> list[str | None]:
    """What is said of each of its messages at the instant of its send."""
    rows = await room.rows(
        "SELECT o.id FROM outbox o JOIN report_sends t ON t.message_id = o.message_id WHERE t.report_id = %(id)s", id=report
    )
    async with clinic_session(room.pool, room.clinic.id) as s:
        return [await sending.unwelcome(s, row["id"]) for row in rows]


async def test_what_waits_to_leave_is_taken_back_with_the_consent(room: Room) -> None:
    family = await room.family(readers=2)
    report = await room.approved(family)
    await room.queue(report)
    await room.revoke(family.contacts[0])
    assert await room.sent_texts(family.phones[0]) == []
    await room.wire(report, "sent", error=None)
    assert await room.sent_texts(family.phones[1]) == [TEXT]


async def test_at_the_instant_of_the_send_everything_is_asked_again(room: Room) -> None:
    family = await room.family()
    report = await room.approved(family)
    await room.queue(report)
    assert await leaving(room, report) == [None]
    await room.rows("UPDATE report_recipients SET revoked_at = now() RETURNING person_id")
    assert await leaving(room, report) == ["consent_revoked"]
    await room.rows("UPDATE report_recipients SET revoked_at = NULL RETURNING person_id")
    await room.moves_to(family.phones[0])
    assert await leaving(room, report) == ["moved_away"]
    async with clinic_session(room.pool, room.clinic.id) as s:
        assert await sending.unwelcome(s, new_id()) == "not_approved"


async def test_words_changed_behind_the_approval_do_not_leave(room: Room) -> None:
    report = await room.approved(await room.family())
    await room.queue(report)
    await room.rows("UPDATE messages SET text = 'outra coisa' RETURNING id")
    assert await leaving(room, report) == ["not_approved"]


async def test_all_arrived_is_sent_and_a_failure_is_told_even_late(room: Room) -> None:
    report = await room.approved(await room.family(readers=2))
    await room.queue(report)
    assert await room.settle(report) is None
    for status in ("sending", "unknown"):
        await room.wire(report, status)
        assert await room.settle(report) is None
    await room.wire(report, "sent", provider="w1")
    done = await room.settle(report)
    assert done is not None and done.state is State.SENT and done.sent_at is not None
    assert await room.settle(report) is None
    await room.rows("UPDATE outbox SET status = 'failed', error_code = '131026' RETURNING id")
    async with clinic_session(room.pool, room.clinic.id) as s:
        assert await queue_store.unsettled(s, limit=5) == [report]
    failed = await room.settle(report)
    assert failed is not None and (failed.state, failed.error_code) == (State.SEND_FAILED, "131026")
    await room.rows("UPDATE outbox SET status = 'delivered' RETURNING id")
    late = await room.settle(report)
    assert late is not None and late.state is State.SENT


async def test_an_answer_that_stayed_out_is_settled_once_it_comes(room: Room) -> None:
    report = await room.approved(await room.family())
    await room.queue(report)
    await room.wire(report, "unknown", unanswered=1)
    async with clinic_session(room.pool, room.clinic.id) as s:
        assert await queue_store.unsettled(s, limit=5) == []
    await room.wire(report, "delivered", unanswered=1)
    done = await room.settle(report)
    assert done is not None and done.state is State.SENT


async def again(room: Room, report: UUID) -> int:
    seen = (await room.view(report)).report
    async with clinic_session(room.pool, room.clinic.id) as s:
        await service.retry_send(s, room.clinic, report, by="Júlia", version=seen.version)
    return await room.queue(report)


async def test_a_failed_send_is_tried_again_only_where_it_surely_did_not_arrive(room: Room) -> None:
    family = await room.family(readers=2)
    report = await room.approved(family)
    await room.queue(report)
    await room.rows(
        "UPDATE outbox SET status = 'sent' WHERE ltrim(reply_to, '+') = %(to)s RETURNING id", to=family.phones[0].lstrip("+")
    )
    await room.wire(report, "failed", error="131026")
    failed = await room.settle(report)
    assert failed is not None and failed.state is State.SEND_FAILED
    assert await again(room, report) == 1
    assert [await room.sent_texts(phone) for phone in family.phones] == [[TEXT], [TEXT, TEXT]]
    sends = (await room.view(report)).sends
    assert sorted(one.attempt for one in sends) == [1, 2]


async def test_what_may_have_arrived_is_never_sent_again(room: Room) -> None:
    family = await room.family()
    report = await room.approved(family)
    await room.queue(report)
    await room.wire(report, "failed", error="no_answer", unanswered=2)
    await room.settle(report)
    assert await again(room, report) == 0
    assert await room.sent_texts(family.phones[0]) == [TEXT]
    done = await room.settle(report)
    assert done is not None and (done.state, done.error_code) == (State.SEND_FAILED, "no_answer")


async def test_who_opted_out_while_it_waited_is_no_failure_of_the_others(room: Room) -> None:
    family = await room.family(readers=2)
    report = await room.approved(family)
    await room.queue(report)
    await room.revoke(family.contacts[0])
    await room.wire(report, "sent")
    await room.rows("UPDATE outbox SET status = 'cancelled' WHERE error_code = 'consent_revoked' RETURNING id")
    done = await room.settle(report)
    assert done is not None and done.state is State.SENT


# ---------------------------------------------------------------- merged, erased, forged


async def test_a_contact_that_was_merged_takes_agreements_and_sends_along(room: Room) -> None:
    family, other = await room.family("Lourdes Prates"), await room.family("Ivo Sena")
    report = await room.approved(family)
    await room.queue(report)
    await room.wire(report, "sent")
    await room.settle(report)
    kept = other.contacts[0]
    async with clinic_session(room.pool, room.clinic.id) as s:
        await joining.merge(s, kept, family.contacts[0], by="Júlia", confirmed=True, now=utc_now())
    assert await room.agreeing(family) == await room.agreeing(other) == {kept}
    assert [one.contact_id for one in (await room.view(report)).sends] == [kept]
    following = await room.approved(family)
    assert await room.queue(following) == 1
    assert await leaving(room, following) == [None]


async def test_of_two_agreements_that_become_one_the_stricter_is_left(room: Room) -> None:
    family = await room.family(readers=2)
    await room.revoke(family.contacts[0])
    async with clinic_session(room.pool, room.clinic.id) as s:
        await joining.merge(s, family.contacts[1], family.contacts[0], by="Júlia", confirmed=True, now=utc_now())
    assert await room.agreeing(family) == set()


async def test_of_two_phones_that_are_one_human_one_report_leaves(room: Room) -> None:
    family = await room.family(readers=2)
    report = await room.approved(family)
    await room.queue(report)
    async with clinic_session(room.pool, room.clinic.id) as s:
        await joining.merge(s, family.contacts[0], family.contacts[1], by="Júlia", confirmed=True, now=utc_now())
    rows = await room.rows("SELECT status FROM outbox ORDER BY seq")
    assert sorted(row["status"] for row in rows) == ["cancelled", "queued"]
    assert await leaving(room, report) == [None]


async def test_what_was_approved_for_somebody_merged_since_asks_a_person(room: Room) -> None:
    family, other = await room.family("Lourdes Prates"), await room.family("Ivo Sena")
    report = await room.approved(family)
    async with clinic_session(room.pool, room.clinic.id) as s:
        await joining.merge(s, other.contacts[0], family.contacts[0], by="Júlia", confirmed=True, now=utc_now())
    assert await room.queue(report) == 0
    assert await room.state(report) == "review"


async def test_somebody_erased_is_erased_from_what_their_family_was_told(room: Room) -> None:
    family = await room.family()
    sent, waits = await room.approved(family, "Já foi."), await room.approved(family, "Ainda não foi.")
    for report in (sent, waits):
        await room.queue(report)
    await room.wire(sent, "sent")
    await room.rows("DELETE FROM people WHERE id = %(id)s RETURNING id", id=family.person_id)
    for table in ("reports", "report_drafts", "report_steps", "report_sends", "report_recipients", "report_subjects"):
        assert await room.rows(f"SELECT FROM {table}") == []
    assert await room.rows("SELECT FROM messages WHERE text <> ''") == []
    rows = await room.rows("SELECT status, error_code FROM outbox ORDER BY seq")
    assert [(row["status"], row["error_code"]) for row in rows] == [("sent", None), ("cancelled", "erased")]


async def test_a_relative_who_is_erased_receives_nothing_and_the_report_asks_a_person(room: Room) -> None:
    family = await room.family(readers=2)
    report = await room.approved(family)
    await room.rows("DELETE FROM contacts WHERE id = %(id)s RETURNING id", id=family.contacts[0])
    assert await room.queue(report) == 0
    assert await room.state(report) == "review"


async def test_versions_and_steps_are_never_changed(room: Room) -> None:
    report = await room.approved(await room.family())
    for table, column in (("report_drafts", "text"), ("report_steps", "why")):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await room.rows(f"UPDATE {table} SET {column} = 'x' RETURNING id")
    with pytest.raises(psycopg.errors.CheckViolation, match="not what stands"):
        await room.rows("UPDATE reports SET approved_digest = %(d)s WHERE id = %(id)s RETURNING id", d="0" * 64, id=report)
    with pytest.raises(psycopg.errors.CheckViolation, match="nothing was sent"):
        await room.rows("UPDATE reports SET state = 'sent' WHERE id = %(id)s RETURNING id", id=report)
