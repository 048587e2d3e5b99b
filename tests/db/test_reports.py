"""A report from the source to the outbox: taken once, written by one, decided on what was read, sent to who agrees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from clinic.conversations import joining
from clinic.reports import queue_store, recipients, sending, sends_store, service
from clinic.reports.models import (
    BadText,
    Lost,
    NotApproved,
    NotNow,
    OtherVersion,
    Pattern,
    Report,
    Severity,
    Span,
    State,
    digest_of,
)
from db.embedded import Urls
from db.session import Session, clinic_session
from kit.clock import utc_now
from kit.errors import Unavailable
from kit.ids import new_id
from tests.db.report_room import MUCH, Room, open_room

TEXT = "A manhã foi tranquila."


@pytest.fixture
async def room(database: Urls) -> AsyncIterator[Room]:
    async with open_room(database) as room:
        yield room


async def approve(room: Room, seen: Report, *, digest: str, by: str = "Júlia") -> Report:
    async with clinic_session(room.pool, room.clinic.id) as s:
        return await service.approve(s, room.clinic, seen.id, by=by, version=seen.version, digest=digest)


async def edit(room: Room, seen: Report, text: str) -> Report:
    async with clinic_session(room.pool, room.clinic.id) as s:
        return await service.edit(s, room.clinic, seen.id, text=text, by="Júlia", version=seen.version)


# ---------------------------------------------------------------- taking


async def test_a_report_is_taken_once_whoever_reads_it_again(room: Room) -> None:
    one, other = await room.family("Lourdes Prates"), await room.family("Ivo Sena")
    page = [room.source(one), room.source(other)]
    assert await room.take(*page) == (2, 0, 0)
    assert await room.take(*page, replace(page[0], closed_at=page[0].closed_at + timedelta(minutes=3))) == (0, 0, 3)
    assert list(await asyncio.gather(room.take(*page), room.take(*page))) == [(0, 0, 2), (0, 0, 2)]


async def test_two_sessions_that_meet_somebody_new_meet_one_person(room: Room) -> None:
    somebody = replace(await room.family(), subject="novo", name="Zilda Antunes Prado")
    reports = [room.source(somebody) for _ in range(6)]
    taken = await asyncio.gather(*(room.take(one) for one in reports))
    assert sum(new for new, _, _ in taken) == 6
    assert len(await room.rows("SELECT FROM people WHERE name = 'Zilda Antunes Prado'")) == 1
    assert len(await room.rows("SELECT FROM report_subjects WHERE external_id = 'novo'")) == 1


async def test_a_correction_before_anything_left_begins_anew(room: Room) -> None:
    family = await room.family()
    source = room.source(family)
    await room.take(source)
    [row] = await room.rows("SELECT id FROM reports")
    await room.written(row["id"])
    await room.queue(row["id"])
    assert await room.take(replace(source, body="Caiu no banheiro às 9h.")) == (0, 1, 0)
    view = await room.view(row["id"])
    assert (view.report.state, view.report.revision, view.report.approved_digest) == (State.PENDING, 1, None)
    assert "Caiu" in view.report.source_text
    assert await room.sent_texts(family.phones[0]) == []
    await room.written(row["id"], "Houve uma queda, sem machucar.")
    assert await room.queue(row["id"]) == 1
    assert await room.sent_texts(family.phones[0]) == ["Houve uma queda, sem machucar."]


async def test_a_correction_of_what_was_sent_is_another_report_that_a_person_reads(room: Room) -> None:
    family = await room.family()
    source = room.source(family)
    await room.take(source)
    [row] = await room.rows("SELECT id FROM reports")
    await room.written(row["id"])
    await room.queue(row["id"])
    await room.wire(row["id"], "sent")
    await room.settle(row["id"])
    corrected = replace(source, body="Caiu no banheiro às 9h.")
    assert await room.take(corrected) == (0, 1, 0)
    assert await room.take(corrected) == (0, 0, 1)
    assert await room.state(row["id"]) == "sent"
    [second] = await room.rows("SELECT id FROM reports WHERE revision = 2")
    report = await room.written(second["id"], "Corrigindo: houve uma queda.")
    assert (report.state, report.review_reason) == (State.REVIEW, "corrected")
    assert await room.queue(second["id"]) == 0


async def test_a_worker_who_wrote_what_was_corrected_meanwhile_has_lost_it(room: Room) -> None:
    family = await room.family()
    source = room.source(family)
    await room.take(source)
    [row] = await room.rows("SELECT id FROM reports")
    work = await room.claim(row["id"])
    assert work is not None
    await room.take(replace(source, body="Outra coisa."))
    with pytest.raises(Lost):
        await room.finish(work, TEXT)
    assert await room.state(row["id"]) == "pending"


async def test_an_id_that_the_source_gave_to_somebody_else_reaches_nobody(room: Room) -> None:
    family = await room.family("Lourdes Prates")
    source = replace(room.source(family), subject_name="Aparecido Nunes")
    await room.take(source)
    [row] = await room.rows("SELECT id, state, error_code FROM reports")
    assert (row["state"], row["error_code"]) == ("failed", "other_name")
    async with clinic_session(room.pool, room.clinic.id) as s:
        review = await service.to_review(s, room.clinic, row["id"], now=utc_now() - MUCH)
        assert review is not None
        assert await service.time_out(s, room.clinic, row["id"], now=utc_now()) is None
        assert await queue_store.timed_out(s, limit=5) == []
        again = await service.regenerate(s, room.clinic, row["id"], by="Júlia", why="ver", version=review.version)
    report = await room.written(again.id)
    assert (report.state, report.error_code) == (State.FAILED, "other_name")
    # The clinic knows that it is her: the source may call her so from now on.
    async with clinic_session(room.pool, room.clinic.id) as s:
        review = await service.to_review(s, room.clinic, row["id"], now=utc_now())
    assert review is not None
    await approve(room, review, digest=digest_of(TEXT))
    assert await room.take(replace(room.source(family), subject_name="Aparecido Nunes")) == (1, 0, 0)
    [last] = await room.rows("SELECT state FROM reports ORDER BY seq DESC LIMIT 1")
    assert last["state"] == "pending"


async def test_what_no_database_keeps_is_left_out_and_what_no_writer_can_read_waits_for_a_person(room: Room) -> None:
    family = await room.family()
    report = await room.taken(family, body="Comeu\x00 bem \ud83d e dormiu")
    assert "Comeu bem" in (await room.view(report)).source.body
    long = await room.view(await room.taken(family, body="a " * 30_000))
    assert (long.report.state, long.report.error_code, len(long.report.source_text)) == (State.FAILED, "too_long", 40_000)


# ---------------------------------------------------------------- writing


async def test_of_many_workers_one_has_a_report(room: Room) -> None:
    report = await room.taken(await room.family())
    works = await asyncio.gather(*(room.claim(report) for _ in range(6)))
    assert sum(work is not None for work in works) == 1


async def test_after_three_workers_that_died_a_person_is_asked(room: Room) -> None:
    report = await room.taken(await room.family())
    first = await room.claim(report, lease=timedelta(seconds=-1))
    assert first is not None
    assert [work.attempts if (work := await room.claim(report, lease=timedelta(seconds=-1))) else None for _ in range(3)] == [
        2, 3, None,
    ]  # fmt: skip
    view = await room.view(report)
    assert (view.report.state, view.report.error_code) == (State.FAILED, "worker_died")
    with pytest.raises(Lost):
        await room.finish(first, TEXT)


async def test_a_worker_whose_lease_ended_still_counts_until_somebody_else_takes_it(room: Room) -> None:
    report = await room.taken(await room.family())
    slow = await room.claim(report, lease=timedelta(seconds=-1))
    assert slow is not None
    quick = await room.claim(report)
    assert quick is not None
    with pytest.raises(Lost):
        await room.finish(slow, "do primeiro")
    assert (await room.finish(quick, "do segundo")).state is State.APPROVED


async def test_a_model_that_is_down_gives_the_report_back_without_an_attempt(room: Room) -> None:
    report = await room.taken(await room.family())
    work = await room.claim(report)
    assert work is not None
    async with clinic_session(room.pool, room.clinic.id) as s:
        await service.give_back(s, work, after=timedelta(minutes=5), error_code="unavailable")
        assert await queue_store.to_write(s, limit=5) == []
    assert await room.claim(report) is None
    await room.rows("UPDATE reports SET retry_at = now() RETURNING id")
    again = await room.claim(report)
    assert again is not None and again.attempts == 1


async def test_an_approval_is_of_the_last_words_and_of_who_agrees_then(room: Room) -> None:
    family, pattern = await room.family(readers=2), Pattern("alert_word", "fall", Severity.URGENT, Span(0, 4))
    await room.revoke(family.contacts[1])
    report = await room.taken(family)
    work = await room.claim(report)
    assert work is not None
    done = await room.finish(work, TEXT, patterns=(pattern,))
    assert (done.state, done.approved_digest, done.approved_how) == (State.APPROVED, digest_of(TEXT), "reviewer")
    assert (done.severity, done.processed_ms) == (Severity.URGENT, 7)
    [row] = await room.rows("SELECT approved_contacts FROM reports")
    assert row["approved_contacts"] == [family.contacts[0]]


async def test_a_text_that_names_another_familys_mother_is_never_approved(room: Room) -> None:
    family, _ = await room.family("Lourdes Prates"), await room.family("Zenaide Couto")
    report = await room.written(await room.taken(family), "A Zenaide passou bem a manhã.")
    assert (report.state, report.error_code) == (State.FAILED, "bad_text")
    view = await room.view(report.id)
    assert view.draft is not None and [one.code for one in view.draft.problems] == ["other_person"]
    ours = await room.taken(family, body="Passeou com a vizinha Zenaide.")
    assert (await room.written(ours, "A Lourdes passeou com a Zenaide.")).state is State.APPROVED


async def test_what_a_person_asked_for_reaches_the_writer(room: Room) -> None:
    review = await room.reviewed(await room.family())
    async with clinic_session(room.pool, room.clinic.id) as s:
        await service.regenerate(s, room.clinic, review.id, by="Júlia", why="Conte da visita da neta.", version=review.version)
    work = await room.claim(review.id)
    assert work is not None and work.asked == "Conte da visita da neta."


async def test_a_writer_looks_back_on_the_same_person_only(room: Room) -> None:
    one, other = await room.family(), await room.family()
    for family in (one, other, one):
        await room.written(await room.taken(family, body=f"Dia de {family.name}"))
    work = await room.claim(await room.taken(one))
    assert work is not None
    assert [past.source.body for past in work.history] == [f"Dia de {one.name}"] * 2


# ---------------------------------------------------------------- deciding


async def test_an_approval_clicked_twice_is_one(room: Room) -> None:
    review = await room.reviewed(await room.family())
    outcomes = await asyncio.gather(*(approve(room, review, digest=digest_of(TEXT)) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["OtherVersion"] * 3 + ["Report"]
    steps = (await room.view(review.id)).steps
    assert [one.became for one in steps].count(State.APPROVED) == 1


async def test_nobody_approves_what_they_did_not_read(room: Room) -> None:
    review = await room.reviewed(await room.family())
    edited = await edit(room, review, "A manhã foi tranquila, com a visita da neta.")
    with pytest.raises(OtherVersion):
        await approve(room, review, digest=digest_of(TEXT))
    with pytest.raises(NotApproved):
        await approve(room, edited, digest=digest_of(TEXT))
    done = await approve(room, edited, digest=digest_of("A manhã foi tranquila, com a visita da neta."))
    assert (done.state, done.approved_how, done.approved_by) == (State.APPROVED, "person", "Júlia")


async def test_other_words_after_an_approval_wait_for_another_one(room: Room) -> None:
    family = await room.family()
    report = await room.approved(family)
    await room.queue(report)
    seen = (await room.view(report)).report
    edited = await edit(room, seen, "Outras palavras.")
    assert (edited.state, edited.review_reason, edited.approved_digest) == (State.REVIEW, "edited", None)
    assert await room.queue(report) == 0
    assert await room.sent_texts(family.phones[0]) == []
    await approve(room, edited, digest=digest_of("Outras palavras."))
    assert await room.queue(report) == 1
    assert await room.sent_texts(family.phones[0]) == ["Outras palavras."]


async def test_it_is_too_late_for_other_words_once_something_left(room: Room) -> None:
    report = await room.approved(await room.family())
    await room.queue(report)
    await room.wire(report, "sending")
    with pytest.raises(NotNow):
        await edit(room, (await room.view(report)).report, "Outras palavras.")


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 5000, "A Zenaide passou bem.", "\u200b"])
async def test_words_that_cannot_go_to_this_family_are_refused(room: Room, text: str) -> None:
    family, _ = await room.family("Lourdes Prates"), await room.family("Zenaide Couto")
    with pytest.raises(BadText):
        await edit(room, await room.reviewed(family), text)


async def test_nobody_decided_in_time_and_the_fallback_goes(room: Room) -> None:
    family = await room.family("Lourdes Prates")
    review = await room.reviewed(family)
    async with clinic_session(room.pool, room.clinic.id) as s:
        assert await service.time_out(s, room.clinic, review.id, now=utc_now()) is None
        late = utc_now() + timedelta(minutes=121)
        done = await service.time_out(s, room.clinic, review.id, now=late)
        assert done is not None and (done.state, done.approved_how) == (State.FALLBACK, "timeout")
        assert await service.time_out(s, room.clinic, review.id, now=late) is None
    assert await room.queue(review.id) == 1
    [text] = await room.sent_texts(family.phones[0])
    assert "Lourdes Prates" in text and "da manhã" in text and "bem" not in text


async def test_a_rejected_report_goes_as_the_clinics_own_fallback(room: Room) -> None:
    family = await room.family("Lourdes Prates")
    room.with_policies(fallback="{person}: relatório {shift} guardado. Fale com a {clinic}.")
    review = await room.reviewed(family)
    async with clinic_session(room.pool, room.clinic.id) as s:
        done = await service.reject(s, room.clinic, review.id, by="Júlia", why="Troca de paciente.", version=review.version)
    assert (done.state, done.approved_how) == (State.FALLBACK, "rejected")
    await room.queue(review.id)
    assert await room.sent_texts(family.phones[0]) == [
        f"Lourdes Prates: relatório da manhã guardado. Fale com a {room.clinic.name}."
    ]


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


# ---------------------------------------------------------------- looking


async def test_pages_count_backwards_and_say_where_they_go_on(room: Room) -> None:
    one, other = await room.family(), await room.family()
    ids = [await room.taken(family) for family in (one, other, one, other, one)]
    async with clinic_session(room.pool, room.clinic.id) as s:
        first = await service.listed(s, limit=2)
        rest = await service.listed(s, limit=5, before=first.before)
        theirs = await service.listed(s, person=one.person_id, states=[State.PENDING])
        assert (await service.listed(s, states=[State.SENT])).reports == ()
        assert await queue_store.counts(s) == {"pending": 5}
    assert [*(r.id for r in first.reports), *(r.id for r in rest.reports)] == ids[::-1]
    assert rest.before is None
    assert [r.id for r in theirs.reports] == [ids[4], ids[2], ids[0]]
