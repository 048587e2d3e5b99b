"""Finding free times in a full agenda of 20 professionals: ours beside queries in a loop, loops in Python, and brute force."""

from __future__ import annotations

import random
import statistics
import time as timing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import psycopg

from bench.report import Goal, Table
from bench.stage import Server, Stage, play, stage
from clinic.scheduling import agenda, availability, service, store
from clinic.scheduling.service import Wish
from clinic.tenants.models import Clinic, OpenHours, Professional, Service, WorkHours
from db.session import Session, clinic_session
from kit.clock import utc_now
from kit.ids import new_id

PROFESSIONALS, FILLED = 20, 0.6
_STEP = timedelta(minutes=15)
_SPANS = ((time(8), time(12)), (time(13), time(18)))
OURS, ALL, BULK, NAIVE = (
    "Carol: find",
    "Carol: every free start",
    "one query, loops in Python",
    "a query per professional and day",
)
Start = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Board:
    """A full agenda and who asks of it."""

    session: Session
    clinic: Clinic
    wish: Wish
    now: datetime

    def over(self, days: int) -> Board:
        """The same, looking `days` ahead."""
        return replace(self, clinic=replace(self.clinic, rules=replace(self.clinic.rules, horizon_days=days)))

    @property
    def days(self) -> list[date]:
        today = self.now.astimezone(self.clinic.zone).date()
        return [today + timedelta(days=n) for n in range(self.clinic.rules.horizon_days + 1)]

    @property
    def earliest(self) -> datetime:
        return self.now + timedelta(minutes=self.clinic.rules.min_notice_minutes)

    @property
    def minutes(self) -> timedelta:
        return timedelta(minutes=self.wish.service.duration_minutes)


async def found(board: Board) -> object:
    return await service.find(board.session, board.clinic, board.wish, conversation_id=new_id(), now=board.now)


async def every(board: Board) -> set[Start]:
    """All our engine allows, as `find` sees it before it chooses."""
    clinic, wish = board.clinic, board.wish
    wide = timedelta(days=2)
    start, end = (datetime.combine(day, time(0), clinic.zone) for day in (board.days[0], board.days[-1]))
    ids = agenda.resources(clinic, wish.service, wish.professionals)
    busy = await store.busy(board.session, ids, start=start - wide, end=end + wide, now=board.now)
    slots = availability.free_slots(
        board.days,
        agenda=agenda.agenda(clinic, wish.professionals, unit_id=None, busy=busy),
        service=agenda.shape(wish.service),
        rules=agenda.rules(clinic),
        now=board.now,
        zone=clinic.zone,
    )
    return {(slot.starts_at, slot.professional_id) for slot in slots}


_TAKEN = """SELECT resource_id, lower(during) AS a, upper(during) AS b FROM claims
            WHERE clinic_id = %(clinic)s AND resource_id = ANY(%(ids)s) AND during && tstzrange(%(a)s, %(b)s)"""


async def naive(board: Board) -> set[Start]:
    """What is written first: each professional's day asked for by itself."""
    free: set[Start] = set()
    for professional in board.wish.professionals:
        for day in board.days:
            a = datetime.combine(day, time(0), board.clinic.zone)
            rows = await board.session.all(
                _TAKEN, {"clinic": board.clinic.id, "ids": [professional.id], "a": a, "b": a + timedelta(days=1)}
            )
            free |= _grid(board, professional, day, [(row["a"], row["b"]) for row in rows])
    return free


async def bulk(board: Board) -> set[Start]:
    """One query for all, then each start held against each visit of its day."""
    a, b = (datetime.combine(day, time(0), board.clinic.zone) for day in (board.days[0], board.days[-1] + timedelta(days=1)))
    ids = [professional.id for professional in board.wish.professionals]
    rows = await board.session.all(_TAKEN, {"clinic": board.clinic.id, "ids": ids, "a": a, "b": b})
    taken: dict[tuple[UUID, date], list[tuple[datetime, datetime]]] = {}
    for row in rows:
        day = row["a"].astimezone(board.clinic.zone).date()
        taken.setdefault((row["resource_id"], day), []).append((row["a"], row["b"]))
    return {
        start
        for professional in board.wish.professionals
        for day in board.days
        for start in _grid(board, professional, day, taken.get((professional.id, day), []))
    }


def _grid(board: Board, professional: Professional, day: date, taken: list[tuple[datetime, datetime]]) -> set[Start]:
    free: set[Start] = set()
    for hours in professional.hours:
        if hours.weekday != day.weekday():
            continue
        at = datetime.combine(day, hours.opens, board.clinic.zone)
        closes = datetime.combine(day, hours.closes, board.clinic.zone)
        while at + board.minutes <= closes:
            if at >= board.earliest and not any(a < at + board.minutes and at < b for a, b in taken):
                free.add((at, professional.id))
            at += _STEP
    return free


