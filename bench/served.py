"""What the HTTP benches serve, each by a uvicorn of its own: Carol's API, and the least that could do the same.

uvicorn --factory bench.served:ours | minimal | bare
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from langchain_core.messages import HumanMessage
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

SECRET = "bench-app-secret"
TABLE = "CREATE TABLE IF NOT EXISTS acks (id text PRIMARY KEY, body jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now())"
INSERT = "INSERT INTO acks (id, body) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def ours() -> FastAPI:
    """Carol's API as it is served, without the desk and the delivery, whose work is not the webhook's."""
    from api.app import create_app
    from kit import log
    from kit.settings import load_settings

    settings = load_settings()
    log.configure(settings)
    return create_app(settings, desk=False, delivery=False)


def minimal() -> FastAPI:
    """Signature, JSON, one row, committed: nothing else."""
    pool = AsyncConnectionPool(os.environ["BENCH_DATABASE"], min_size=1, max_size=20, open=False, kwargs={"autocommit": True})

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/webhooks/cloud")
    async def hear(request: Request) -> Response:
        raw = await request.body()
        digest = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.headers.get("x-hub-signature-256", ""), f"sha256={digest}"):
            return Response(status_code=401)
        body = json.loads(raw)
        message = body["entry"][0]["changes"][0]["value"]["messages"][0]
        async with pool.connection() as connection:
            await connection.execute(INSERT, (message["id"], Jsonb(body)))
        return Response("{}", media_type="application/json")

    return app


def bare() -> FastAPI:
    """The bare graph behind one endpoint, with a pool: the memory of a process that does no more."""
    from bench.instant import Instant
    from bench.plain_graph import plain_graph

    graph = plain_graph(Instant())
    pool = AsyncConnectionPool(
        os.environ["BENCH_DATABASE"], min_size=1, max_size=20, open=False, kwargs={"row_factory": dict_row}
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/health")
    async def health() -> dict[str, bool]:
        await graph.ainvoke({"messages": [HumanMessage("oi")]})
        return {"ok": True}

    return app
