"""The Celery app: bells and sweeps. `celery -A jobs.app worker`, `celery -A jobs.app beat`.

What a lost task costs is latency: every task does what a row in Postgres says is due, and may run twice.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from celery.signals import setup_logging
from kombu.exceptions import OperationalError

from jobs.schedule import EVERY
from kit import log
from kit.errors import Invalid, Unavailable
from kit.settings import load_settings

QUEUE, REPORTS = "carol", "reports"  # a worker without -Q takes from both
HARD_LIMIT = 120  # seconds a task may run; its own timeout is shorter
_VISIBLE_AGAIN = 3 * HARD_LIMIT + 40  # a task of a dead worker comes back after this, so it must outlast any live one


# Seconds a bell is worth hearing. Reports queue behind each other, and are rung for again each minute.
_HEARD_WITHIN = {"reports.write": 130}


def _configuration() -> dict[str, Any]:
    settings = load_settings()
    if settings.redis_url is None:
        raise Invalid("REDIS_URL: not set; `carol up` starts a Valkey of its own and sets it")
    return {
        "broker_url": settings.redis_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 2,
        "broker_transport_options": {
            "visibility_timeout": _VISIBLE_AGAIN,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 1,
            "socket_keepalive": True,
            # By name: what everything waits for comes before reports, which take seconds each.
            "queue_order_strategy": "sorted",
        },
        "visibility_timeout": _VISIBLE_AGAIN,
        "result_backend": None,
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": HARD_LIMIT,
        "task_default_queue": QUEUE,
        "task_queues": {QUEUE: {}, REPORTS: {}},
        "task_routes": {"reports.write": {"queue": REPORTS}},
        "task_serializer": "json",
        "accept_content": ["json"],
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": 10_000,
        "worker_soft_shutdown_timeout": 3.0,
        "worker_enable_soft_shutdown_on_idle": True,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "beat_schedule": EVERY,
        "beat_max_loop_interval": 5,
    }


# Evaluated when first needed, so that importing this module asks nothing of the environment.
app = Celery("carol", include=["jobs.sweeps", "jobs.reports_tasks"])
app.add_defaults(_configuration)


def _log_like_the_rest(**_: Any) -> None:
    log.configure(load_settings())


setup_logging.connect(_log_like_the_rest)


def send(task: str, *ids: str) -> None:
    """Queues a task by name; ids only. Raises Unavailable when Redis does not take it."""
    try:
        app.send_task(task, args=ids, retry=False, expires=_HEARD_WITHIN.get(task, 60))
    except (OperationalError, OSError) as error:
        raise Unavailable(f"redis: {type(error).__name__}") from error
