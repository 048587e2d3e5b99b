"""The run of the evening: what the quiet hours hold, until when, who is told meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from psycopg.types.json import Jsonb

from clinic.reports import sending
from clinic.reports.models import Draft, Pattern, Severity, Span
from clinic.reports.runs import summary
from clinic.reports.views import Outcome, Work
from clinic.tenants.models import Clinic
from clinic.tenants.policies import Messaging, policies_json
from clinic.tenants.service import clinic_for
from db.embedded import Urls
from db.session import clinic_session
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows import reports_desk
from tests.flows.front import browser
from tests.flows.reports_desk import TEAM, Desk, open_desk

EVENING = datetime(2026, 11, 23, 23, 5, tzinfo=UTC)  # five past eight there


class Alarming:
    """Approves, and finds something urgent where the report tells of a fall."""

    async def write(self, clinic: Clinic, work: Work) -> Outcome:
        draft = Draft(id=new_id(), round=1, author="writer", text=f"Correu tudo bem. ({work.report.external_id})")
        found = (Pattern("alert_word", "fall", Severity.URGENT, Span(0, 4), {}),) if "caiu" in work.source.body else ()
        return Outcome("recuse" not in work.source.body, [draft], found, ms=5)


@pytest.fixture
async def desk(database: Urls) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        desk.mind = Alarming()  # type: ignore[assignment]
        yield desk


async def decide(desk: Desk, messaging: Messaging) -> None:
    clinic = desk.room.clinic
    policies = policies_json(replace(clinic.policies, messaging=messaging))
    await desk.room.rows("UPDATE clinics SET policies = %(said)s, version = version + 1 RETURNING id", said=Jsonb(policies))
    desk.room.clinic = await clinic_for(desk.room.pool, desk.clinic_id)


async def quiet_now(desk: Desk) -> datetime:
    """The clinic is quiet for an hour from now on; until when."""
    local = utc_now().astimezone(desk.room.clinic.zone).replace(microsecond=0)
    end = local + timedelta(hours=1)
    await decide(desk, Messaging(quiet_from=(local - timedelta(hours=1)).time(), quiet_until=end.time()))
    return end


async def held(desk: Desk, now: datetime) -> sending.Held | None:
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        return await sending.held(s, desk.room.clinic, now=now)


async def test_the_messages_of_an_evening_wait_until_the_clinic_says(desk: Desk) -> None:
    family = await desk.room.family(readers=2)
    await desk.closes(family)
    await desk.run()
    zone = desk.room.clinic.zone
    assert await held(desk, EVENING - timedelta(hours=1)) is None
    assert await held(desk, EVENING) == sending.Held(2, datetime(2026, 11, 24, 8, tzinfo=zone))
    assert await held(desk, EVENING + timedelta(hours=6)) == sending.Held(2, datetime(2026, 11, 24, 8, tzinfo=zone))
    await decide(desk, Messaging(quiet_from=time(22), quiet_until=time(7)))
    assert await held(desk, EVENING) is None  # it writes until ten
    assert await held(desk, EVENING + timedelta(hours=2)) == sending.Held(2, datetime(2026, 11, 24, 7, tzinfo=zone))
    await decide(desk, Messaging(quiet_from=time(0), quiet_until=time(0)))
    assert await held(desk, EVENING + timedelta(hours=2)) is None  # it has none
    await decide(desk, Messaging())
    await desk.leave()
    assert await held(desk, EVENING) is None


async def test_a_run_and_the_page_say_how_many_wait_until_when(
    database: Urls, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    until = await quiet_now(desk)
    await desk.closes(await desk.room.family(readers=3))
    run = await desk.run()
    assert "held=3" in capsys.readouterr().out
    told = await held(desk, utc_now())
    assert told == sending.Held(3, until)
    async with browser(database) as http:
        page = (await http.get("/api/reports/desk", params={"clinic": "em-casa"})).json()
        assert (page["held"], page["held_until"]) == (3, until.isoformat())
    said = summary(run, pending=0, held=told.messages, until=told.until)["send"]
    assert (said["queued"], said["held"], said["until"]) == (1, 3, until.isoformat())


async def test_whoever_must_decide_is_told_at_once_all_the_same(desk: Desk) -> None:
    await quiet_now(desk)
    await desk.closes(await desk.room.family(), "recuse")
    await desk.run()
    [notice] = await desk.room.rows("SELECT kind, destination, due_at <= now() AS due FROM notices")
    assert (notice["kind"], notice["destination"], notice["due"]) == ("report_review", TEAM, True)


async def test_of_something_urgent_that_the_family_reads_in_the_morning_the_team_is_told_now_and_once(desk: Desk) -> None:
    await reports_desk.decide(desk.room, urgent="alone")
    until = await quiet_now(desk)
    family = await desk.room.family(readers=2)
    await desk.closes(family)
    fall = await desk.closes(family, "caiu no banheiro")
    await desk.run()
    await desk.closes(family)
    await desk.run()
    [notice] = await desk.notices("report_urgent")
    [row] = await desk.room.rows("SELECT id FROM reports WHERE external_id = %(id)s", id=fall.external_id)
    assert notice["destination"] == TEAM
    assert f"/relatorios/{row['id']}?" in notice["text"]
    assert f"às {until.hour}h" in notice["text"] or f"à {until.hour}h" in notice["text"]
    assert family.name.split()[0] not in notice["text"]


async def test_by_day_nobody_is_told_of_what_the_family_reads_now(desk: Desk) -> None:
    await reports_desk.decide(desk.room, urgent="alone")
    await decide(desk, Messaging(quiet_from=time(0), quiet_until=time(0)))
    await desk.closes(await desk.room.family(), "caiu no banheiro")
    await desk.run()
    assert await desk.room.rows("SELECT kind FROM notices") == []
