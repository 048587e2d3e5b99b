"""The HTTP side of Carol: webhooks, chat, the console, and the process in which desk and delivery live."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from api import (
    agenda,
    auth,
    chat,
    commitments,
    console,
    contacts,
    conversations,
    dead_letters,
    errors,
    evals,
    events,
    health,
    interventions,
    knowledge,
    metrics,
    rehearsals,
    reports,
    scenarios,
    webhooks,
    wires,
)
from api.changes import Changes
from api.requests import Envelope, SmallBodies
from api.state import House
from api.stopping import when_asked_to_stop
from api.wire_keys import WireKeys
from db import migrate
from db.pool import create_pool
from jobs.clockwork import StandIn
from jobs.delivery import Delivery
from jobs.evaluating import Evaluating
from jobs.notices import Teller
from jobs.senders import Senders
from kit import log
from kit.blobs import open_blobs
from kit.errors import Invalid
from kit.settings import Settings, load_settings

VERSION = "0.1.0"


def create_app(settings: Settings | None = None, *, desk: bool = True, delivery: bool = True) -> FastAPI:
    """The app over these settings (the environment's when none are given). Raises Invalid when they cannot work.

    `desk=False` takes no turns here and `delivery=False` sends nothing: other processes may.
    """
    chosen = settings or load_settings()
    if settings is None:
        log.configure(chosen)
    app_url = chosen.database_app_url or chosen.database_url
    if not app_url:
        raise Invalid("DATABASE_URL: not set; `carol up` starts a Postgres of its own and sets it")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.house = await _open(stack, chosen, app_url, desk=desk, delivery=delivery)
            yield

    door = auth.Door(chosen)
    app = FastAPI(title="Carol", version=VERSION, docs_url=None, redoc_url=None, lifespan=lifespan)
    rooms = (webhooks, health, metrics, chat, conversations, dead_letters, interventions, agenda, rehearsals, knowledge, events)
    for router in (
        *(room.router for room in (*rooms, commitments, contacts, wires, scenarios, evals, reports)),
        auth.router(door),
    ):
        app.include_router(router)
    console.install(app)
    errors.install(app)
    # The last one added is the outermost.
    app.add_middleware(SmallBodies)
    app.add_middleware(auth.Guard, door=door)
    app.add_middleware(Envelope)
    return app


async def _open(stack: AsyncExitStack, settings: Settings, app_url: str, *, desk: bool, delivery: bool) -> House:
    pool = create_pool(app_url)
    stack.push_async_callback(pool.close)
    # Postgres may be away for a moment: the process lives, /ready says so, and webhooks are answered 503.
    await pool.open(wait=False)
    changes = Changes(app_url)
    changes.start()
    stack.push_async_callback(changes.stop)
    stack.enter_context(when_asked_to_stop(changes.leave))
    house = House(settings, pool, WireKeys(pool, os.environ), changes, head=migrate.head())
    if delivery:
        house.delivery = Delivery(pool, settings, listen_url=app_url)
        await house.delivery.start()
        stack.push_async_callback(house.delivery.stop)
        teller = Teller(pool, base=settings.base_url, listen_url=app_url)
        await teller.start()
        stack.push_async_callback(teller.stop)
        clock = StandIn(pool)
        await clock.start()
        stack.push_async_callback(clock.stop)
    from jobs.reading import Reading  # embeddings cost seconds to import
    from knowledge.library import open_library

    house.library = await stack.enter_async_context(open_library(settings, pool, app_url))
    reading = Reading(pool, house.library, listen_url=app_url)
    await reading.start()
    stack.push_async_callback(reading.stop)
    house.blobs = open_blobs(settings)
    house.hears = await _open_ears(stack, house, app_url)
    if desk:
        from desk.minds import open_minds  # models and embeddings cost seconds to import
        from desk.runner import FrontDesk

        minds = await stack.enter_async_context(open_minds(settings, house.library))
        house.desk = FrontDesk(pool, minds, listen_url=app_url)
        await house.desk.start()
        stack.push_async_callback(house.desk.stop)
        evaluating = Evaluating(pool, settings, listen_url=app_url)
        await evaluating.start()
        stack.push_async_callback(evaluating.stop)
        if minds.second is not None:
            from desk.watch import Watch

            house.watch = Watch(pool, minds.second)
            await house.watch.start()
            stack.push_async_callback(house.watch.stop)
    return house


async def _open_ears(stack: AsyncExitStack, house: House, app_url: str) -> bool:
    """Begins to fetch, to hear and to keep what patients send; whether voice notes are heard."""
    from agent.hearing import ears as ears_of
    from jobs.media import Keeper, Keeping, limits_of

    assert house.blobs is not None
    senders = await stack.enter_async_context(Senders())
    ears = ears_of(house.settings)
    if ears is not None:
        stack.push_async_callback(ears.aclose)
    keeper = Keeper(pool=house.pool, senders=senders, blobs=house.blobs, ears=ears, limits=limits_of(house.settings))
    keeping = Keeping(keeper, listen_url=app_url)
    await keeping.start()
    stack.push_async_callback(keeping.stop)
    return ears is not None
