"""Whatever dies, refuses or never answers: the team is told of a case once, and is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from clinic.conversations.cases import notices, notices_store
from clinic.conversations.models import CaseKind
from clinic.tenants.policies import Team
from clinic.tenants.service import clinic_for
from db.session import clinic_session
from jobs.notices import clinic_by_clinic
from kit.ids import new_id
from tests.flows.served import Served
from tests.flows.team import (
    BASE,
    JULIA,
    again_now,
    employ,
    grace_over,
    one_notice,
    owe,
    served,
    tell,
    told,
)

__all__ = ["served"]


async def test_an_unanswered_notice_that_arrived_is_found_and_not_sent_again(served: Served) -> None:
    await one_notice(served)
    served.evolution.faults.drop(accepted=True)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sending")]
    await again_now(served)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent")]
    [row] = await served.rows("SELECT provider_id, attempts, error_code FROM notices")
    assert row == {"provider_id": served.evolution.sent[0].id, "attempts": 1, "error_code": None}
    await grace_over(served)
    await tell(served)
    assert len(served.evolution.sent) == 1


async def test_an_unanswered_notice_that_the_wire_has_not_is_sent_again_once_it_had_time(served: Served) -> None:
    await one_notice(served, CaseKind.PERSON_ASKED)
    served.evolution.faults.drop(on="send")
    await tell(served)
    await again_now(served)
    await tell(served)
    assert served.evolution.sent == ()  # it may be on its way
    await grace_over(served)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent")]
    assert len(served.evolution.sent) == 1


@pytest.mark.parametrize(("kind", "times"), [(CaseKind.EMERGENCY, 2), (CaseKind.PERSON_ASKED, 1)])
async def test_where_the_wire_cannot_tell_only_an_urgent_notice_is_given_to_it_twice(
    served: Served, kind: CaseKind, times: int
) -> None:
    await one_notice(served, kind, "cloud")
    served.cloud.faults.drop(times=9, accepted=True, on="send")
    for _ in range(4):
        await tell(served)
        await grace_over(served)
    assert await told(served) == [("case_opened", "julia", "unknown")]
    assert len(served.cloud.sent) == times


async def test_a_status_with_our_reference_says_that_an_unanswered_notice_arrived(served: Served) -> None:
    await one_notice(served, wire="cloud")
    served.cloud.faults.drop(accepted=True, on="send")
    await tell(served)
    [sent] = served.cloud.sent
    assert (await served.from_cloud(served.cloud.status(sent.id, "delivered"))).status_code == 200
    await grace_over(served)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent")]
    assert len(served.cloud.sent) == 1


async def test_a_teller_that_died_before_the_wire_was_given_it_loses_nothing(served: Served) -> None:
    await one_notice(served)
    await tell_apart(served)
    await served.rows("UPDATE notices SET lease_until = now() - interval '1 second' RETURNING id")
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent")]
    assert len(served.evolution.sent) == 1


async def test_a_teller_that_died_while_the_wire_had_it_is_looked_for(served: Served) -> None:
    await one_notice(served)
    await tell(served)
    await served.rows(
        """UPDATE notices SET status = 'sending', provider_id = NULL, lease_until = now() - interval '1 second'
           RETURNING id"""
    )
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent")]
    assert len(served.evolution.sent) == 1


async def test_a_notice_that_kills_whoever_takes_it_is_given_up(served: Served) -> None:
    await one_notice(served)
    await tell_apart(served)
    await served.rows("UPDATE notices SET attempts = 20, lease_until = now() - interval '1 second' RETURNING id")
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "failed")]
    assert served.evolution.sent == ()


async def tell_apart(served: Served) -> None:
    """Claims the notice as one would who dies before the wire is given it."""
    clinic = await clinic_for(served.pool, served.clinic)
    async with clinic_session(served.pool, served.clinic) as s:
        [case] = await s.all("SELECT id FROM cases")
        assert await notices.climb(s, clinic, case["id"]) == 1
        [notice] = await s.all("SELECT id FROM notices")
        assert await notices_store.claim(s, notice["id"], lease=timedelta(seconds=30), base=BASE) is not None


async def test_a_refusal_that_may_pass_is_tried_again(served: Served) -> None:
    await employ(served, Team(members=(JULIA,)))
    served.evolution.faults.unavailable()
    await owe(served)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "queued")]
    [row] = await served.rows("SELECT due_at > now() AS later, error_code, attempts FROM notices")
    assert row["later"]
    assert row["error_code"]
    await again_now(served)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent")]


async def test_a_provider_that_refuses_for_minutes_costs_no_notice(served: Served) -> None:
    await one_notice(served)
    served.evolution.faults.unavailable(times=9, on="send")
    for minute in range(9):
        await tell(served)
        assert await told(served) == [("case_opened", "julia", "queued")], minute
        await again_now(served)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent")]


async def test_a_notice_refused_for_an_hour_is_old_news(served: Served) -> None:
    await one_notice(served)
    served.evolution.faults.unavailable(on="send")
    await tell_apart(served)
    await served.rows("UPDATE notices SET created_at = now() - interval '61 minutes', lease_until = NULL RETURNING id")
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "failed")]


async def test_refusals_before_it_take_no_second_try_from_an_urgent_notice(served: Served) -> None:
    await one_notice(served, wire="cloud")
    served.cloud.faults.unavailable(times=3, on="send")
    served.cloud.faults.drop(times=9, on="send")  # never arrives, and the wire cannot tell
    for _ in range(3):
        await tell(served)
        await again_now(served)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sending")]
    served.cloud.faults.clear()
    await grace_over(served)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent")]


async def test_a_clinic_whose_wire_hangs_keeps_no_other_clinics_team_waiting() -> None:
    slow, quick = new_id(), new_id()
    hangs, others, told_of = asyncio.Event(), asyncio.Event(), list[UUID]()

    async def work(clinic_id: UUID, notice_id: UUID) -> None:
        if clinic_id == slow:
            await hangs.wait()
        told_of.append(clinic_id)
        if told_of == [quick, quick]:
            others.set()

    due = [(slow, new_id()), (slow, new_id()), (quick, new_id()), (quick, new_id())]
    under_way = asyncio.create_task(clinic_by_clinic(due, work))
    async with asyncio.timeout(10):
        await others.wait()
    hangs.set()
    assert await under_way == 4
    assert told_of == [quick, quick, slow, slow]


async def test_a_slow_clinic_leaves_the_rest_of_its_notices_to_the_next_run() -> None:
    slow, quick = new_id(), new_id()

    async def work(clinic_id: UUID, notice_id: UUID) -> None:
        if clinic_id == slow:
            await asyncio.sleep(0.02)

    due = [(slow, new_id()), (slow, new_id()), (quick, new_id()), (quick, new_id())]
    assert await clinic_by_clinic(due, work, slow=0.01) == 3
