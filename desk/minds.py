"""What every turn of a process shares, opened once: models by role, the clinic's documents, limits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from agent.guardrails.dangers import SecondReader
from agent.models import brains
from desk.turn import Minds
from graphs.state import Limits
from kit.errors import CarolError
from kit.settings import Settings
from kit.tasks import end
from knowledge.embed import offline_embedder
from knowledge.library import Library

_TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2")


def keep_to_ourselves(environ: MutableMapping[str, str]) -> None:
    """Turns off the libraries' own tracing: left on in an environment, it would send patients' words to a third party."""
    for name in _TRACING:
        environ[name] = "false"


@asynccontextmanager
async def open_minds(settings: Settings, library: Library, *, warm: bool = True) -> AsyncIterator[Minds]:
    """The minds of this process, closed at the end. `warm` loads models first, so that no patient waits for an import."""
    keep_to_ourselves(os.environ)
    models = brains(settings)
    second = SecondReader(offline_embedder())
    looking: list[asyncio.Task[None]] = []
    try:
        if warm:
            await asyncio.gather(models.warm(), asyncio.to_thread(second.warm))
            # Documents are asked for later than models are: nobody waits for their machinery, and a clinic may have none.
            looking.append(asyncio.create_task(_look_around(library)))
        yield Minds(
            brains=models,
            library=library,
            limits=limits_of(settings),
            lease=timedelta(seconds=settings.lease_seconds),
            second=second,
        )
    finally:
        await end(looking)
        await models.aclose()


async def _look_around(library: Library) -> None:
    with suppress(CarolError):
        await library.warm()


def limits_of(settings: Settings) -> Limits:
    """What one turn may spend."""
    return Limits(
        tool_calls=settings.max_tool_calls,
        writes=settings.max_writes,
        thoughts=settings.max_tool_calls + 2,
        tokens=settings.max_tokens_turn,
        recursion=settings.recursion_limit,
    )
