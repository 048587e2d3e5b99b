"""What a process weighs once it has answered: Carol's API with its desk, without it, and the bare graph behind FastAPI."""

from __future__ import annotations

from contextlib import ExitStack

from bench.http import served
from bench.report import Goal, Table
from bench.stage import Server

BARE, WITH_DESK, ALONE = "bare graph behind FastAPI", "Carol: API, desk, delivery", "Carol: webhooks alone"


def run(server: Server, long: bool) -> Table:
    log = server.home / "memory.log"
    ours = {
        "CAROL_DATABASE_URL": server.urls.owner,
        "CAROL_DATABASE_APP_URL": server.urls.app,
        "CAROL_HOME": str(server.home),
    }
    apps = {
        BARE: ("bench.served:bare", {"BENCH_DATABASE": server.urls.app}),
        ALONE: ("bench.served:ours", ours),
        WITH_DESK: ("api.app:create_app", ours),
    }
    weights: dict[str, float] = {}
    with ExitStack() as stack:
        for name, (app, environ) in apps.items():
            one = stack.enter_context(served(name, app, environ, path="/health", log=log))
            weights[name] = one.resident_mb()
    rows = [[name, f"{mb:.0f}", f"{mb / weights[BARE]:.2f}"] for name, mb in weights.items()]
    ratio = weights[WITH_DESK] / weights[BARE]
    return Table(
        "Memory of a process",
        ("process", "resident MB", "× bare"),
        rows,
        says="With the offline model and its embeddings in the process. A conversation that waits keeps nothing in memory.",
        goals=[Goal("G12", "≤ 1.7 × the bare graph behind FastAPI", f"{ratio:.2f}", ratio <= 1.7)],
        figures={"resident_mb": weights},
    )
