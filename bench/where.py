"""Where the CPU of a turn goes: the running stack is looked at every millisecond of CPU, and each look counted once.

A look belongs to the deepest frame with a name below, so that what the driver does for a store is the driver's.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_EVERY = 0.001  # seconds of CPU

# First match from the innermost frame outwards, by a piece of the path.
AREAS = (
    ("/psycopg", "statements and their waits"),
    ("/langgraph/", "LangGraph and LangChain"),
    ("/langchain_core/", "LangGraph and LangChain"),
    ("/agent/guardrails/", "guardrails and red flags"),
    ("/clinic/conversations/dangers/red_flags", "guardrails and red flags"),
    ("/graphs/grounds", "guardrails and red flags"),
    ("/agent/context", "briefing and prompt"),
    ("/graphs/gather", "briefing and prompt"),
    ("/tools/views", "briefing and prompt"),
    ("/structlog/", "log lines"),
    ("/logging/", "log lines"),
    ("/kit/log", "log lines"),
)
# From the outermost frame inwards: the part of the path of a message.
PHASES = (
    ("inbox.py", "receive", "inbox"),
    ("service.py", "clinic_for", "configuration"),
    ("turn.py", "_claim", "claim and load"),
    ("turn.py", "_think", "graph"),
    ("turn.py", "_adopt", "adopt"),
    ("turn.py", "take_turn", "around the turn"),
)
_NODES = ("/graphs/", "/langgraph/")  # a node runs in a task of its own


@contextmanager
def watched() -> Iterator[Counter[tuple[str, str]]]:
    """Counts looks by (phase, area) while inside."""
    looks: Counter[tuple[str, str]] = Counter()

    def look(number: int, frame: FrameType | None) -> None:
        looks[_of(frame)] += 1

    former = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    try:
        yield looks
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, former)


def _of(frame: FrameType | None) -> tuple[str, str]:
    area, phase = "", "event loop"
    while frame is not None:
        path, name = frame.f_code.co_filename, frame.f_code.co_name
        if not area:
            area = next((label for piece, label in AREAS if piece in path), "")
        if phase == "event loop" and any(piece in path for piece in _NODES):
            phase = "graph"
        found = next((label for file, function, label in PHASES if name == function and path.endswith(file)), None)
        if found and (phase == "event loop" or found != "around the turn"):
            phase = found
        frame = frame.f_back
    return phase, area or "our own code and asyncio"
