"""A Celery app with one task that does nothing, configured as ours is."""

from __future__ import annotations

import os

import redis
from celery import Celery

DONE = "bench:done"

app = Celery("bench", broker=os.environ.get("BENCH_REDIS", "redis://127.0.0.1:1/0"))
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=1, task_ignore_result=True, task_serializer="json")
_bell: list[redis.Redis] = []


@app.task(name="bench.nothing")  # type: ignore[untyped-decorator]
def nothing() -> None:
    if not _bell:
        _bell.append(redis.Redis.from_url(os.environ["BENCH_REDIS"]))
    _bell[0].rpush(DONE, 1)
