"""Runs of scenarios over a real process: a clinic with scenarios of its own, the API beside it, and who starts processes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from db.embedded import Urls
from jobs.evaluating import Evaluating
from tests.flows.front import browser
from tests.flows.house import House
from tests.flows.served import settings_for

PRICE: dict[str, Any] = {
    "id": "preco-da-limpeza",
    "title": "Diz o preço da limpeza",
    "patient": {"turns": ["oi, quanto custa a limpeza?"]},
    "expect": {"must_say": [{"any": ["220"]}]},
}
WRONG: dict[str, Any] = {
    "id": "preco-errado",
    "title": "Espera um preço que a clínica não tem",
    "patient": {"turns": ["oi, quanto custa a limpeza?"]},
    "expect": {"must_say": [{"any": ["R$ 1.999"]}], "state": {"visits": {"inserted": [{"service": "Limpeza"}]}}},
}
PATIENCE = 150.0  # seconds for a process of its own on a busy machine


@dataclass(slots=True)
class Staff:
    """Staff's browser at a clinic."""

    http: httpx.AsyncClient
    slug: str

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.http.get(f"/api/evals{path}", params={"clinic": self.slug} | params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.http.post(f"/api/evals{path}", params={"clinic": self.slug}, json={"by": "Júlia"} | body)
        return answer.json()

    async def put(self, scenario: dict[str, Any]) -> None:
        path = f"/api/evals/scenarios/{scenario['id']}"
        answer = await self.http.put(path, params={"clinic": self.slug}, json={"by": "Júlia", "scenario": scenario})
        assert answer.status_code == 200, answer.text

    async def until(self, run: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The run, once it is so."""

        async def look() -> Any:
            found = await self.get(f"/runs/{run}")
            return found if wanted(found) else None

        return await eventually(look)


async def eventually(look: Callable[[], Awaitable[Any]], *, seconds: float = PATIENCE) -> Any:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.1)
    return found


@asynccontextmanager
async def staff(database: Urls, house: House) -> AsyncIterator[Staff]:
    async with browser(database) as http:
        yield Staff(http, house.clinic.slug)


@asynccontextmanager
async def evaluating(database: Urls, house: House, home: Path) -> AsyncIterator[Evaluating]:
    """Who starts processes, as in an API's process."""
    running = Evaluating(house.pool, settings_for(database, home=home), listen_url=database.app, poll=0.5)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()
