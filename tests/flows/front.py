"""The API over a database that a house already lives in: what staff's browser asks, while Carol speaks beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from api.app import create_app
from db.embedded import Urls
from tests.flows.served import settings_for


@asynccontextmanager
async def browser(urls: Urls, **values: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Takes no turns and sends nothing: the house does."""
    app = create_app(settings_for(urls, **values), desk=False, delivery=False)
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:
            yield http
