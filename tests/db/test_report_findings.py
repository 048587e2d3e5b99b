"""What a report says is found once, when it is taken; found again only by other rules or for other limits; and whose limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from clinic.reports import findings, findings_store, subjects_store
from clinic.reports.models import Severity, SourceReport
from clinic.reports.views import Work
from clinic.tenants.document_reports import FamilyPart, RangePart, ReportsPart
from clinic.tenants.families_store import put
from db.embedded import Urls
from db.session import clinic_session
from tests.db.report_room import Family, Room, open_room

FEVER = "Teve febre de 38,2 às 10h."


@pytest.fixture
async def room(database: Urls) -> AsyncIterator[Room]:
    async with open_room(database) as opened:
        yield opened


async def claimed(room: Room, family: Family, **how: Any) -> Work:
    work = await room.claim(await room.taken(family, **how))
    assert work is not None
    return work


def unread(text: str, *_: object) -> findings.Findings:
    raise AssertionError("read anew")


async def test_a_report_is_read_when_it_is_taken_and_never_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    family = await room.family()
    taken = [await room.taken(family, body=f"{FEVER} Passou {n} horas na sala.") for n in range(3)]
    monkeypatch.setattr(findings_store, "find", unread)
    work = await room.claim(taken[-1])
    assert work is not None
    assert [one.key for one in work.findings.patterns] == ["fever", "temperature_high"]
    assert work.findings.measures == {"temperature": 38.2}
    assert [[one.key for one in past.findings.patterns] for past in work.history] == [["fever", "temperature_high"]] * 2


async def test_a_correction_is_read_as_it_says_now(room: Room) -> None:
    family = await room.family()
    source = room.source(family, body=FEVER)
    await room.take(source)
    await room.take(replace(source, body="Passou bem."))
    async with clinic_session(room.pool, room.clinic.id) as s:
        row = await s.one("SELECT measures FROM reports WHERE external_id = %(id)s", {"id": source.external_id})
        count = await s.one("SELECT count(*) AS n FROM detected_patterns")
    assert row == {"measures": {}}
    assert count == {"n": 0}


async def test_what_other_rules_found_is_found_again_and_kept(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    family = await room.family()
    old, new = await room.taken(family, body=FEVER), await room.taken(family, body="Passou bem.")
    async with clinic_session(room.pool, room.clinic.id) as s:
        await s.execute("UPDATE reports SET rules = 'older', measures = '{}' WHERE id = %(id)s", {"id": old})
        await s.execute("DELETE FROM detected_patterns")
    work = await room.claim(new)
    assert work is not None
    assert work.history[0].findings.measures == {"temperature": 38.2}
    monkeypatch.setattr(findings_store, "find", unread)
    kept = (await claimed(room, family)).history[-1].findings
    assert [one.key for one in kept.patterns] == ["fever", "temperature_high"]


async def test_who_writes_it_adds_how_the_person_is_and_a_writer_that_broke_takes_nothing_away(room: Room) -> None:
    work = await claimed(room, await room.family(), body=FEVER)
    await room.finish(work, "", approved=False, code="writer_broke")
    async with clinic_session(room.pool, room.clinic.id) as s:
        assert await findings_store.patterns(s, work.report.id) == work.findings.patterns


# ---------------------------------------------------------------- whose limits


def born(source: SourceReport, day: date | None) -> SourceReport:
    return replace(source, born_on=day)


async def vital(room: Room, source: SourceReport) -> dict[str, Any] | None:
    """The details of the measure that stands out in it."""
    await room.take(source)
    async with clinic_session(room.pool, room.clinic.id) as s:
        row = await s.one(
            """SELECT d.details FROM detected_patterns d JOIN reports r ON r.id = d.report_id
               WHERE r.external_id = %(id)s AND d.kind = 'vital'""",
            {"id": source.external_id},
        )
    return row["details"] if row else None


async def test_without_a_date_of_birth_an_adults_limits_are_used_and_said_to_be(room: Room) -> None:
    found = await vital(room, room.source(await room.family(), body="FC 130"))
    assert found is not None
    assert (found["basis"], found["group"], found["high"]) == ("unknown", "adult", 105)


async def test_the_sources_date_of_birth_is_kept_and_counts_from_then_on(room: Room) -> None:
    family = await room.family()
    assert await vital(room, born(room.source(family, body="FC 150"), date(2025, 6, 1))) is None  # a child of one year
    assert await vital(room, room.source(family, body="FC 150")) is None  # this one does not say it, and it is known
    found = await vital(room, room.source(family, body="FC 180"))
    assert found is not None
    assert (found["basis"], found["group"]) == ("age", "toddler")


async def test_our_own_record_of_a_person_comes_before_the_sources(room: Room) -> None:
    family = await room.family()
    async with clinic_session(room.pool, room.clinic.id) as s:
        await s.execute("UPDATE people SET birth_date = '1940-05-05' WHERE id = %(id)s", {"id": family.person_id})
    found = await vital(room, born(room.source(family, body="T 37,6"), date(2000, 1, 1)))
    assert found is not None
    assert found["group"] == "elderly"


async def test_a_date_of_birth_of_somebody_else_is_not_taken(room: Room) -> None:
    family = await room.family("Zilda", "Prates")
    other = replace(born(room.source(family, body="FC 150"), date(2025, 6, 1)), subject_name="Abel Nunes")
    await room.take(other)
    async with clinic_session(room.pool, room.clinic.id) as s:
        subject = await subjects_store.subject(s, family.subject)
    assert subject is not None
    assert subject.born is None


async def test_a_birth_date_learned_later_reads_the_past_by_it(room: Room) -> None:
    family = await room.family()
    await room.taken(family, body="FC 150")
    source = born(room.source(family, body="Mamou bem."), date(2026, 1, 1))
    await room.take(source)
    async with clinic_session(room.pool, room.clinic.id) as s:
        row = await s.one("SELECT id FROM reports WHERE external_id = %(id)s", {"id": source.external_id})
    assert row is not None
    work = await room.claim(row["id"])
    assert work is not None
    assert work.ranges.group == "infant"
    assert work.history[0].findings.patterns == ()


async def test_a_doctors_own_limits_come_before_the_clinics_and_the_clinics_before_the_houses(room: Room) -> None:
    one, other = await room.family(), await room.family()
    reports = replace(room.clinic.policies.reports, ranges={"adult": {"saturation": {"low": 94}}})
    room.clinic = replace(room.clinic, policies=replace(room.clinic.policies, reports=reports))
    part = ReportsPart(families=(FamilyPart(subject=one.subject, person="dpoc", ranges={"saturation": RangePart(low=88)}),))
    async with clinic_session(room.pool, room.clinic.id) as s:
        await put(s, part, {"dpoc": one.person_id})
    assert await vital(room, room.source(one, body="Sat 89%")) is None
    found = await vital(room, room.source(other, body="Sat 93%"))
    assert found is not None
    assert (found["basis"], found["low"]) == ("clinic", 94)
    work = await claimed(room, one, body="Sat 87%")
    (low,) = work.findings.patterns
    assert (low.details["basis"], low.severity) == ("person", Severity.URGENT)  # below 88 it was urgent for anybody
