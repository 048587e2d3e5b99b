"""What is urgent is read by a person before the family reads it, though the reviewer agreed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from clinic.reports import alerts, metrics_store, queue_store, service, telling
from clinic.reports.models import Report
from clinic.tenants.policies import Thresholds
from db.embedded import Urls
from db.session import clinic_session
from jobs import reports_stages
from jobs.reports_mind import mind_of
from kit.clock import utc_now
from kit.settings import load_settings
from tests.flows.reports_desk import TEAM, Desk, decide, open_desk

FALL = "Caiu no banheiro às 9h e bateu a cabeça. O SAMU levou ao hospital."


@pytest.fixture
async def desk(database: Urls) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def standing(desk: Desk) -> Report:
    """The newest report."""
    [row] = await desk.room.rows("SELECT id FROM reports ORDER BY seq DESC LIMIT 1")
    return (await desk.room.view(row["id"])).report


async def late(desk: Desk, report: UUID) -> None:
    """Its deadline has passed, and the clock looks."""
    await desk.room.rows("UPDATE reports SET review_due_at = now() - interval '1 s' WHERE id = %(id)s RETURNING id", id=report)
    await reports_stages.time_out(desk.room.pool, desk.room.clinic, now=utc_now(), seconds=30)


async def test_it_waits_with_its_text_and_the_team_is_told_of_it_once(desk: Desk) -> None:
    family = await desk.room.family()
    await desk.closes(family, FALL)
    await desk.closes(family)
    await desk.run()
    await desk.settled()
    assert sorted((await desk.states()).values()) == ["approved", "review"]
    [row] = await desk.room.rows("SELECT id, review_reason, draft_id FROM reports WHERE state = 'review'")
    assert row["review_reason"] == "urgent" and row["draft_id"] is not None
    [notice] = await desk.room.rows("SELECT kind, destination, text FROM notices")
    assert (notice["kind"], notice["destination"]) == ("report_urgent", TEAM)
    assert f"/relatorios/{row['id']}?" in notice["text"] and "leia antes da família" in notice["text"]
    assert family.name.split()[0] not in notice["text"]


async def test_a_person_approves_it_and_the_family_reads_it_as_it_was_written(desk: Desk) -> None:
    family = await desk.room.family()
    source = await desk.closes(family, FALL)
    await desk.run()
    view = await desk.room.view((await standing(desk)).id)
    assert view.draft is not None
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        seen, digest = view.report, view.draft.digest
        await service.approve(s, desk.room.clinic, seen.id, by="Bia", version=seen.version, digest=digest)
    await desk.settled()
    assert await desk.room.sent_texts(family.phones[0]) == [f"Correu tudo bem. ({source.external_id})"]
    assert len(await desk.notices("report_urgent")) == 1


@pytest.mark.parametrize("own", ["", "Falem conosco sobre o plantão de {person}."])
async def test_nobody_read_it_in_time_and_the_fallback_says_that_somebody_calls(desk: Desk, own: str) -> None:
    await decide(desk.room, fallback=own)
    family = await desk.room.family()
    await desk.closes(family, FALL)
    await desk.run()
    await late(desk, (await standing(desk)).id)
    await desk.settled()
    [text] = await desk.room.sent_texts(family.phones[0])
    assert ("uma pessoa da equipe vai ligar" in text) is not bool(own)
    assert "queda" not in text and "hospital" not in text
    assert len(await desk.room.rows("SELECT FROM notices")) == 1


async def test_a_death_is_told_by_nobody_but_a_person_however_long_it_waits(desk: Desk) -> None:
    desk.mind = mind_of(load_settings(_env_file=None, model=""))  # type: ignore[assignment]
    family = await desk.room.family()
    await desk.closes(family, "Às 3h10 não resistiu. SAMU constatou o óbito.")
    await desk.run()
    report = await standing(desk)
    assert (report.state.value, report.error_code, report.draft_id) == ("review", "report_person", None)
    await late(desk, report.id)
    await desk.settled()
    assert (await standing(desk)).state.value == "review"
    assert await desk.room.sent_texts(family.phones[0]) == []
    [notice] = await desk.room.rows("SELECT kind, text FROM notices")
    assert notice["kind"] == "report_urgent" and "Nenhuma mensagem sai sozinha" in notice["text"]
    assert "decisão até" not in notice["text"]


async def test_where_the_clinic_says_so_it_goes_as_all_others(desk: Desk) -> None:
    await decide(desk.room, urgent="alone")
    family = await desk.room.family()
    await desk.closes(family, FALL)
    await desk.run()
    assert list((await desk.states()).values()) == ["approved"]
    assert len(await desk.room.sent_texts(family.phones[0])) == 1


async def test_one_that_was_refused_is_told_as_urgent_too(desk: Desk) -> None:
    await desk.closes(await desk.room.family(), FALL + " recuse")
    await desk.closes(await desk.room.family(), "recuse")
    await desk.run()
    assert {(await desk.room.view(one)).report.review_reason for one in await waiting(desk)} == {"refused"}
    assert len(await desk.notices("report_urgent")) == len(await desk.notices("report_review")) == 1


async def waiting(desk: Desk) -> list[UUID]:
    return [row["id"] for row in await desk.room.rows("SELECT id FROM reports WHERE state = 'review'")]


async def test_who_dies_while_telling_has_told_nobody_and_the_next_one_tells_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.closes(await desk.room.family(), FALL)
    run = await desk.begin()
    works, now = desk.works(alone=True), utc_now()
    await reports_stages.sync(works, desk.room.clinic, run_id=run.id, now=now, seconds=30)
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        [report] = await queue_store.to_write(s, limit=5)
    await written(desk, report)
    tell = telling.tell_urgent_review

    async def dies(*args: object, **how: object) -> int:
        await tell(*args, **how)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(telling, "tell_urgent_review", dies)
    with pytest.raises(KeyboardInterrupt):
        await reports_stages.notify(desk.room.pool, desk.room.clinic, now=now, seconds=30)
    monkeypatch.undo()
    assert await desk.room.rows("SELECT FROM notices") == []
    for _ in range(2):
        await reports_stages.notify(desk.room.pool, desk.room.clinic, now=now, seconds=30)
    assert len(await desk.notices("report_urgent")) == 1
    assert (await standing(desk)).review_reason == "urgent"


async def written(desk: Desk, report: UUID) -> None:
    await desk.bells.write(desk.clinic_id, report)
    await desk.hear()


async def test_of_a_correction_that_is_urgent_urgent_is_the_reason(desk: Desk) -> None:
    family = await desk.room.family()
    source = desk.room.source(family)
    await desk.room.take(source)
    first = await standing(desk)
    await desk.room.written(first.id)
    await desk.room.queue(first.id)
    await desk.room.wire(first.id, "sent")
    await desk.room.settle(first.id)
    await desk.room.take(replace(source, body=FALL))
    second = await desk.room.written((await standing(desk)).id)
    assert (second.revision, second.review_reason) == (2, "urgent")
    await late(desk, second.id)
    view = await desk.room.view(second.id)
    assert view.draft is not None and "corrigiu" in view.draft.text and "vai ligar" in view.draft.text


async def test_what_a_rule_holds_moves_no_share_and_opens_no_alert(desk: Desk) -> None:
    family = await desk.room.family()
    for body in (*[FALL] * 6, *["Passou bem."] * 5):
        await desk.closes(family, body)
    await desk.run()
    now = utc_now() + timedelta(seconds=1)

    async def figures() -> alerts.Figures:
        async with clinic_session(desk.room.pool, desk.clinic_id) as s:
            return alerts.Figures(await metrics_store.between(s, now - alerts.WINDOW, now, day=now.date()))

    day = (await figures()).recent
    assert (day.total, day.approved, day.failed, day.person, day.fallback) == (11, 5, 0, 0, 0)
    assert (day.approval_rate, day.fallback_rate) == (100.0, 0.0)
    assert alerts.check(await figures(), Thresholds(), now) == []
    held = await desk.room.view((await waiting(desk))[0])
    assert held.draft is not None
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        seen = held.report
        await service.approve(s, desk.room.clinic, seen.id, by="Bia", version=seen.version, digest=held.draft.digest)
    now = utc_now() + timedelta(seconds=1)
    assert ((await figures()).recent.person, (await figures()).recent.approval_rate) == (1, 100.0)
