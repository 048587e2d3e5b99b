"""A report from the source to an approval: taken once, written by one, decided on what was read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from clinic.reports import queue_store, service
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
from db.session import clinic_session
from kit.clock import utc_now
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
    room.with_policies(urgent="alone")
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
    corrected = replace(source, body="Almoçou só a metade.")
    assert await room.take(corrected) == (0, 1, 0)
    assert await room.take(corrected) == (0, 0, 1)
    assert await room.state(row["id"]) == "sent"
    [second] = await room.rows("SELECT id FROM reports WHERE revision = 2")
    report = await room.written(second["id"], "Corrigindo: almoçou a metade.")
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
    room.with_policies(urgent="alone")
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
    taken = [await room.taken(family) for family in (one, other, one)]
    for report in taken:
        await room.written(report)
    work = await room.claim(await room.taken(one))
    assert work is not None
    assert [past.ref for past in work.history] == [str(taken[2]), str(taken[0])]


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
