"""One wire's trouble is its own."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from jobs.wires import Round, Wire
from kit.errors import Unavailable

WIRES: list[Wire] = [(UUID(int=0), UUID(int=n)) for n in range(1, 7)]


async def test_wires_that_stand_still_or_break_take_a_place_and_delay_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    done: list[int] = []

    async def work(wire: Wire) -> None:
        match wire[1].int:
            case 1:
                await asyncio.Event().wait()  # for ever
            case 2:
                raise ValueError("a defect")
            case 3:
                raise Unavailable("away")
        done.append(wire[1].int)

    assert await Round("watch", at_once=2, each=0.2, run=60.0).go(WIRES, work) == 6
    assert done == [4, 5, 6]
    told = capsys.readouterr().out  # as text or as pairs: whoever configured the log before us decides
    assert "too_slow" in told and "wire_broke" in told and "unavailable" in told


async def test_what_one_run_did_not_begin_the_next_one_does() -> None:
    begun: list[int] = []

    async def work(wire: Wire) -> None:
        begun.append(wire[1].int)

    rounds = Round("audit", at_once=1, each=1.0, run=-1.0)  # no time: one wire each run
    for _ in range(7):
        await rounds.go(WIRES, work)
    assert begun == [1, 2, 3, 4, 5, 6, 1]
    await rounds.go(WIRES[2:], work)  # the one it ended with is gone: from the first
    assert begun[-1] == 3


async def test_at_most_so_many_at_once() -> None:
    under_way, most = 0, 0

    async def work(wire: Wire) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    await Round("watch", at_once=3, each=5.0, run=60.0).go(WIRES, work)
    assert most == 3
