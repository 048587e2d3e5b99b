"""Any interleaving of messages, repeats, claims, deaths, sleepers, failures, takeovers and replays: each message is answered
once or still waits, one turn at a time, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from clinic.conversations import inbox
from clinic.conversations.handover import takeover
from clinic.conversations.lanes import dead_letters_store
from clinic.conversations.lanes.dead_letters_store import PersonOwns
from clinic.conversations.models import Arrival, Fenced, Outcome, QuietWindow, Story, TurnResult
from clinic.patients.models import ContactAlias
from clinic.tenants import wires_store
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db.embedded import Urls
from db.pool import Pool, create_pool
from db.session import clinic_session
from desk import failing, turn
from jobs.sweeps import lost_lanes
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.served import add_clinic

LEASE = timedelta(minutes=5)
Found = TypeVar("Found")


@dataclass(slots=True)
class Ground:
    """What every example stands on: each has a contact of its own."""

    loop: asyncio.Runner
    pool: Pool
    clinic: Clinic
    account: UUID

    def run(self, work: Coroutine[Any, Any, Found]) -> Found:
        return self.loop.run(work)


class Lane(RuleBasedStateMachine):
    """One conversation, any number of holders of which at most one may count."""

    ground: Ground

    @initialize()
    def begin(self) -> None:
        self.phone = f"+55{new_id().int % 10**11:011}"
        self.provider_ids: list[str] = []
        self.holders: list[Any] = []
        self.covered: list[set[UUID]] = []  # by each adopted turn that spoke, in order
        self.message("text", late=False, twice=False)

    # -- what happens --------------------------------------------------------------------------------------------------------

    def _arrive(self, provider_id: str, kind: str, late: bool) -> None:
        arrival = Arrival(
            account_id=self.ground.account,
            provider_id=provider_id,
            aliases=(ContactAlias("phone", self.phone),),
            reply_to=self.phone,
            text="" if kind == "image" else "tudo certo?",
            kind=kind,
            sent_at=utc_now() - timedelta(minutes=10) if late else None,
        )

        async def store() -> UUID:
            async with clinic_session(self.ground.pool, self.ground.clinic.id) as s:
                stored = await inbox.receive(s, arrival, now=utc_now(), quiet=QuietWindow(0, 0))
            return stored.conversation_id

        self.conversation = self.ground.run(store())

    @rule(kind=st.sampled_from(["text", "text", "image", "reaction"]), late=st.booleans(), twice=st.booleans())
    def message(self, kind: str, late: bool, twice: bool) -> None:
        """The wire may repeat any message it ever brought."""
        self.provider_ids.append(f"{self.phone}/{len(self.provider_ids)}")
        self._arrive(self.provider_ids[-1], kind, late)
        if twice:
            self._arrive(self.provider_ids[len(self.provider_ids) // 2], kind, late)

    @precondition(lambda self: not self.holders)
    @rule()
    def a_turn_begins(self) -> None:
        self.message("text", late=False, twice=False)
        self.claim()

    def claim(self) -> None:
        self._run("UPDATE conversations SET due_at = now() WHERE id = %(id)s AND due_at IS NOT NULL")
        start = self.ground.run(turn._started(self.ground.pool, self.ground.clinic, self._id, LEASE))
        if start is not None:
            self.holders.append(start)

    @precondition(lambda self: self.holders)
    @rule(forgotten=st.booleans())
    def the_lease_ends(self, forgotten: bool) -> None:
        """Its holder died, or sleeps and will try to adopt later; another desk takes the lane."""
        self._run(
            "UPDATE conversations SET lease_until = now() - interval '1 second' WHERE id = %(id)s AND lease_until > now()"
        )
        if forgotten:
            self.holders.pop()
        self.claim()

    @precondition(lambda self: self.holders)
    @rule(data=st.data())
    def adopt(self, data: st.DataObject) -> None:
        self._adopt(self.holders.pop(data.draw(st.integers(0, len(self.holders) - 1))))

    def _adopt(self, start: Any) -> None:
        silent = not start.desk.pending or start.desk.owner == "person"
        replies = () if silent else ("Recebi, obrigada.",)
        result = TurnResult(outcome=Outcome.SILENT if silent else Outcome.SPOKE, replies=replies)
        with suppress(Fenced):
            outcome = self.ground.run(turn._adopt(self.ground.pool, self.ground.clinic, start, result, (), None))
            if outcome is Outcome.SPOKE:
                self.covered.append({message.id for message in start.desk.pending})
        self._holds()

    @precondition(lambda self: self.holders)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        start = self.holders.pop(data.draw(st.integers(0, len(self.holders) - 1)))
        self.ground.run(failing.fail(self.ground.pool, self.ground.clinic, start.desk, Story(), RuntimeError()))

    @precondition(lambda self: self.holders)
    @rule()
    def give_up(self) -> None:
        """Tried four times before, the next turn fails too."""
        self._run("UPDATE conversations SET attempts = 4, lease_until = NULL WHERE id = %(id)s AND dead_at IS NULL")
        self.claim()
        if self.holders:
            start = self.holders.pop()
            self.ground.run(failing.fail(self.ground.pool, self.ground.clinic, start.desk, Story(), RuntimeError()))

    @precondition(lambda self: not self.holders)
    @rule()
    def replay(self) -> None:
        async def all_of_them() -> None:
            async with clinic_session(self.ground.pool, self.ground.clinic.id) as s:
                for letter in await dead_letters_store.listed(s, replayed=True):
                    if letter.conversation_id == self.conversation:
                        await dead_letters_store.replay(s, letter.id, by="teste")

        try:
            self.ground.run(all_of_them())
        except PersonOwns:
            return

    @precondition(lambda self: self.holders)
    @rule(stays=st.booleans())
    def a_person_takes_it(self, stays: bool) -> None:
        self.hand_over(back=False)
        if not stays:
            self.hand_over(back=True)

    @precondition(lambda self: not self.holders)
    @rule()
    def a_person_gives_it_back(self) -> None:
        self.hand_over(back=True)

    def hand_over(self, back: bool) -> None:
        async def change() -> None:
            async with clinic_session(self.ground.pool, self.ground.clinic.id) as s:
                if back:
                    await takeover.give_back(s, self._id, by="Rita")
                else:
                    await takeover.take(s, self._id, by="Rita")

        self.ground.run(change())

    # -- what holds ----------------------------------------------------------------------------------------------------------

    def _holds(self) -> None:
        """What is true whenever something was settled."""
        [row] = self._rows("SELECT count(*) AS n FROM messages WHERE conversation_id = %(id)s AND direction = 'in'")
        assert row["n"] == len(self.provider_ids)
        assert len(self._rows("SELECT FROM turns WHERE conversation_id = %(id)s AND status = 'running'")) <= 1
        assert not self._rows(
            """SELECT FROM messages m JOIN turns t ON t.id = m.turn_id
               WHERE m.conversation_id = %(id)s AND m.direction = 'in' AND t.status <> 'adopted'
                 AND NOT EXISTS (SELECT FROM dead_letters d WHERE d.turn_id = t.id)"""
        )
        self._replies_hold()

    def _replies_hold(self) -> None:
        """One reply per adopted turn, no message in two of them, and replies in the order of what they answer."""
        seen: set[UUID] = set()
        for cover in self.covered:
            assert not cover & seen
            seen |= cover
        said = self._rows(
            """SELECT t.id, t.status, count(*) AS bubbles, count(DISTINCT o.id) AS sends, min(m.seq) AS seq,
                      (SELECT min(i.seq) FROM messages i WHERE i.turn_id = t.id AND i.direction = 'in') AS first,
                      (SELECT max(i.seq) FROM messages i WHERE i.turn_id = t.id AND i.direction = 'in') AS last
               FROM turns t JOIN messages m ON m.turn_id = t.id AND m.direction = 'out' AND m.author = 'carol'
               JOIN outbox o ON o.message_id = m.id
               WHERE t.conversation_id = %(id)s GROUP BY t.clinic_id, t.id, t.status ORDER BY min(m.seq)"""
        )
        assert len(said) == len(self.covered)
        assert all((row["status"], row["bubbles"], row["sends"]) == ("adopted", 1, 1) for row in said)
        assert all(before["last"] < after["first"] for before, after in pairwise(said))

    def teardown(self) -> None:
        """Whatever happened, it comes to rest: no bell was lost, and everything is answered once the sleepers are gone."""
        if not hasattr(self, "conversation"):
            return
        assert self.ground.run(lost_lanes(self.ground.pool, after=0)) == 0
        self.holders.clear()
        self.hand_over(back=True)
        for _ in range(4):
            self._run("UPDATE conversations SET lease_until = NULL WHERE id = %(id)s")
            self.claim()
            while self.holders:
                self._adopt(self.holders.pop())
        waiting = "WHERE conversation_id = %(id)s AND direction = 'in' AND turn_id IS NULL AND kind <> 'reaction'"
        assert not self._rows(f"SELECT FROM messages {waiting}")
        assert not self._rows("SELECT FROM conversations WHERE id = %(id)s AND due_at IS NOT NULL AND dead_at IS NULL")
        self._holds()

    # -- how it is done ------------------------------------------------------------------------------------------------------

    @property
    def _id(self) -> UUID:
        return self.conversation

    def _rows(self, query: str) -> list[dict[str, Any]]:
        async def read() -> list[dict[str, Any]]:
            async with clinic_session(self.ground.pool, self.ground.clinic.id) as s:
                return list(await s.all(query, {"id": self._id}))  # type: ignore[arg-type]

        return self.ground.run(read())

    def _run(self, query: str) -> None:
        async def write() -> None:
            async with clinic_session(self.ground.pool, self.ground.clinic.id) as s:
                await s.execute(query, {"id": self._id})  # type: ignore[arg-type]

        self.ground.run(write())


@pytest.mark.timeout(300)
def test_no_interleaving_loses_repeats_or_reorders_an_answer(database: Urls) -> None:
    async def opened() -> tuple[Pool, Clinic, UUID]:
        pool = create_pool(database.app, max_size=4)
        await pool.open()
        clinic = await clinic_for(pool, await add_clinic(pool, "clinica", {}))
        async with clinic_session(pool, clinic.id) as s:
            return pool, clinic, await wires_store.console(s)

    with asyncio.Runner() as loop:
        pool, clinic, account = loop.run(opened())
        Lane.ground = Ground(loop, pool, clinic, account)
        try:
            run_state_machine_as_test(
                Lane,
                settings=settings(
                    max_examples=25, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck)
                ),
            )
        finally:
            loop.run(pool.close())
