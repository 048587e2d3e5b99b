"""`make chaos`: every storm in turn, then the page. Ends by itself, and with it everything it started."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from dataclasses import replace

from kit.clock import utc_now
from tests.chaos import asides, plan
from tests.chaos.plan import Plan
from tests.chaos.report import PAGE, Measured, Run, page
from tests.chaos.storm import open_storm

PARTS = ("crash", "blind", "store", "minds", "full")
_TEN_MINUTES = 600.0
_MOST = 3600.0  # seconds for everything, on however busy a machine


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


async def run(seed: int, parts: list[str], *, ten_minutes: bool, share: float) -> Run:
    """Everything asked for, one after the other."""
    began, result = time.monotonic(), Run(seed, utc_now())
    plans = {"crash": plan.whole(seed), "blind": plan.blind(seed), "store": plan.stores(seed)}
    if ten_minutes:
        plans["store"] = replace(plans["store"], outage=_TEN_MINUTES, stuck=_TEN_MINUTES + plans["store"].stuck)
    for name in parts:
        if name in plans:
            chosen = _part_of(plans[name], share)
            say(f"{name}: {chosen.messages} messages of {chosen.conversations} patients, seed {seed}")
            async with open_storm(chosen, say) as storm:
                found = await storm.blow()
                result.storms[name] = Measured.of(storm, found)
            say(f"{name}: {found.verdict or 'every zero is a zero'}; {found.counts}")
            if found.wrong:
                storm.kept = True
                say(found.told())
                say(f"its rows stay until the next run: {storm.home}")
    if "minds" in parts:
        async with open_storm(asides.calm(seed), say) as storm:
            result.minds = await asides.without_models(storm)
            say(f"models failing and hanging: {result.minds}")
    if "full" in parts:
        with asides.small_disk() as disk:
            async with open_storm(asides.calm(seed), say, place=disk) as storm:
                result.full = await asides.cannot_store(storm, disk)
        say(f"what cannot be stored: {result.full}")
    result.seconds = time.monotonic() - began
    return result


def _part_of(chosen: Plan, share: float) -> Plan:
    """A smaller storm of the same kind, for trying things."""
    if share == 1.0:
        return chosen
    return replace(
        chosen,
        messages=int(chosen.messages * share),
        conversations=max(chosen.accounts, int(chosen.conversations * share)),
        kills=int(chosen.kills * share),
        postgres_restarts=int(chosen.postgres_restarts * share),
        pauses=int(chosen.pauses * share),
        releases=int(chosen.releases * share),
        queue=int(chosen.queue * share),
        outage=chosen.outage * share,
    )


async def _bounded(given: argparse.Namespace) -> Run:
    async with asyncio.timeout(_MOST):
        return await run(given.seed, given.only.split(","), ten_minutes=given.ten_minutes, share=given.share)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--share", type=float, default=1.0, help="of the whole size; the page is written at 1 only")
    parser.add_argument("--ten-minutes", action="store_true", help="providers down for ten minutes")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    result = asyncio.run(_bounded(given))
    say(f"in {result.seconds / 60:.1f} minutes, seed {result.seed}: {result.wrong} things wrong")
    if result.whole and given.share == 1.0:
        PAGE.write_text(page(result), "utf-8")
        say(f"written: {PAGE}")
    else:
        say("not everything at its size: docs/reliability.md stays as it is")
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
