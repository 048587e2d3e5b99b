"""Retrieval, as bench.retrieval measures it, taken into the run: in a process and on a server of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import numpy as np

from bench import retrieval
from bench.report import Goal, Table
from bench.stage import ROOT, Server
from db.pool import create_pool
from db.session import clinic_session
from knowledge.store import DenseLeg, create_engine

_K = 10


async def recall(server: Server, *, size: int, questions: int) -> float:
    """Of the ten nearest by brute force over the stored vectors of one clinic among three, how many the dense leg finds."""
    pool, engine = create_pool(server.urls.app, max_size=2), create_engine(server.urls.app)
    await pool.open()
    try:
        rng = np.random.default_rng(size)
        clinic = [await retrieval.populate(pool, rng, size, f"recall-{n}") for n in range(3)][1]
        async with clinic_session(pool, clinic) as s:
            rows = await s.all("SELECT id, embedding::text AS vector FROM passages")
        stored = np.array([np.fromstring(row["vector"].strip("[]"), sep=",") for row in rows])
        stored /= np.linalg.norm(stored, axis=1, keepdims=True)
        hits = 0
        for vector in retrieval.unit(rng, questions):
            nearest = {rows[n]["id"] for n in np.argsort(-(stored @ vector))[:_K]}
            found = await DenseLeg(engine).nearest(clinic, [float(x) for x in vector], model_id="bench", limit=_K)
            hits += len(nearest & set(found))
        return hits / (questions * _K)
    finally:
        await engine.dispose()
        await pool.close()


def run(server: Server, long: bool) -> Table:
    """Its table, line by line. Raises CalledProcessError with its words when it fails."""
    sizes, rounds = ("100,1000,5000", "60") if long else ("100,1000", "30")
    command = [sys.executable, "-m", "bench.retrieval", "--sizes", sizes, "--rounds", rounds]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    share = asyncio.run(recall(server, size=1000, questions=100 if long else 30))
    head, *lines = (line for line in done.stdout.splitlines() if line.strip())
    rows = [_cells(line) for line in lines if line.strip()[0].isdigit()]
    return Table(
        "Retrieval inside a clinic",
        ("way", "passages", "p50 ms", "p95 ms", "× one statement"),
        rows,
        says=f"{head[0].upper()}{head[1:]}. The other half of G10, an index with iterative scan, is not measured.",
        goals=[Goal("G10", "recall@10 = 1.0 inside the clinic, beside brute force", f"{share:.3f}", share == 1.0)],
        figures={"recall_at_10": share, "lines": done.stdout.splitlines()},
    )


def _cells(line: str) -> list[str]:
    """ "100  dense, one statement of ours  0.90 1.80  1.00" with the name first."""
    size, *name, p50, p95, ratio = line.split()
    return [" ".join(name), size, p50, p95, ratio]
