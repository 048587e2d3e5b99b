"""Who notices that the clock stands still: each process that serves looks, says so, and does what cannot wait by itself.

The API's processes already think, send, tell the team and hear by themselves. What only the clock does and a patient would
feel within minutes is done here: promises that slip, and lanes whose due time was lost. Whoever looks after reports to
families is told that none of their runs begins. The rest waits for the clock.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from db import beats
from db.pool import Pool
from jobs.keeping import slipping
from jobs.lanes import lost_lanes
from jobs.reports_clock import alerts
from kit.clock import utc_now
from kit.errors import CarolError
from kit.log import get_logger
from kit.tasks import end

log = get_logger(__name__)

LATE = 180.0  # seconds without a beat; it beats every fifteen
_EVERY = 30.0
_SAID_AGAIN = 600.0
_ALERTS = 300.0  # as often as the clock itself looks for them


class StandIn:
    """Looks until stopped. Any number may run, in any number of processes: what they do is done once.

    `late`: seconds without a beat until it stands in; `patience`: how long it looks on before anybody is told.
    """

    def __init__(self, pool: Pool, *, every: float = _EVERY, late: float = LATE, patience: float = LATE) -> None:
        self._pool, self._every, self._late, self._patience = pool, every, late, patience
        self._said: float | None = None
        self._alerts_at: float | None = None  # monotonic
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to look, after a while: a clock that was just started has that long to go."""
        self._task = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Looks no more."""
        await end([self._task] if self._task else [])
        self._task = None

    async def look(self) -> bool:
        """Does what cannot wait, when the clock stands still. Whether it does."""
        silent = await beats.silent_for(self._pool)
        if silent < self._late:
            if self._said is not None:
                log.info("clockwork_back")
            self._said = self._alerts_at = None
            return False
        if self._said is None or monotonic() - self._said > _SAID_AGAIN:
            log.error("clockwork_late", seconds=round(silent) if silent != float("inf") else None)
            self._said = monotonic()
        told = await slipping(self._pool, now=utc_now())
        rung = await lost_lanes(self._pool)
        if told or rung:
            log.warning("stood_in", promises=told, lanes=rung)
        await self._alerts()
        return True

    async def _alerts(self) -> None:
        """Tells of it. Not at once: where all of Carol was off until now, the clock is about to go."""
        if self._alerts_at is None:
            self._alerts_at = monotonic() + self._patience
        if monotonic() >= self._alerts_at:
            self._alerts_at = monotonic() + _ALERTS
            await alerts(self._pool, now=utc_now())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.look()
            except CarolError as error:
                log.warning("standing_in_waits", error=error.code)
            except Exception as error:  # a defect of one look must not end the looking
                log.error("standing_in_broke", error=type(error).__name__, exc_info=True)
