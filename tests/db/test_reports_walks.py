"""T20: walks at random over a report's life, by every hand and several at once. However they go, what leaves is what was
approved, to somebody it was approved for, who agrees at that instant, once; and every step is one the machine knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from clinic.conversations import joining
from clinic.reports import recipients, sending, service
from clinic.reports.models import (
    BadText,
    Draft,
    Lost,
    NoReport,
    NotApproved,
    NotNow,
    OtherVersion,
    Report,
    SourceReport,
    State,
    digest_of,
)
from clinic.reports.states import By, may
from clinic.reports.views import Outcome, Work
from db.embedded import Urls
from db.session import clinic_session
from kit.clock import utc_now
from kit.errors import Conflict
from kit.ids import new_id
from tests.db.report_room import Family, Room, open_room

WALKS, ROUNDS, ABREAST = 5, 220, 3
REFUSALS = (NotNow, OtherVersion, Lost, NotApproved, BadText, NoReport, recipients.NoRecipient, joining.NoContact, Conflict)
SHORT, LONG = timedelta(seconds=-1), timedelta(seconds=60)
_LATE = timedelta(hours=3)


@pytest.fixture
async def room(database: Urls) -> AsyncIterator[Room]:
    async with open_room(database) as room:
        yield room


@dataclass(slots=True)
class Walk:
    """What was done, as the verbs told it: each approval with its words and people, each message that left."""

    room: Room
    random: Random
    families: list[Family]
    sources: list[SourceReport] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    approvals: set[tuple[UUID, str, UUID]] = field(default_factory=set)
    left: list[tuple[UUID, UUID]] = field(default_factory=list)

    def noted(self, report: Report | None) -> None:
        if report is not None and report.state in (State.APPROVED, State.FALLBACK):
            self.approvals |= {(report.id, report.approved_digest or "", contact) for contact in report.approved_contacts}

    async def any(self, *states: State) -> Report | None:
        """A report in one of these states, or in any."""
        async with clinic_session(self.room.pool, self.room.clinic.id) as s:
            found = (await service.listed(s, states=states, limit=20)).reports
        return self.random.choice(found) if found else None

    # ------------------------------------------------------------ hands

    async def comes(self) -> None:
        source = self.room.source(self.random.choice(self.families))
        self.sources.append(source)
        await self.room.take(source)

    async def corrected(self) -> None:
        if self.sources:
            source = replace(self.random.choice(self.sources), body=f"Corrigido {self.random.random()}")
            await self.room.take(source)

    async def claimed(self) -> None:
        report = await self.any(State.PENDING, State.PROCESSING)
        work = await self.room.claim(report.id, lease=self.random.choice([SHORT, LONG])) if report else None
        if work is not None:
            self.works.append(work)

    async def finished(self) -> None:
        if self.works:  # also one that was finished, lost or taken over long ago
            work = self.random.choice(self.works[-2:] if self.random.random() < 0.8 else self.works)
            draft = Draft(id=new_id(), round=1, author="writer", text=f"Texto {self.random.random()}")
            async with clinic_session(self.room.pool, self.room.clinic.id) as s:
                done = await service.finish(s, self.room.clinic, work, Outcome(self.random.random() < 0.6, [draft]))
            self.noted(done)

    async def given_back(self) -> None:
        if self.works:
            async with clinic_session(self.room.pool, self.room.clinic.id) as s:
                await service.give_back(s, self.random.choice(self.works), after=SHORT, error_code="unavailable")

    async def reviewed(self) -> None:
        if report := await self.any(State.FAILED):
            async with clinic_session(self.room.pool, self.room.clinic.id) as s:
                await service.to_review(s, self.room.clinic, report.id, now=utc_now())

    async def timed_out(self) -> None:
        if report := await self.any(State.REVIEW):
            async with clinic_session(self.room.pool, self.room.clinic.id) as s:
                now = utc_now() + self.random.choice([timedelta(0), _LATE])
                self.noted(await service.time_out(s, self.room.clinic, report.id, now=now))

    async def edited(self) -> None:
        if report := await self.any():
            text = self.random.choice([f"Editado {self.random.random()}", "", f"{self.random.choice(self.families).name}."])
            async with clinic_session(self.room.pool, self.room.clinic.id) as s:
                await service.edit(
                    s, self.room.clinic, report.id, text=text, by="J", version=report.version - self.random.randrange(2)
                )

    async def approved(self) -> None:
        if report := await self.any(State.REVIEW, State.REVIEW, State.FAILED, State.APPROVED, State.SENT):
            view = await self.room.view(report.id)
            digest = view.draft.digest if view.draft and self.random.random() < 0.8 else digest_of("outra coisa")
            async with clinic_session(self.room.pool, self.room.clinic.id) as s:
                done = await service.approve(
                    s, self.room.clinic, report.id, by="J", digest=digest, version=report.version - (self.random.random() < 0.2)
                )
            assert view.draft is not None and done.approved_digest == view.draft.digest == digest
            self.noted(done)

    async def rejected(self) -> None:
        if report := await self.any(State.REVIEW, State.APPROVED):
            async with clinic_session(self.room.pool, self.room.clinic.id) as s:
                self.noted(await service.reject(s, self.room.clinic, report.id, by="J", why="não", version=report.version))

    async def regenerated(self) -> None:
        if report := await self.any(State.REVIEW, State.FAILED, State.SENT):
            async with clinic_session(self.room.pool, self.room.clinic.id) as s:
                await service.regenerate(s, self.room.clinic, report.id, by="J", why="de novo", version=report.version)

    async def retried(self) -> None:
        if report := await self.any(State.SEND_FAILED):
            async with clinic_session(self.room.pool, self.room.clinic.id) as s:
                self.noted(await service.retry_send(s, self.room.clinic, report.id, by="J", version=report.version))

    async def queued(self) -> None:
        if report := await self.any(*self.random.choice([(State.APPROVED, State.FALLBACK), ()])):
            await self.room.queue(report.id)

    async def delivered(self) -> None:
        """The mouth takes one that waits, asks whether it may leave, and the wire does with it what wires do."""
        async with clinic_session(self.room.pool, self.room.clinic.id) as s:
            row = await s.one(
                """SELECT o.id, o.unanswered, t.report_id, t.contact_id, o.reply_to FROM outbox o
                   JOIN report_sends t ON t.message_id = o.message_id
                   WHERE o.status IN ('queued', 'unknown') ORDER BY o.status, o.seq LIMIT 1 FOR UPDATE OF o SKIP LOCKED"""
            )
            if row is None:
                return
            if await sending.unwelcome(s, row["id"]) is not None:
                await s.execute(
                    """UPDATE outbox SET status = 'cancelled', error_code = 'consent_revoked' WHERE id = %(id)s""",
                    {"id": row["id"]},
                )
                return
            who = await s.one(
                """SELECT (SELECT contact_id FROM contact_aliases WHERE ltrim(value, '+') = ltrim(%(to)s, '+')) AS owner,
                     (SELECT revoked_at IS NULL AND consented_at IS NOT NULL FROM report_recipients p JOIN reports r
                        ON r.person_id = p.person_id WHERE r.id = %(report)s AND p.contact_id = %(contact)s) AS agrees""",
                {"to": row["reply_to"], "report": row["report_id"], "contact": row["contact_id"]},
            )
            assert who is not None and who["agrees"] and who["owner"] == row["contact_id"]
            ends = [("sent", 0), ("sent", 0), ("failed", 0), ("unknown", 1)]
            status, unanswered = self.random.choice(ends if row["unanswered"] < 2 else ends[:2])
            await s.execute(
                """UPDATE outbox SET status = %(status)s, unanswered = unanswered + %(more)s, error_code = %(error)s
                   WHERE id = %(id)s""",
                {"id": row["id"], "status": status, "more": unanswered, "error": None if status == "sent" else "131026"},
            )
        if status == "sent":
            self.left.append((row["report_id"], row["contact_id"]))

    async def settled(self) -> None:
        if report := await self.any(State.APPROVED, State.FALLBACK, State.SENT, State.SEND_FAILED):
            await self.room.settle(report.id)

    async def taken_back(self) -> None:
        family = self.random.choice(self.families)
        await self.room.revoke(self.random.choice(family.contacts), self.random.choice([None, family.person_id]))

    async def agreed_again(self) -> None:
        family = self.random.choice(self.families)
        async with clinic_session(self.room.pool, self.room.clinic.id) as s:
            await recipients.put(
                s, family.person_id, phone=self.random.choice(family.phones), name="Parente", kind="child", agreed=True, by="J",
                now=utc_now(),
            )  # fmt: skip

    async def moved(self) -> None:
        await self.room.moves_to(self.random.choice(self.random.choice(self.families).phones))

    async def merged(self) -> None:
        one, other = self.random.sample([c for family in self.families for c in family.contacts], 2)
        async with clinic_session(self.room.pool, self.room.clinic.id) as s:
            await joining.merge(s, one, other, by="J", confirmed=True, now=utc_now())

    def hands(self) -> list[Callable[[], Awaitable[None]]]:
        often = [self.claimed, self.finished, self.queued, self.delivered, self.settled, self.approved]
        seldom = [
            self.corrected, self.given_back, self.reviewed, self.timed_out, self.edited, self.rejected, self.regenerated,
            self.retried, self.taken_back, self.agreed_again,
        ]  # fmt: skip
        return [*often * 6, *seldom * 2, *[self.comes, self.reviewed, self.agreed_again] * 3, self.moved]

    async def go(self) -> None:
        """Several hands at once, each refused or not; anything else than a refusal of ours ends the walk."""
        done = await asyncio.gather(*(hand() for hand in self.random.choices(self.hands(), k=ABREAST)), return_exceptions=True)
        for one in done:
            if isinstance(one, BaseException) and not isinstance(one, REFUSALS):
                raise one


async def proved(walk: Walk) -> dict[str, int]:
    """What has to be so after any walk; how many reports are in which state."""
    rows = await walk.room.rows(
        """SELECT t.report_id, t.contact_id, t.digest, m.text FROM report_sends t JOIN messages m ON m.id = t.message_id"""
    )
    for row in rows:
        assert digest_of(row["text"]) == row["digest"]
        assert (row["report_id"], row["digest"], row["contact_id"]) in walk.approvals
    assert len(walk.left) == len(set(walk.left)), "twice to one of the family"
    texts = await walk.room.rows(
        """SELECT m.payload ->> 'report' AS report, v.contact_id, count(*) AS n FROM outbox o
           JOIN messages m ON m.id = o.message_id JOIN conversations v ON v.id = m.conversation_id
           WHERE starts_with(o.dedupe_key, 'report:') AND NOT (o.status IN ('failed', 'cancelled') AND o.unanswered = 0)
           GROUP BY 1, 2 HAVING count(*) > 1"""
    )
    assert texts == [], "two messages that may both have arrived"
    async with clinic_session(walk.room.pool, walk.room.clinic.id) as s:
        found = (await service.listed(s, limit=1000)).reports
    counted: dict[str, int] = {}
    for report in found:
        counted[report.state.value] = counted.get(report.state.value, 0) + 1
        view = await walk.room.view(report.id)
        was = None
        for step in view.steps:
            assert step.was is was
            if step.was is not None and step.was is not step.became:
                assert may(step.was, step.became, By(step.hand)), step
            was = step.became
        assert was is report.state
        if report.state is State.SENT:
            assert any(one.arrived or one.status == "sent" for one in view.sends)
    return counted


@pytest.mark.parametrize("seed", range(WALKS))
async def test_no_walk_sends_what_was_not_approved(room: Room, seed: int) -> None:
    families = [await room.family(readers=1 + n % 2) for n in range(4)]
    walk = Walk(room, Random(seed), families)
    for _ in range(8):
        await walk.comes()
    for _ in range(ROUNDS):
        await walk.go()
    counted = await proved(walk)
    assert walk.left, counted  # a walk that sends nothing proves nothing


async def test_no_walk_on_which_contacts_are_merged_does_either(room: Room) -> None:
    walk = Walk(room, Random(99), [await room.family(readers=2) for _ in range(4)])
    for _ in range(8):
        await walk.comes()
    for n in range(ROUNDS):
        await walk.go()
        if n % 20 == 19:
            try:
                await walk.merged()
            except REFUSALS:
                continue
    [wrong] = await room.rows(
        """SELECT count(*) FILTER (WHERE v.contact_id <> t.contact_id) AS elsewhere,
             count(*) FILTER (WHERE encode(sha256(convert_to(m.text, 'UTF8')), 'hex') <> t.digest) AS words
           FROM report_sends t JOIN messages m ON m.id = t.message_id JOIN conversations v ON v.id = m.conversation_id"""
    )
    assert (wrong["elsewhere"], wrong["words"]) == (0, 0)
    assert walk.left
