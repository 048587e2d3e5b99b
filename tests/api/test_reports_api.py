"""Reports over the API: the queue, a report beside its source, what a person may do with it, runs, figures and alerts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from clinic.reports import alerts_store, service
from clinic.reports.alerts import Alert
from clinic.reports.models import Report
from db.embedded import Urls
from db.session import clinic_session
from kit.clock import utc_now
from kit.ids import new_id
from tests.db.report_room import Room, open_room
from tests.flows.front import browser
from tests.flows.reports_desk import decide

SLUG = "em-casa"
BODY = "Passou bem a manhã. PA 130x80 às 08:10. Almoçou tudo."
GOOD = "Bom dia! A manhã de vocês foi tranquila: a pressão estava em 130x80 às 08:10 e o almoço foi bem aceito."


@dataclass(slots=True)
class Staff:
    """Somebody of the clinic at the console."""

    http: httpx.AsyncClient
    room: Room

    async def get(self, path: str = "", status: int = 200, **params: Any) -> Any:
        answer = await self.http.get(f"/api/reports{path}", params={"clinic": SLUG, **params})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(self, path: str, status: int = 200, **body: Any) -> Any:
        answer = await self.http.post(f"/api/reports{path}", params={"clinic": SLUG}, json={"by": "Júlia", **body})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def waiting(self, body: str = BODY, text: str = GOOD, **how: Any) -> Report:
        """A report in review."""
        family = await self.room.family("Zilda", "Prates", **how)
        report = await self.room.taken(family, body=body)
        await self.room.written(report, text, approved=False)
        async with clinic_session(self.room.pool, self.room.clinic.id) as s:
            found = await service.to_review(s, self.room.clinic, report, now=utc_now())
        assert found is not None
        return found


@asynccontextmanager
async def _staff(database: Urls) -> AsyncIterator[Staff]:
    async with open_room(database, slug=SLUG) as room, browser(database) as http:
        yield Staff(http, room)


@pytest.fixture
async def staff(database: Urls) -> AsyncIterator[Staff]:
    async with _staff(database) as staff:
        yield staff


async def test_reports_are_listed_by_state_and_day_a_page_at_a_time(staff: Staff) -> None:
    waiting = await staff.waiting()
    family = await staff.room.family()
    sent = await staff.room.approved(family)
    page = await staff.get(limit=1)
    assert [one["id"] for one in page["items"]] == [str(sent)]
    rest = await staff.get(limit=1, cursor=page["next"])
    assert [one["id"] for one in rest["items"]] == [str(waiting.id)] and rest["next"] is None
    assert rest["counts"] == {"review": 1, "approved": 1}
    only = await staff.get(state="review")
    assert [one["person_name"] for one in only["items"]] == ["Zilda Prates"]
    assert (await staff.get(day="2026-11-23"))["items"] and not (await staff.get(day="2026-11-22"))["items"]
    assert only["items"][0]["review_due_at"].endswith("-03:00")


async def test_a_report_stands_beside_its_source_with_who_receives_it(staff: Staff) -> None:
    report = await staff.waiting()
    found = await staff.get(f"/{report.id}")
    assert found["source_text"].startswith("Passou bem a manhã.")
    assert [(one["author"], one["stands"]) for one in found["drafts"]] == [("writer", True)]
    assert found["recipients"][0]["name"] == "Parente 0"
    assert len(found["recipients"][0]["phone_ends"]) == 4 and "+55" not in str(found)
    assert [one["became"] for one in found["steps"]][-1] == "review"
    assert (await staff.get(f"/{new_id()}", 404))["code"] == "no_report"


async def test_words_of_a_person_are_checked_and_go_only_as_they_were_read(staff: Staff) -> None:
    report = await staff.waiting()
    wrong = GOOD.replace("130x80", "190x80")
    edited = await staff.post(f"/{report.id}/edit", text=wrong, version=report.version)
    stands = edited["drafts"][-1]
    assert stands["stands"] and stands["author"] == "person" and stands["by"] == "Júlia"
    assert "number" in {one["code"] for one in stands["problems"]}
    right = await staff.post(f"/{report.id}/edit", text=GOOD, version=edited["version"])
    assert "number" not in {one["code"] for one in right["drafts"][-1]["problems"]}
    place = next(one for one in right["drafts"][-1]["traced"] if one["kind"] == "vital")
    start, end = place["source"]["start"], place["source"]["end"]
    assert "130x80" in right["source_text"][start:end]

    refused = await staff.post(f"/{report.id}/approve", 409, version=right["version"], digest=stands["digest"])
    assert refused["code"] == "not_approved"
    late = await staff.post(f"/{report.id}/approve", 409, version=edited["version"], digest=right["drafts"][-1]["digest"])
    assert late["code"] == "report_changed"
    done = await staff.post(f"/{report.id}/approve", version=right["version"], digest=right["drafts"][-1]["digest"])
    assert (done["state"], done["approved_how"], done["approved_by"]) == ("approved", "person", "Júlia")
    assert await staff.room.queue(report.id) == 1
    sends = (await staff.get(f"/{report.id}"))["sends"]
    assert [(one["name"], one["status"]) for one in sends] == [("Parente 0", "queued")]
    again = await staff.post(f"/{report.id}/reject", 409, version=(await staff.get(f"/{report.id}"))["version"], why="x")
    assert again["code"] == "report_state"


async def test_what_is_rejected_goes_as_the_fallback_text_and_needs_a_reason(staff: Staff) -> None:
    report = await staff.waiting()
    assert (await staff.post(f"/{report.id}/reject", 422, version=report.version, why="  "))["code"] == "invalid"
    done = await staff.post(f"/{report.id}/reject", version=report.version, why="É de outra pessoa")
    assert (done["state"], done["approved_how"]) == ("fallback", "rejected")
    assert done["drafts"][-1]["author"] == "fallback" and done["steps"][-1]["why"] == "É de outra pessoa"


async def test_it_is_written_again_with_the_reason(staff: Staff) -> None:
    report = await staff.waiting()
    done = await staff.post(f"/{report.id}/regenerate", version=report.version, why="Faltou o almoço")
    assert done["state"] == "pending"
    work = await staff.room.claim(report.id)
    assert work is not None and work.asked == "Faltou o almoço"


async def test_a_text_that_names_somebody_else_s_relative_is_refused(staff: Staff) -> None:
    report = await staff.waiting()
    await staff.room.family("Otávio", "Lemos")
    text = "A manhã do Otávio Lemos foi tranquila, com almoço completo."
    assert (await staff.post(f"/{report.id}/edit", 422, text=text, version=report.version))["code"] == "bad_text"


async def test_a_report_that_may_be_of_somebody_else_has_no_deadline(staff: Staff) -> None:
    report = await staff.waiting()
    await staff.room.rows("UPDATE reports SET review_reason = 'other_name' WHERE id = %(id)s RETURNING id", id=report.id)
    assert (await staff.get(f"/{report.id}"))["review_due_at"] is None


async def test_a_clinic_without_a_source_is_told_so(staff: Staff) -> None:
    desk = await staff.get("/desk")
    assert desk["connected"] is False and desk["running"] is None and desk["next_run_at"] is None
    assert (await staff.post("/run", 404))["code"] == "no_report_desk"
    assert (await staff.post("/alerts/check", 404))["code"] == "no_report_desk"
    today = await staff.get("/metrics/today")
    assert today["today"]["total"] == 0 and today["light"] is None


async def test_a_run_is_asked_for_once_and_seen_while_it_goes(staff: Staff) -> None:
    await decide(staff.room, source={"kind": "nothing"})
    told = await staff.post("/run", dry_run=True)
    assert told["run"] is None and told["foreseen"]["errors"] == {"sync": "bad_source"}
    assert await staff.get("/metrics/pipeline-runs") == []
    begun = await staff.post("/run", 202, skip_send=True)
    assert (begun["run"]["asked_by"], begun["run"]["skip_send"], begun["run"]["stage"]) == ("Júlia", True, "sync")
    assert (await staff.post("/run", 409))["code"] == "pipeline_running"
    assert (await staff.get("/desk"))["running"]["id"] == begun["run"]["id"]
    assert [one["id"] for one in await staff.get("/metrics/pipeline-runs", limit=3)] == [begun["run"]["id"]]


async def test_the_day_is_told_in_figures(staff: Staff) -> None:
    await staff.waiting()
    for _ in range(3):
        await staff.room.approved(await staff.room.family())
    found = await staff.get("/metrics/today")
    assert (found["today"]["total"], found["today"]["approved"], found["today"]["failed"]) == (4, 3, 1)
    assert (found["today"]["approval_rate"], found["light"]) == (75.0, "attention")
    assert found["waiting"] == {"writing": 0, "review": 1, "leaving": 3, "send_failed": 0}
    days = (await staff.get("/metrics/history", days=7))["days"]
    assert len(days) == 7 and days[-1]["total"] == 4 and days[0]["total"] == 0


async def test_an_alert_is_told_in_words_and_dismissed_with_a_reason(staff: Staff) -> None:
    await decide(staff.room, source={"kind": "nothing"})
    details = {"rate": 40.0, "decided": 10, "threshold": 70.0}
    async with clinic_session(staff.room.pool, staff.room.clinic.id) as s:
        opened = (await alerts_store.keep(s, [Alert("low_approval", "warning", "low_approval", details)]))[0]
    alert = (await staff.get("/metrics/alerts"))[0]
    assert "40 %" in alert["title"] and "70 %" in alert["action"]
    assert (await staff.post(f"/alerts/{opened.id}/dismiss", 422, why=" "))["code"] == "invalid"
    done = await staff.post(f"/alerts/{opened.id}/dismiss", why="Já sabemos")
    assert (done["dismissed_by"], done["dismissed_why"]) == ("Júlia", "Já sabemos")
    assert await staff.get("/metrics/alerts") == []
    assert [one["id"] for one in await staff.get("/metrics/alerts", over=True)] == [str(opened.id)]
    await staff.post("/alerts/check")
    assert (await staff.post(f"/alerts/{new_id()}/dismiss", 404, why="x"))["code"] == "no_alert"
    assert (await staff.get("/desk"))["checked_at"] is not None


async def test_the_one_to_decide_about_first_is_first_a_page_at_a_time(staff: Staff) -> None:
    late, soon, other = [await staff.waiting() for _ in range(3)]
    move = "UPDATE reports SET review_due_at = now() + %(minutes)s * interval '1 minute' WHERE id = %(id)s RETURNING id"
    await staff.room.rows(move, id=late.id, minutes=90)
    await staff.room.rows(move, id=soon.id, minutes=5)
    await staff.room.rows("UPDATE reports SET review_reason = 'other_name' WHERE id = %(id)s RETURNING id", id=other.id)
    page = await staff.get(state="review", order="deadline", limit=2)
    assert [one["id"] for one in page["items"]] == [str(other.id), str(soon.id)]
    rest = await staff.get(state="review", order="deadline", limit=2, cursor=page["next"])
    assert [one["id"] for one in rest["items"]] == [str(late.id)] and rest["next"] is None


async def test_who_of_the_family_is_barred_is_told_with_the_reason(staff: Staff) -> None:
    report = await staff.waiting()
    contact = (await staff.get(f"/{report.id}"))["recipients"][0]
    assert contact["barred"] is None
    await staff.room.revoke(contact["contact_id"])
    assert [one["barred"] for one in (await staff.get(f"/{report.id}"))["recipients"]] == ["revoked"]


async def test_writing_again_is_of_no_use_where_the_report_itself_is_why(staff: Staff) -> None:
    report = await staff.waiting()
    assert (await staff.get(f"/{report.id}"))["no_use_writing"] == "same_words"  # no model writes here
    await staff.room.rows("UPDATE reports SET review_reason = 'report_order' WHERE id = %(id)s RETURNING id", id=report.id)
    assert (await staff.get(f"/{report.id}"))["no_use_writing"] == "report_order"
