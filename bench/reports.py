"""A thousand reports with a model that costs nothing, by how many worker processes, beside the bare graph.

The floor is LangGraph with the same two nodes and the same instant writer and reviewer, nothing checked and nothing kept.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypedDict
from uuid import UUID

from langgraph.graph import END, START, StateGraph

from agent.reports.order import Order
from bench.report import Goal, Table
from bench.report_worker import InstantReviewer, InstantWriter, told
from bench.stage import ROOT, Server, Stage, play, stage
from clinic.reports import queue_store, recipients, sending, service, subjects_store
from clinic.reports.models import Shift, SourceReport, Vital
from clinic.reports.patterns import detect
from clinic.reports.source_text import source_text
from db.session import clinic_session
from graphs.report import Desk, written
from kit.clock import utc_now

WORKERS = (1, 2, 4)
_PEOPLE = ("Lourdes Prates", "Ivo Sena", "Zenaide Matos", "Otávio Lins", "Dirce Paz", "Nair Brito", "Olavo Reis", "Ilda Cruz")
_BODY = (
    "Plantão tranquilo. Aceitou bem o almoço e dormiu à tarde. Nega dor. Recebeu visita da neta. "
    "Diurese presente, evacuou uma vez. Deambulou no corredor com auxílio."
)
_WARM = 20


class _Words(TypedDict, total=False):
    order: Order
    text: str
    approved: bool


@dataclass(slots=True)
class Figures:
    """CPU in ms a report, of all processes together; wall in ms a report; by way. A list has one figure a round."""

    cpu: dict[str, list[float]] = field(default_factory=dict)
    wall: dict[str, list[float]] = field(default_factory=dict)

    def note(self, way: str, reports: int, cpu: float, wall: float) -> None:
        self.cpu.setdefault(way, []).append(cpu / reports * 1e3)
        self.wall.setdefault(way, []).append(wall / reports * 1e3)

    def cpu_ms(self, way: str) -> float:
        return statistics.median(self.cpu[way])

    def wall_ms(self, way: str) -> float:
        return statistics.median(self.wall[way])


def bare() -> Any:
    """Write, review, compiled once: no rule, no round, nothing kept."""
    writer, reviewer = InstantWriter(), InstantReviewer()

    async def write(state: _Words) -> _Words:
        return {"text": (await writer.write(state["order"], (), "", (), seconds=1)).text}

    async def review(state: _Words) -> _Words:
        found = await reviewer.review(state["order"], state["text"], (), seconds=1)
        return {"approved": not found.problems}

    graph: Any = StateGraph(_Words)
    graph.add_node("write", write)
    graph.add_node("review", review)
    graph.add_edge(START, "write")
    graph.add_edge("write", "review")
    graph.add_edge("review", END)
    return graph.compile()


def sources(count: int, round_: int) -> list[SourceReport]:
    """Reports of several people, closed one after the other; each with its own measures."""
    began = utc_now() - timedelta(hours=8)
    return [
        SourceReport(
            external_id=f"B{round_}-{n}",
            subject_id=f"S{n % len(_PEOPLE)}",
            subject_name=_PEOPLE[n % len(_PEOPLE)],
            caregiver="Marta",
            began_at=began,
            closed_at=began + timedelta(hours=5, seconds=n),
            body=_BODY,
            vitals=(Vital("PA", "122x80", "mmHg"),),
        )
        for n in range(count)
    ]


def orders(played: Stage, reports: Sequence[SourceReport]) -> list[Order]:
    """What the graphs are handed, made beforehand."""
    made = []
    for one in reports:
        text = source_text(one, played.clinic.zone)
        made.append(
            Order(
                text,
                one.subject_name,
                one.caregiver,
                Shift.MORNING,
                one.began_at.date(),
                played.clinic.name,
                patterns=detect(text),
            )
        )
    for order in made:
        told(order)
    return made


async def families(played: Stage) -> None:
    """Everybody has somebody who reads."""
    async with clinic_session(played.pool, played.clinic.id) as s:
        await s.execute("INSERT INTO report_desks (clinic_id) VALUES (current_clinic()) ON CONFLICT DO NOTHING")
        for n, name in enumerate(_PEOPLE):
            person = (await subjects_store.meet(s, f"S{n}", name)).person_id
            await recipients.put(
                s, person, phone=f"+55319000{n:05d}", name="Filha", kind="parent", agreed=True, by="bench", now=utc_now()
            )


async def take(played: Stage, reports: Sequence[SourceReport]) -> list[UUID]:
    """As sync stores them, 200 in a transaction; those that wait, oldest first."""
    for place in range(0, len(reports), 200):
        async with clinic_session(played.pool, played.clinic.id) as s:
            await service.take(s, played.clinic, reports[place : place + 200], run_id=None)
    async with clinic_session(played.pool, played.clinic.id) as s:
        return list(await queue_store.to_write(s, limit=100_000))


async def send(played: Stage) -> int:
    """As the stage does it, a transaction each; how many went into the outbox."""
    async with clinic_session(played.pool, played.clinic.id) as s:
        ready = await queue_store.to_send(s, limit=100_000)
    queued = 0
    for report_id in ready:
        async with clinic_session(played.pool, played.clinic.id) as s:
            queued += await sending.queue(s, played.clinic, report_id, now=utc_now())
    return queued


@contextmanager
def worker(server: Server, clinic_id: UUID) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.report_worker", server.urls.app, str(clinic_id), str(server.home / "reports.log")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield process
    finally:
        process.terminate()
        process.wait()


def deal(workers: Sequence[subprocess.Popen[str]], reports: Sequence[UUID]) -> tuple[float, float, int]:
    """(CPU of all, wall, how many were written): each has every nth."""
    began = time.perf_counter()
    for n, one in enumerate(workers):
        assert one.stdin is not None
        one.stdin.write(json.dumps([str(report) for report in reports[n :: len(workers)]]) + "\n")
        one.stdin.flush()
    said = [json.loads(one.stdout.readline()) for one in workers if one.stdout is not None]
    return sum(one["cpu"] for one in said), time.perf_counter() - began, sum(one["done"] for one in said)


async def _graphs(played: Stage, figures: Figures, count: int) -> None:
    made = orders(played, sources(count, -1))
    floor, writer, reviewer = bare(), InstantWriter(), InstantReviewer()

    async def of_floor(order: Order) -> bool:
        return bool((await floor.ainvoke({"order": order}))["approved"])

    async def ours(order: Order) -> bool:
        return (await written(Desk(order, writer, reviewer))).approved

    for way, one in (("bare graph", of_floor), ("Carol's graph, nothing kept", ours)):
        await asyncio.gather(*(one(order) for order in made[:_WARM]))
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        good = 0
        for order in made:
            good += await one(order)
        figures.note(way, count, time.process_time() - cpu, time.perf_counter() - wall)
        assert good == count, f"{way}: {good} of {count}"


async def measure(server: Server, *, reports: int, rounds: int) -> Figures:
    figures = Figures()
    async with stage(server.urls) as played:
        await families(played)
        with ExitStack() as stack:
            workers = [stack.enter_context(worker(server, played.clinic.id)) for _ in range(max(WORKERS))]
            for n in range(rounds):
                await _graphs(played, figures, reports // 4)
                for count in WORKERS if n % 2 == 0 else reversed(WORKERS):
                    await _round(played, figures, workers[:count], reports, n * 10 + count)
    return replace(figures)


async def _round(played: Stage, figures: Figures, workers: Sequence[subprocess.Popen[str]], reports: int, mark: int) -> None:
    cpu, wall = time.process_time(), time.perf_counter()
    waiting = await take(played, sources(reports, mark))
    figures.note("taking them from the source", reports, time.process_time() - cpu, time.perf_counter() - wall)
    warm = waiting[: _WARM * len(workers)]
    await asyncio.to_thread(deal, workers, warm)
    rest = waiting[len(warm) :]
    spent, took, done = await asyncio.to_thread(deal, workers, rest)
    assert done == len(rest), f"{done} of {len(rest)} written"
    figures.note(name(len(workers)), len(rest), spent, took)
    cpu, wall = time.process_time(), time.perf_counter()
    queued = await send(played)
    assert queued == reports, f"{queued} of {reports} queued"
    figures.note("putting them into the outbox", reports, time.process_time() - cpu, time.perf_counter() - wall)


def name(workers: int) -> str:
    return f"Carol, {workers} worker{'s' if workers > 1 else ''}"


def table(figures: Figures, reports: int) -> Table:
    floor, graph = figures.cpu_ms("bare graph"), figures.cpu_ms("Carol's graph, nothing kept")
    ways = ["bare graph", "Carol's graph, nothing kept", *map(name, WORKERS)]
    rows = [
        [
            way,
            f"{cpu:.2f}",
            f"{cpu / floor:.1f}",
            f"{cpu / graph:.2f}",
            f"{figures.wall_ms(way):.1f}",
            f"{1e3 / figures.wall_ms(way):.0f}",
        ]
        for way in [*ways, "taking them from the source", "putting them into the outbox"]
        for cpu in [figures.cpu_ms(way)]
    ]
    one, four = figures.cpu_ms(name(1)), figures.cpu_ms(name(4))
    return Table(
        f"{reports:,} reports to families, instant model",
        ("way", "CPU ms", "× bare graph", "× Carol's graph", "wall ms", "a second"),
        rows,
        says="A report is claimed, read, written, held against its source by rule, reviewed and kept with its versions, steps "
        "and patterns. The bare graph calls the same writer and reviewer and checks nothing; Carol's graph is with the rules "
        "and without the tables. CPU is of all worker processes together; Postgres shares the machine with them.",
        goals=[
            Goal(
                "reports", "CPU of a report kept ≤ 2 × Carol's graph alone, one worker", f"{one / graph:.2f}", one / graph <= 2
            ),
            Goal("reports", "CPU of a report with 4 workers ≤ 1.2 × with 1", f"{four / one:.2f}", four / one <= 1.2),
        ],
        figures={"cpu_ms": figures.cpu, "wall_ms": figures.wall},
    )


def run(server: Server, long: bool) -> Table:
    reports = 1000
    return table(play(measure(server, reports=reports, rounds=3 if long else 1)), reports)
