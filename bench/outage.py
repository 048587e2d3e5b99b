"""A provider that is down for ten minutes, on a modelled clock: the queue grows, drains in order, and nothing is sent twice.

    python -m bench.outage [--patients 40] [--minutes 10]

Database, delivery and the watch of the wire are the real ones; the provider is the emulator over HTTP. Time passes by moving
what rows say is due, and the delivery's own clock, back by five seconds at a time: ten minutes take well under one. The pace
between messages is off: how long a queue takes to drain is the wire's limit, and is not measured here.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from time import monotonic

from bench.stage import play, server
from db.embedded import Urls
from db.session import clinic_session
from jobs import links, sending
from jobs.delivery import deliver_due
from jobs.patience import Policy
from jobs.senders import Senders
from tests.flows.served import Served, serve
from tests.flows.wires import ask, set_policies

STEP = 5.0  # seconds
BEFORE = 60.0  # seconds of health before it goes down
_MOST = 600.0  # seconds after it is back in which all must have left
_PASSES = (
    """UPDATE outbox SET created_at = created_at - %(step)s, due_at = due_at - %(step)s, asked_at = asked_at - %(step)s,
         looked_at = looked_at - %(step)s""",
    "UPDATE channel_accounts SET state_since = state_since - %(step)s, audited_until = audited_until - %(step)s",
    """UPDATE conversations SET last_inbound_at = last_inbound_at - %(step)s, last_message_at = last_message_at - %(step)s""",
)


@dataclass(slots=True)
class Outage:
    """What was seen. Queue lengths by modelled second."""

    said: list[tuple[str, str]] = field(default_factory=list)  # (number, text), as it was queued
    arrived: list[tuple[str, str]] = field(default_factory=list)
    queue: dict[int, int] = field(default_factory=dict)
    asked_while_down: int = 0
    drained_after: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def twice(self) -> int:
        return sum(times - 1 for times in Counter(self.arrived).values())

    @property
    def lost(self) -> int:
        return len(set(self.said) - set(self.arrived))

    @property
    def out_of_order(self) -> int:
        """Messages that reached somebody before one that was said to them earlier."""
        count = 0
        for number in {number for number, _ in self.said}:
            order = {text: place for place, (to, text) in enumerate(self.said) if to == number}
            places = [order[text] for to, text in self.arrived if to == number]
            count += sum(later < earlier for earlier, later in pairwise(places))
        return count


class Clock:
    """Delivery's monotonic clock, moved forward by hand."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return monotonic() + self.ahead


async def measure(urls: Urls, *, patients: int, minutes: float) -> Outage:
    """Runs the whole story once."""
    clock, seen, policy = Clock(), Outage(), Policy(timeout=2.0, pace=0.0, marks=False)
    sending.monotonic = clock  # type: ignore[attr-defined]  # the model's only hold on the code
    async with serve(urls) as served, Senders() as senders:
        await set_policies(served, fail_over=False)
        [account] = await served.rows("SELECT id FROM channel_accounts WHERE kind = 'evolution'")
        down, up, now, turn = BEFORE, BEFORE + 60 * minutes, 0.0, 0
        while now < up + _MOST:
            if now == down:
                served.evolution.faults.drop(accepted=True, times=3, on="send")  # taken; their answers never came
                served.evolution.faults.unavailable(times=1_000_000, on="")
                calls = len(served.evolution.calls)
            if now == up:
                served.evolution.faults.clear()
                seen.asked_while_down = len(served.evolution.calls) - calls
            if now < up:
                await _speak(served, seen, turn, patients)
                turn += 1
            while await deliver_due(served.pool, senders, policy):
                pass
            if now % 60 == 0:
                await links.watch(served.pool, senders, served.clinic, account["id"])
            waiting = sum(status in ("queued", "sending", "unknown") for status in await served.statuses())
            seen.queue[int(now)] = waiting
            if now >= up and not waiting:
                break
            await _pass(served, clock)
            now += STEP
        seen.drained_after = now - up
        # A wire writes a number in its own form; each text was said once, to one person.
        to = {text: number for number, text in seen.said}
        seen.arrived = [(to[sent.text], sent.text) for sent in served.evolution.sent]
        seen.statuses = Counter(await served.statuses())
    return seen


async def _speak(served: Served, seen: Outage, turn: int, patients: int) -> None:
    """One patient writes and is answered in two bubbles; everybody comes round again and again."""
    number = f"55319777{turn % patients:05}"
    await ask(served, "evolution", "oi", number=number, message_id=f"OUT{turn}")
    texts = [f"resposta {turn}.{bubble}" for bubble in (1, 2)]
    await served.reply(*texts)
    seen.said += [(number, text) for text in texts]


async def _pass(served: Served, clock: Clock) -> None:
    async with clinic_session(served.pool, served.clinic) as s:
        for statement in _PASSES:
            await s.execute(statement, {"step": timedelta(seconds=STEP)})
    clock.ahead += STEP


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=10.0)
    given = parser.parse_args()
    with server() as place:
        seen = play(measure(place.fresh("outage").urls, patients=given.patients, minutes=given.minutes))
    up = int(BEFORE + 60 * given.minutes)
    print(f"said {len(seen.said)}, arrived {len(seen.arrived)}: {dict(seen.statuses)}")
    print(f"lost {seen.lost}, twice {seen.twice}, out of order {seen.out_of_order}")
    print(f"queue by minute: {[seen.queue.get(second) for second in range(0, up + 1, 60)]}, most {max(seen.queue.values())}")
    print(f"calls to the provider while it was down: {seen.asked_while_down}")
    print(f"empty {seen.drained_after:.0f} s after it was back")


if __name__ == "__main__":
    main()
