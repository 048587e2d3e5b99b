"""Tools that fail at a given call of a trial, as the world fails: somebody else was quicker, or nothing answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from clinic.scenarios.schema import Fault
from tools import toolset
from tools.context import Result, ToolContext, error


class _Failing:
    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = faults
        self._calls: Counter[str] = Counter()

    def of(self, tool: str) -> str | None:
        self._calls[tool] += 1
        return next((one.error for one in self._faults if one.tool == tool and one.on_call == self._calls[tool]), None)


_failing: ContextVar[_Failing | None] = ContextVar("failing", default=None)
_really = toolset.run


@contextmanager
def failing(faults: Sequence[Fault]) -> Iterator[None]:
    """Inside, and only in this task and those it starts, the tools named fail as told."""
    if not faults:
        yield
        return
    toolset.run = _run
    token = _failing.set(_Failing(faults))
    try:
        yield
    finally:
        _failing.reset(token)


async def _run(ctx: ToolContext, name: str, given: Mapping[str, Any], *, max_calls: int, max_writes: int) -> Result:
    told = _failing.get()
    code = told.of(name) if told is not None else None
    return error(code) if code else await _really(ctx, name, given, max_calls=max_calls, max_writes=max_writes)
