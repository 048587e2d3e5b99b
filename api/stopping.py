"""Knowing that the server was asked to stop: it waits for open answers, and ours that never end must end themselves."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ASKS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def when_asked_to_stop(act: Callable[[], None]) -> Iterator[None]:
    """Inside the block a signal that stops the server also runs `act` in this event loop. The server's handlers stay.

    The lifespan's own end would be too late: the server begins it when the last answer has been given.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's: whoever runs us elsewhere stops us in another way
        return
    loop = asyncio.get_running_loop()
    before = {number: found for number in _ASKS if callable(found := signal.getsignal(number))}

    def asked(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        before[signal.Signals(number)](number, frame)

    for number in before:
        signal.signal(number, asked)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is asked:
                signal.signal(number, handler)
