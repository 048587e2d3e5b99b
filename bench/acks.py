"""How soon a webhook is acknowledged, after its message is stored: beside the least endpoint that stores anything at all."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import statistics
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

import psycopg
from psycopg.types.json import Jsonb

from bench.http import Client, Served, closed_loop, open_loop, request_bytes, served
from bench.instant import ASKED
from bench.report import Goal, Table
from bench.served import INSERT, SECRET, TABLE
from bench.stage import Server, play, stage

_NUMBER_ID = "100000000000001"  # of the demo document
_CONTACTS = 500
_serial = count(1)
OURS, MINIMAL = "Carol's webhook", "minimal endpoint"


@dataclass(slots=True)
class Acks:
    """Milliseconds by (way, setting); CPU ms a request by (way, setting); of a lone commit; rows lost or doubled."""

    took: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    cpu: dict[tuple[str, str], float] = field(default_factory=dict)
    commit: list[float] = field(default_factory=list)
    astray: int = 0


def signed() -> bytes:
    """A text message of one of many contacts, as the Cloud API sends it, new each time."""
    serial = next(_serial)
    phone = f"55319{serial % _CONTACTS:08d}"
    message = {
        "from": phone,
        "id": f"wamid.bench{serial}",
        "timestamp": str(int(time.time())),
        "text": {"body": ASKED},
        "type": "text",
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "553130000210", "phone_number_id": _NUMBER_ID},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": phone}],
        "messages": [message],
    }
    body = json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"value": value, "field": "messages"}]}]}
    ).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={digest}"}
    return request_bytes("/webhooks/cloud", body, headers)


async def measure(server: Server, *, rounds: int, seconds: float) -> Acks:
    acks = Acks()
    plain = server.other("acks")
    with psycopg.connect(plain.owner, autocommit=True) as owner:
        owner.execute(TABLE)
        _commits(owner, acks)
    async with stage(server.urls):
        pass  # the clinic whose webhook it is
    environ = {
        "CAROL_DATABASE_URL": server.urls.owner,
        "CAROL_DATABASE_APP_URL": server.urls.app,
        "CAROL_HOME": str(server.home),
        "CAROL_QUIET_WINDOW_SECONDS": "30",
        "WHATSAPP_APP_SECRET": SECRET,
    }
    log = server.home / "served.log"
    with ExitStack() as stack:
        both = [
            stack.enter_context(served(OURS, "bench.served:ours", environ, log=log)),
            stack.enter_context(served(MINIMAL, "bench.served:minimal", {"BENCH_DATABASE": plain.owner}, log=log)),
        ]
        await _closed(both, acks, rounds)
        await _open(both, acks, seconds)
    with psycopg.connect(server.urls.superuser) as admin:
        row = admin.execute(
            "SELECT count(*), count(DISTINCT provider_id) FROM messages WHERE provider_id LIKE 'wamid.bench%'"
        ).fetchone()
    assert row is not None
    sent = sum(len(took) for (name, _), took in acks.took.items() if name == OURS)
    acks.astray = abs(sent - row[0]) + abs(row[0] - row[1])
    return acks


def _commits(connection: psycopg.Connection, acks: Acks) -> None:
    """One row, one commit: what durability alone takes here."""
    for n in range(220):
        began = time.perf_counter()
        connection.execute(INSERT, (f"alone{n}", Jsonb({"text": ASKED})))
        if n >= 20:
            acks.commit.append((time.perf_counter() - began) * 1e3)


async def _closed(both: list[Served], acks: Acks, rounds: int) -> None:
    clients = {one.name: Client(one.port) for one in both}
    for n in range(rounds + 1):
        for at_once in (1, 16):
            for one in random.sample(both, len(both)):
                requests = [signed() for _ in range(50 * (1 if at_once == 1 else 4))]
                cpu = one.cpu()
                took = await closed_loop(clients[one.name], requests, at_once)
                key = (one.name, f"{at_once} at once" if n else "warming")
                acks.took.setdefault(key, []).extend(took)
                acks.cpu[key] = acks.cpu.get(key, 0.0) + (one.cpu() - cpu) * 1e3
    for client in clients.values():
        client.close()


async def _open(both: list[Served], acks: Acks, seconds: float) -> None:
    for one in both:
        client = Client(one.port)
        cpu = one.cpu()
        acks.took[one.name, "300 a second"] = await open_loop(client, signed, rate=300, seconds=seconds)
        acks.cpu[one.name, "300 a second"] = (one.cpu() - cpu) * 1e3
        client.close()


def table(acks: Acks) -> Table:
    rows, p50 = [], dict[tuple[str, str], float]()
    settings = ("1 at once", "16 at once", "300 a second")
    for setting in settings:
        for name in (MINIMAL, OURS):
            took = acks.took[name, setting]
            p50[name, setting] = statistics.median(took)
            cpu = acks.cpu[name, setting] / len(took)
            ratio = p50[name, setting] / p50[MINIMAL, setting]
            rows.append(
                [name, setting, f"{p50[name, setting]:.2f}", f"{_p99(took):.1f}", f"{ratio:.2f}", f"{cpu:.2f}", str(len(took))]
            )
    commit = statistics.median(acks.commit)
    rows.append(
        ["a row committed, no HTTP", "1 at once", f"{commit:.2f}", f"{_p99(acks.commit):.1f}", "", "", str(len(acks.commit))]
    )
    return Table(
        "Webhook acknowledged",
        ("way", "load", "p50 ms", "p99 ms", "× minimal", "CPU ms", "requests"),
        rows,
        says="Carol's webhook also finds the clinic, the contact and the conversation, reads red flags and wakes the lane.",
        goals=_goals(acks, p50, commit),
        figures={
            "p50_ms": {f"{name}, {setting}": value for (name, setting), value in p50.items()},
            "p99_ms": {f"{name}, {setting}": _p99(took) for (name, setting), took in acks.took.items()},
            "commit_ms": commit,
            "astray": acks.astray,
        },
    )


def _goals(acks: Acks, p50: Mapping[tuple[str, str], float], commit: float) -> list[Goal]:
    ratio = p50[OURS, "1 at once"] / p50[MINIMAL, "1 at once"]
    commits = p50[OURS, "1 at once"] / commit
    late, least = _p99(acks.took[OURS, "300 a second"]), _p99(acks.took[MINIMAL, "300 a second"])
    return [
        Goal("G7", "acknowledged in ≤ 1.3 × the minimal endpoint, ≤ 5 × one commit", f"{ratio:.2f}, {commits:.1f}",
             ratio <= 1.3 and commits <= 5),
        Goal("G7", "300 a second: p99 ≤ 10 ms", f"{late:.1f} ms (minimal {least:.1f})", late <= 10),
        Goal("G7", "no row lost or doubled", str(acks.astray), acks.astray == 0),
    ]  # fmt: skip


def _p99(took: list[float]) -> float:
    return statistics.quantiles(took, n=100)[-1]


def run(server: Server, long: bool) -> Table:
    return table(play(measure(server, rounds=8 if long else 4, seconds=30 if long else 10)))
