"""The overhead of a turn: everything but the model, beside the bare graph and the stock checkpointer.

CPU is of this process, all threads; batches of every contender are interleaved in random order, so that whatever else the
machine does falls on all of them. The ratio is of medians of batches.
"""

from __future__ import annotations

import asyncio
import gc
import random
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace

import psycopg
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from bench.instant import Instant
from bench.report import Goal, Table
from bench.stage import Server, Stage, stage
from bench.turn_contenders import Contender, Floor, Ours, Stock, conversations_of
from bench.where import watched
from jobs.senders import Senders

HISTORIES = (2, 20, 100)
LANES = (1, 16)
_PER_BATCH: Mapping[int, int] = {1: 12, 16: 48}
_PAUSE = 0.05  # seconds of the slow model, asked twice a turn


@dataclass(slots=True)
class Sample:
    """Of one contender in one setting, per turn: CPU and wall of each batch in ms."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        return statistics.median(self.cpu)

    @property
    def wall_ms(self) -> float:
        return statistics.median(self.wall)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one turn asks of Postgres. `statements` without BEGIN and COMMIT; `waits`: times the process waited for it."""

    statements: float
    commits: float
    waits: float
    wal_kb: float


async def batch(contender: Contender, lanes: int, turns: int) -> tuple[float, float]:
    """(CPU, wall) of a turn in ms, over `turns` turns in `lanes` conversations at a time."""

    async def lane(first: int) -> None:
        for place in range(first, turns, lanes):
            await contender.one(place)

    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(lane(n) for n in range(lanes)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    await contender.reset()
    return cpu / turns * 1e3, wall / turns * 1e3


async def interleaved(contenders: Sequence[Contender], lanes: int, rounds: int) -> dict[str, Sample]:
    """Every contender's batches, in an order drawn anew each round; the first round warms up and is dropped."""
    samples = {contender.name: Sample() for contender in contenders}
    for n in range(rounds + 1):
        for contender in random.sample(list(contenders), len(contenders)):
            cpu, wall = await batch(contender, lanes, _PER_BATCH[lanes])
            if n:
                samples[contender.name].cpu.append(cpu)
                samples[contender.name].wall.append(wall)
    return samples


@asynccontextmanager
async def stock_saver(server: Server) -> AsyncIterator[AsyncPostgresSaver]:
    """The library's saver over a pool, in a database of its own."""
    urls = server.other("stock")
    pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
        urls.owner, min_size=1, max_size=20, open=False, kwargs={"autocommit": True, "row_factory": dict_row}
    )
    async with pool:
        saver = AsyncPostgresSaver(pool)
        await saver.setup()
        yield saver


@asynccontextmanager
async def counted(server: Server, turns: int) -> AsyncIterator[list[Cost]]:
    """Counts what happens inside it, per turn; the list has its one Cost afterwards."""
    waits = 0
    kept = AsyncConnection.wait

    async def wait(self, gen, interval=0.0):  # type: ignore[no-untyped-def]
        nonlocal waits
        waits += 1
        return await kept(self, gen, interval)

    found: list[Cost] = []
    with psycopg.connect(server.urls.superuser, autocommit=True) as admin:
        admin.execute("SELECT pg_stat_statements_reset()")
        AsyncConnection.wait = wait  # type: ignore[assignment,method-assign]
        try:
            yield found
        finally:
            AsyncConnection.wait = kept  # type: ignore[method-assign]
        row = admin.execute(
            """SELECT coalesce(sum(calls) FILTER (WHERE NOT ends), 0), coalesce(sum(calls) FILTER (WHERE query = 'COMMIT'), 0),
                      coalesce(sum(wal_bytes), 0)
               FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid,
                    LATERAL (SELECT query = ANY('{BEGIN,COMMIT,ROLLBACK}') AS ends) e
               WHERE r.rolname <> 'postgres' AND toplevel"""
        ).fetchone()
    assert row is not None
    found.append(Cost(float(row[0]) / turns, float(row[1]) / turns, waits / turns, float(row[2]) / turns / 1024))


