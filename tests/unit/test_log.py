"""Logs carry ids and never a patient: whatever the key, the library or the traceback."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from kit.log import MASK, bound, configure, get_logger, mask_text


@dataclass(frozen=True)
class Said:
    log_level: str = "info"
    log_format: str = "json"


@pytest.fixture
def sink() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers, root.level
    stream = io.StringIO()
    configure(Said(), stream=stream)
    yield stream
    root.handlers, root.level = before
    structlog.reset_defaults()


def _last(sink: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sink.getvalue().splitlines()[-1])
    return found


@pytest.mark.parametrize(
    "key", ["text", "phone", "name", "email", "cpf", "api_key", "token", "password", "patient_name", "access_token"]
)
def test_personal_keys_are_masked_at_any_depth(sink: io.StringIO, key: str) -> None:
    get_logger("t").info("seen", **{key: "Maria da Silva"}, nested={"list": [{key: "Maria da Silva"}]})
    assert "Maria" not in sink.getvalue()
    assert _last(sink)[key] == MASK


@pytest.mark.parametrize(
    "written",
    [
        "5531998765432",
        "+55 31 99876-5432",
        "(31) 99876-5432",
        "123.456.789-09",
        "5531998765432@s.whatsapp.net",
        "98765432",
    ],
)
def test_long_digit_runs_are_masked_inside_text(written: str) -> None:
    shown = mask_text(f"sent to {written} twice")
    assert not any(run in shown for run in ("9876", "456", "5432"))
    assert shown.startswith("sent to ")
    assert shown.endswith(" twice")


@pytest.mark.parametrize(
    "kept",
    [
        "0192f3a4",
        "01998877-6655-7443-8221-100099887766",
        "0199887766557443822110009988aabb",
        "2026-11-21T04:20:01.123456",
        "2026-03-10 09:30",
        "R$ 1.250,00",
        "127.0.0.1:8000",
    ],
)
def test_ids_dates_and_prices_stay_readable(kept: str) -> None:
    assert mask_text(f"at {kept}") == f"at {kept}"


def test_ids_bound_to_the_task_are_on_every_line_and_gone_after(sink: io.StringIO) -> None:
    with bound(request_id="r1", conversation_id="c1"):
        logging.getLogger("anything").info("inside")
    inside = _last(sink)
    get_logger("t").info("outside")
    assert (inside["request_id"], inside["conversation_id"]) == ("r1", "c1")
    assert "request_id" not in _last(sink)


def test_a_traceback_does_not_quote_the_row(sink: io.StringIO) -> None:
    try:
        raise ValueError("duplicate key\nDETAIL:  Key (name)=(Maria da Silva) already exists.\nend")
    except ValueError:
        get_logger("t").exception("failed")
    assert "Maria" not in sink.getvalue()
    assert "ValueError: duplicate key" in _last(sink)["exception"]


def test_the_standard_library_speaks_the_same_way(sink: io.StringIO) -> None:
    logging.getLogger("celery").warning("lost %s", "5531998765432", extra={"phone": "x"})
    said = _last(sink)
    assert said["event"] == f"lost {MASK}"
    assert said["level"] == "warning"
    assert said["phone"] == MASK


def test_access_lines_and_request_urls_are_off(sink: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info("GET /webhooks/5531998765432")
    logging.getLogger("httpx").info("HTTP Request: POST https://x/5531998765432")
    assert sink.getvalue() == ""


def test_console_lines_are_masked_too() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers, root.level
    configure(Said(log_format="console"), stream=stream)
    get_logger("t").warning("call 31 99876-5432", name="Maria")
    root.handlers, root.level = before
    structlog.reset_defaults()
    assert "9876" not in stream.getvalue()
    assert "Maria" not in stream.getvalue()
