"""Something is done for each wire apart: one that is slow, or breaks, takes a place for a while and delays no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from uuid import UUID

from kit.errors import CarolError
from kit.log import get_logger

log = get_logger(__name__)

Wire = tuple[UUID, UUID]  # clinic, account


class Round:
    """Goes round the wires, some at once; where one run ended, the next one of this process begins."""

    def __init__(self, name: str, *, at_once: int, each: float, run: float) -> None:
        """`each`: seconds for one wire; `run`: seconds after which no further wire is begun."""
        self._name, self._at_once, self._each, self._run = name, at_once, each, run
        self._last: UUID | None = None

    async def go(self, wires: Sequence[Wire], work: Callable[[Wire], Awaitable[object]]) -> int:
        """How many wires it was done for, or tried. Never raises for one of them."""
        queue, ends, begun = iter(self._turned(wires)), monotonic() + self._run, 0

        async def place() -> None:
            nonlocal begun
            for wire in queue:
                begun, self._last = begun + 1, wire[1]
                await self._one(wire, work)
                if monotonic() > ends:
                    return

        await asyncio.gather(*(place() for _ in range(self._at_once)))
        if begun < len(wires):
            log.warning("wires_left_over", round=self._name, wires=len(wires) - begun)
        return begun

    def _turned(self, wires: Sequence[Wire]) -> Sequence[Wire]:
        after = next((place for place, wire in enumerate(wires, 1) if wire[1] == self._last), 0)
        return (*wires[after:], *wires[:after])

    async def _one(self, wire: Wire, work: Callable[[Wire], Awaitable[object]]) -> None:
        try:
            async with asyncio.timeout(self._each):
                await work(wire)
        except (CarolError, TimeoutError) as error:
            code = error.code if isinstance(error, CarolError) else "too_slow"
            log.warning("wire_interrupted", round=self._name, account_id=str(wire[1]), error=code)
        except Exception as error:  # one wire's defect must not hide the others
            log.error("wire_broke", round=self._name, account_id=str(wire[1]), error=type(error).__name__, exc_info=True)