async def fill(stage: Stage) -> tuple[Clinic, Wish]:
    """Twenty professionals who share the demo clinic's first unit, and 45 days of their visits."""
    unit = replace(stage.clinic.units[0], hours=tuple(OpenHours(day, time(7), time(20)) for day in range(7)))
    hours = tuple(WorkHours(unit.id, day, opens, closes) for day in range(5) for opens, closes in _SPANS)
    team = tuple(Professional(new_id(), f"Profissional {n}", hours=hours) for n in range(PROFESSIONALS))
    visit = Service(new_id(), "Consulta", 30, professional_ids=tuple(one.id for one in team))
    clinic = replace(
        stage.clinic, units=(unit,), rooms=(), equipment=(), professionals=team, services=(visit,), holidays=(),
        rules=replace(stage.clinic.rules, step_minutes=15, min_interval_minutes=0, never=()),
    )  # fmt: skip
    today = utc_now().astimezone(clinic.zone).date()
    draw = random.Random(20)
    rows = [
        {"clinic": clinic.id, "id": new_id(), "who": one.id, "a": a, "b": b}
        for one in team
        for n in range(45)
        for a, b in _visits(today + timedelta(days=n), clinic, draw)
    ]
    async with clinic_session(stage.pool, clinic.id) as s:
        block = {"clinic": clinic.id, "id": new_id(), "a": utc_now(), "b": utc_now() + timedelta(days=1)}
        await s.execute(
            "INSERT INTO blocks (clinic_id, id, starts_at, ends_at) VALUES (%(clinic)s, %(id)s, %(a)s, %(b)s)", block
        )
        await s.many(
            """INSERT INTO claims (clinic_id, id, resource, resource_id, during, block_id)
               VALUES (%(clinic)s, %(id)s, 'professional', %(who)s, tstzrange(%(a)s, %(b)s), %(block)s)""",
            [{**row, "block": block["id"]} for row in rows],
        )
    return clinic, Wish(service=visit, professionals=team)


def _visits(day: date, clinic: Clinic, draw: random.Random) -> list[tuple[datetime, datetime]]:
    """Visits of 30 or 45 minutes one after another, some left out."""
    taken: list[tuple[datetime, datetime]] = []
    for opens, closes in _SPANS if day.weekday() < 5 else ():
        at, end = (datetime.combine(day, one, clinic.zone) for one in (opens, closes))
        while at < end:
            long = min(timedelta(minutes=draw.choice((30, 45))), end - at)
            if draw.random() < FILLED:
                taken.append((at, at + long))
            at += long
    return taken


@dataclass(frozen=True, slots=True)
class Searches:
    """Milliseconds by (way, days ahead); how many starts each found, the same for all."""

    took: Mapping[tuple[str, int], list[float]]
    starts: Mapping[int, int]


async def measure(server: Server, *, rounds: int) -> Searches:
    took: dict[tuple[str, int], list[float]] = {}
    starts: dict[int, int] = {}
    ways: dict[str, Callable[[Board], Awaitable[object]]] = {OURS: found, ALL: every, BULK: bulk, NAIVE: naive}
    async with stage(server.urls) as played:
        clinic, wish = await fill(played)
        with psycopg.connect(server.urls.superuser, autocommit=True) as admin:
            admin.execute("VACUUM ANALYZE claims")
        async with clinic_session(played.pool, clinic.id) as s:
            boards = {days: Board(s, clinic, wish, utc_now()).over(days) for days in (7, 30)}
            for days, board in boards.items():
                free = await every(board)
                if not free == await naive(board) == await bulk(board):
                    raise AssertionError(f"{days} days: the ways disagree")
                starts[days] = len(free)
            settings = [(name, days) for name in ways for days in boards]
            for n in range(rounds + 1):
                for name, days in random.sample(settings, len(settings)):
                    if name == NAIVE and n > 3:
                        continue
                    began = timing.perf_counter()
                    await ways[name](boards[days])
                    if n:
                        took.setdefault((name, days), []).append((timing.perf_counter() - began) * 1e3)
    return Searches(took, starts)


def table(searches: Searches) -> Table:
    p50 = {key: statistics.median(took) for key, took in searches.took.items()}
    rows = [
        [name, str(days), f"{p50[name, days]:.1f}", f"{p50[name, days] / p50[OURS, days]:.1f}", str(searches.starts[days])]
        for days in (7, 30)
        for name in (OURS, ALL, BULK, NAIVE)
    ]
    queries, loops = p50[NAIVE, 7] / p50[OURS, 7], p50[BULK, 7] / p50[OURS, 7]
    growth = p50[OURS, 30] / p50[OURS, 7]
    return Table(
        "Free times of 20 professionals, agenda filled",
        ("way", "days", "p50 ms", "× Carol", "starts found"),
        rows,
        says="Every way found the same starts; the run stops when they disagree.",
        goals=[
            Goal("G9", "7 days: ≥ 100 × faster than a query per day, ≥ 4 × than loops", f"{queries:.0f}, {loops:.1f}",
                 queries >= 100 and loops >= 4),
            Goal("G9", "30 days ≤ 4 × 7 days", f"{growth:.1f}", growth <= 4),
        ],
        figures={"ms": {f"{name}, {days} d": took for (name, days), took in searches.took.items()}, "starts": searches.starts},
    )  # fmt: skip


def run(server: Server, long: bool) -> Table:
    return table(play(measure(server, rounds=60 if long else 15)))
