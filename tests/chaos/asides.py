"""What is measured beside a storm: models that fail or hang, and a store that cannot take anything."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import psycopg

from tests.chaos.patients import Patient
from tests.chaos.plan import Faults, Plan
from tests.chaos.storm import Storm, Stuck

FLAGGED = "socorro, meu pai tá com muita dor no peito e suando frio"
ASKED = "oi, vocês abrem no sábado de manhã?"
_PATIENCE = 240.0  # seconds for what takes a few, on a machine that may be busy
_AT_ONCE = 40  # webhooks, twice what the pool holds
_SMALL = 300  # megabytes of disk


def calm(seed: int) -> Plan:
    """Nobody dies, nothing is refused."""
    return Plan(
        name="asides",
        seed=seed,
        messages=0,
        conversations=20,
        accounts=2,
        workers=2,
        faults=Faults(unavailable=0, silent=0, limited=0),
    )


async def without_models(storm: Storm) -> dict[str, Any]:
    """Half of the patients tell of an emergency, half ask something, while no model answers."""
    figures: dict[str, Any] = {"flags": 0, "flagged": 0, "holding": 0, "asked": 0, "slowest": 0.0}
    for number, how in enumerate(("failing", "hanging")):
        storm.board.minds = how
        some = storm.patients[number * 10 : number * 10 + 10]
        for patient in some:
            flagged = patient.number % 2 == 0
            storm.providers.write(patient.wire, patient.phone, FLAGGED if flagged else ASKED, f"{how}.{patient.number}")
            figures["flagged" if flagged else "asked"] += 1
        await _until(lambda some=some: all(_answer(storm, one) for one in some))
        for patient in some:
            text, at = _answer(storm, patient) or ("", 0.0)
            if patient.number % 2 == 0:
                figures["flags"] += "192" in text
                figures["slowest"] = max(figures["slowest"], at - storm.providers.posted[f"{how}.{patient.number}"].at)
            else:
                figures["holding"] += "caso nº" in text
    storm.board.minds = "well"
    figures["cases"] = int(await asyncio.to_thread(storm.eye.one, "SELECT count(*) FROM cases"))
    figures["slowest"] = round(figures["slowest"], 1)
    return figures


def _answer(storm: Storm, patient: Patient) -> tuple[str, float] | None:
    wanted = "192" if patient.number % 2 == 0 else "caso nº"
    to = patient.phone[-8:]
    return next(((one.text, one.at) for one in storm.providers.accepted if one.to == to and wanted in one.text), None)


async def _until(done: Any) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise Stuck("what should take seconds did not come")
        await asyncio.sleep(0.1)


async def cannot_store(storm: Storm, small: Path | None) -> dict[str, str]:
    """Postgres away; every connection busy; no disk left (on a small disk only): what webhooks are answered, told in words."""
    told = {"away": await _tried(storm, "away", _away(storm)), "pool": await _tried(storm, "pool", _locked(storm))}
    told["disk"] = await _tried(storm, "disk", _filled(small)) if small else "not measured: a small disk needs root"
    return told


async def _tried(storm: Storm, name: str, trouble: Any) -> str:
    """How a heap of webhooks is answered in trouble and after it. A 200 is a row, then and there; any other comes again."""
    async with httpx.AsyncClient(timeout=30.0, limits=httpx.Limits(max_connections=_AT_ONCE)) as http:
        with trouble:
            codes = await asyncio.gather(*(_post(storm, http, name, number) for number in range(_AT_ONCE)))
        await asyncio.to_thread(storm.server.start)
        kept = await asyncio.to_thread(_kept, storm, name)
        taken = {number for number, code in enumerate(codes) if code == 200}
        told = " + ".join(f"{codes.count(code)} × {code}" for code in sorted(set(codes)))
        if taken - kept or len(taken) == _AT_ONCE:
            raise AssertionError(f"{name}: {told}; answered 200 and not stored: {sorted(taken - kept)}")
        pending, deadline = set(range(_AT_ONCE)) - taken, time.monotonic() + _PATIENCE
        while pending:
            if time.monotonic() > deadline:
                raise Stuck(f"{name}: {len(pending)} webhooks were never taken")
            for number in sorted(pending):
                if await _post(storm, http, name, number) == 200:
                    pending.discard(number)
            await asyncio.sleep(0.2)
    rows = await asyncio.to_thread(_kept, storm, name)
    if len(rows) != _AT_ONCE:
        raise AssertionError(f"{name}: {len(rows)} rows of {_AT_ONCE}")
    return f"{told} (each 200 with its row), then {len(rows)} rows of {_AT_ONCE}"


def _kept(storm: Storm, name: str) -> set[int]:
    rows = storm.eye.rows(f"SELECT provider_id FROM messages WHERE direction = 'in' AND provider_id LIKE '{name}.%'")
    return {int(row["provider_id"].partition(".")[2]) for row in rows}


async def _post(storm: Storm, http: httpx.AsyncClient, name: str, number: int) -> int:
    wire = storm.providers.wires[number % 2]
    body = wire.emulator.inbound(
        "oi", number=f"55319{number:07d}", message_id=f"{name}.{number}", at=int(time.time()), name="Bia Reis"
    )
    raw, headers = wire.emulator.signed(body)
    try:
        return (await http.post(storm.providers.target + wire.path, content=raw, headers=headers)).status_code
    except httpx.HTTPError:
        return 0


@contextmanager
def _away(storm: Storm) -> Iterator[None]:
    storm.server.stop()
    yield
    storm.server.start()


@contextmanager
def _locked(storm: Storm) -> Iterator[None]:
    """Nobody can write a message, so each webhook keeps its connection until none is left."""
    with psycopg.connect(storm.urls.superuser) as connection:
        connection.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


@contextmanager
def _filled(small: Path) -> Iterator[None]:
    """Every byte of the small disk taken."""
    heap = small / "heap"
    with suppress(OSError), heap.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(64 * 1024))
    with suppress(OSError), heap.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(512))
    try:
        yield
    finally:
        heap.unlink()


@contextmanager
def small_disk() -> Iterator[Path | None]:
    """A disk of a few hundred megabytes, in memory; None where we may not mount one."""
    place = Path(mkdtemp(prefix="carol-chaos-disk-"))
    place.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SMALL}m,mode=0755", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, check=False) if os.geteuid() == 0 else None
    mounted = done is not None and done.returncode == 0
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)
        place.rmdir()
