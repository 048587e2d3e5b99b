"""What processes say of themselves: JSON or console lines, with ids and without personal data.

Masked, wherever they come from (our code, uvicorn, Celery, tracebacks): values under personal names, runs of digits
that may be a phone or a document, and the rows that database and validation errors quote.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "[…]"
_PERSONAL = frozenset(
    {"text", "body", "content", "caption", "transcript", "name", "pushname", "email", "phone", "jid", "sender"}
    | {"recipient", "wa_id", "cpf", "document", "address", "birth_date"}
    | {"apikey", "token", "password", "secret", "authorization", "cookie", "dsn"}
)
# Names that end like a personal one and are not.
_IMPERSONAL = frozenset({"tool_name", "task_name", "event_name", "file_name", "logger_name"})
# Kept: UUIDs, 32-digit hexadecimal ids, dates. Masked: eight digits or more, with what people put between them.
_DIGITS = re.compile(
    r"(?P<kept>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b|\b\d{4}-\d\d-\d\d(?:[T ][\d:.]+)?)"
    r"|\+?\(?\d(?:[ .()/-]{0,2}\d){7,}",
    re.IGNORECASE,
)
_PASSWORD_IN_URL = re.compile(r"(?<=://)([^:/@\s]*):[^@\s]*(?=@)")
# Postgres quotes the offending row after DETAIL, pydantic the offending value after input_value.
_QUOTED = re.compile(r"(?<=DETAIL:)[^\n]*|(?<=input_value=).*?(?=, input_type=)|(?<=CONTEXT:)[^\n]*", re.DOTALL)


class LogSettings(Protocol):
    """What the settings say about logs."""

    @property
    def log_level(self) -> str: ...
    @property
    def log_format(self) -> str: ...


def configure(settings: LogSettings, *, stream: TextIO | None = None) -> None:
    """Route structlog and the standard library through one formatter, to `stream` (standard error). Repeatable."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if settings.log_format == "console":
        colours = bool(stream or sys.stderr) and (stream or sys.stderr).isatty()
        renderer = structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _drop_colours,
                structlog.processors.format_exc_info,
                mask_personal,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    _quieten()


def _quieten() -> None:
    """Libraries speak through our handler only, and those that quote addresses or payloads only when it matters."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi", "celery", "celery.task", "sqlalchemy", "alembic"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    logging.getLogger("uvicorn.access").handlers = []
    logging.getLogger("uvicorn.access").propagate = False
    for name in ("httpx", "httpcore", "openai", "sqlalchemy.engine", "celery.app.trace", "alembic", "kombu"):
        logging.getLogger(name).setLevel(logging.WARNING)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for `name`; values go as keywords: `log.info("turn closed", conversation_id=...)`."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def bound(**ids: object) -> AbstractContextManager[None]:
    """Within it, every line of this task carries these ids (request_id, clinic_id, conversation_id, turn_id…)."""
    return structlog.contextvars.bound_contextvars(**ids)


def bound_ids() -> dict[str, Any]:
    """The ids that lines carry now, to hand over to another process."""
    return dict(structlog.contextvars.get_contextvars())


def _drop_colours(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # uvicorn says everything twice, the second time for a terminal
    return event


def mask_personal(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A structlog processor: the event without personal data."""
    return {key: _masked(key, value) for key, value in event.items()}


def mask_text(text: str) -> str:
    """The text with what may be a phone, a document, a password or a quoted row replaced by a mask."""
    text = _PASSWORD_IN_URL.sub(rf"\1:{MASK}", _QUOTED.sub(f" {MASK}", text))
    return _DIGITS.sub(lambda found: found["kept"] or MASK, text)


def _masked(key: object, value: object) -> object:
    if key == "timestamp" or value is None or isinstance(value, bool):
        return value
    if isinstance(key, str) and _is_personal(key.lower()):
        return MASK
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {inner: _masked(inner, kept) for inner, kept in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(None, kept) for kept in value]
    return value if isinstance(value, int | float) else mask_text(str(value))


def _is_personal(key: str) -> bool:
    if key in _IMPERSONAL:
        return False
    return key in _PERSONAL or key.rpartition("_")[2] in _PERSONAL or key.endswith("_key")