async def cost_of(server: Server, contender: Contender, turns: int) -> Cost:
    async with counted(server, turns) as found:
        for place in range(turns):
            await contender.one(place)
    await contender.reset()
    return found[0]


@dataclass(frozen=True, slots=True)
class Figures:
    """(history, lanes) → contender → sample; history → contender → cost; the slow model's wall by contender."""

    samples: dict[tuple[int, int], dict[str, Sample]]
    costs: dict[int, dict[str, Cost]]
    slow: dict[str, Sample]
    looks: Counter[tuple[str, str]]
    growth: dict[str, Sample]


async def measure(server: Server, *, rounds: int, histories: Sequence[int] = HISTORIES) -> Figures:
    size = max(_PER_BATCH.values())
    figures = Figures({}, {}, {}, Counter(), {})
    async with stage(server.urls) as played, stock_saver(server) as saver, Senders() as senders:
        model = Instant()
        lengths: list[Contender] = []
        for before in histories:
            ours = await conversations_of(played, model, size, before)
            lengths.append(replace(ours, name=f"Carol, history {before}"))
            stock = Stock(before, model, saver, size)
            await stock.reset()
            received = replace(ours, name="Carol, inbox only", thinks=False)
            delivered = replace(ours, name="Carol, delivered", senders=senders)
            plain: list[Contender] = [Floor(before, model), stock, ours]
            more: list[Contender] = [received, delivered]
            if before == 20:
                searching = replace(ours, name="Carol, list_services instead", model=Instant(tool="list_services"))
                more.append(searching)
            figures.samples[before, 1] = await interleaved([*plain, *more], 1, rounds)
            figures.samples[before, 16] = await interleaved(plain, 16, max(2, rounds // 2))
            counted_ones: list[Contender] = [stock, received, ours, delivered]
            figures.costs[before] = {one.name: await cost_of(server, one, 12) for one in counted_ones}
            if before == 20:
                figures.slow.update(await _slow(played, saver, ours))
                with watched() as looks:
                    for _ in range(rounds * 4):
                        for place in range(12):
                            await ours.one(place)
                await ours.reset()
                figures.looks.update(looks)
        figures.growth.update(await interleaved(lengths, 1, rounds * 2))
    return figures


async def _slow(played: Stage, saver: AsyncPostgresSaver, ours: Ours) -> dict[str, Sample]:
    """The same with a model that takes 50 ms each of the two times: how much later the reply is."""
    model = Instant(pause=_PAUSE)
    stock = Stock(20, model, saver, 12)
    stock.round = 1000
    await stock.reset()
    slow = Ours(20, model, played, ours.conversations[:12], mark=ours.mark)
    samples: dict[str, Sample] = {}
    contenders: list[Contender] = [Floor(20, model), stock, slow]
    for n in range(14):
        for contender in random.sample(contenders, len(contenders)):
            began = time.perf_counter()
            await contender.one(n % 12)
            if n > 1:
                samples.setdefault(contender.name, Sample()).wall.append((time.perf_counter() - began) * 1e3)
    await slow.reset()
    return samples


def table(figures: Figures) -> Table:
    """The costs of a turn as people read them."""
    rows: list[list[str]] = []
    for (before, lanes), samples in figures.samples.items():
        floor = samples["bare graph"].cpu_ms
        for name, sample in samples.items():
            cost = figures.costs[before].get(name) if lanes == 1 else None
            asked = [f"{cost.statements:.0f}", f"{cost.waits:.0f}", f"{cost.wal_kb:.1f}"] if cost else ["", "", ""]
            spent = [f"{sample.cpu_ms:.2f}", f"{sample.cpu_ms / floor:.2f}", f"{sample.wall_ms:.1f}"]
            rows.append([name, str(before), str(lanes), *spent, *asked])
    slow = {name: sample.wall_ms for name, sample in figures.slow.items()}
    rows.extend([f"{name}, model of 2 × 50 ms", "20", "1", "", "", f"{wall:.1f}", "", "", ""] for name, wall in slow.items())
    return Table(
        "Overhead of a turn",
        ("way", "history", "at once", "CPU ms", "× floor", "wall ms", "statements", "waits", "WAL kB"),
        rows,
        goals=_goals(figures, slow),
        figures={
            "samples": [
                {"history": before, "lanes": lanes, "way": name, "cpu_ms": sample.cpu, "wall_ms": sample.wall}
                for (before, lanes), samples in figures.samples.items()
                for name, sample in samples.items()
            ],
            "costs": {
                str(before): {name: asdict(cost) for name, cost in costs.items()} for before, costs in figures.costs.items()
            },
            "slow_model_wall_ms": slow,
            "growth_cpu_ms": {name: sample.cpu for name, sample in figures.growth.items()},
        },
    )


def where(figures: Figures) -> Table:
    """Where the CPU of a turn goes, by part of the path and by kind of work."""
    total = sum(figures.looks.values())
    turn = figures.samples[20, 1]["Carol"].cpu_ms
    floor = figures.samples[20, 1]["bare graph"].cpu_ms
    areas, phases = Counter[str](), Counter[str]()
    for (phase, area), looks in figures.looks.items():
        areas[area] += looks
        phases[phase] += looks
    rows = [
        [label, kind, f"{looks / total:.0%}", f"{looks / total * turn:.2f}", f"{looks / total * turn / floor:.2f}"]
        for kind, counted in (("work", areas), ("part", phases))
        for label, looks in counted.most_common()
    ]
    return Table(
        "Where a turn of Carol's goes (history 20, one at a time)",
        ("", "by", "share", "CPU ms", "× floor"),
        rows,
        says=f"From {total} looks at the running stack. The same turns twice: by kind of work, by part of the path. "
        "Nodes run in tasks of their own and count as the graph; what only the loop does is the event loop's.",
        figures={"looks": {f"{phase}: {area}": looks for (phase, area), looks in figures.looks.items()}},
    )


def _goals(figures: Figures, slow: Mapping[str, float]) -> list[Goal]:
    def ratio(before: int, lanes: int = 1, name: str = "Carol") -> float:
        samples = figures.samples[before, lanes]
        return samples[name].cpu_ms / samples["bare graph"].cpu_ms

    least, most = min(HISTORIES), max(HISTORIES)
    growth = figures.growth[f"Carol, history {most}"].cpu_ms / figures.growth[f"Carol, history {least}"].cpu_ms
    cost = figures.costs[20]["Carol"]
    added = {name: wall - slow["bare graph"] for name, wall in slow.items()}
    stock = "graph + AsyncPostgresSaver"
    return [
        Goal("G1", "CPU of a turn ≤ 1.5 × the bare graph, history 20",
             f"{ratio(20):.2f} (at 16 at once {ratio(20, 16):.2f}; stock saver {ratio(20, 1, stock):.2f})", ratio(20) <= 1.5),
        Goal("G2", f"CPU at {most} messages ≤ 1.2 × CPU at {least}, interleaved", f"{growth:.2f}", growth <= 1.2),
        Goal("G3", "≤ 4 statements, ≤ 2 commits, ≤ 4 kB of WAL a turn",
             f"{cost.statements:.0f}, {cost.commits:.0f}, {cost.wal_kb:.1f} kB",
             cost.statements <= 4 and cost.commits <= 2 and cost.wal_kb <= 4),
        Goal("G6", "added latency ≤ 1/3 of the stock saver's, model of 2 × 50 ms",
             f"{added['Carol']:.1f} ms beside {added[stock]:.1f} ms", added["Carol"] <= added[stock] / 3),
    ]  # fmt: skip
