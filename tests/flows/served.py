"""The API over a fresh database, with both providers' emulators as its wires."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from psycopg.types.json import Jsonb

from api.app import create_app
from clinic.conversations.lanes import lane_store
from clinic.conversations.models import Outcome, TurnResult
from db.embedded import Urls
from db.pool import Pool
from db.session import clinic_session
from jobs.delivery import Delivery, Policy
from kit.clock import utc_now
from kit.ids import new_id
from kit.settings import Settings, load_settings
from tests.emulators.cloud import CloudEmulator
from tests.emulators.evolution import EvolutionEmulator

QUICK = Policy(timeout=2.0, grace=0.3, poll=0.05, pace=0.0)


@dataclass(slots=True)
class Served:
    """`http` speaks to the app; `clinic` is the clinic the emulators belong to."""

    app: FastAPI
    http: httpx.AsyncClient
    pool: Pool
    clinic: UUID
    evolution: EvolutionEmulator
    cloud: CloudEmulator

    async def rows(self, query: str, clinic: UUID | None = None, **params: Any) -> list[dict[str, Any]]:
        async with clinic_session(self.pool, clinic or self.clinic) as s:
            return list(await s.all(query, params))

    async def count(self, table: str) -> int:
        return int((await self.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"])

    async def from_evolution(self, body: Any, instance: str | None = None, **headers: str) -> httpx.Response:
        raw, signed = self.evolution.signed(body)
        path = f"/webhooks/evolution/{instance or self.evolution.instance}"
        return await self.http.post(path, content=raw, headers=signed | headers)

    async def from_cloud(self, body: Any, path: str = "/webhooks/cloud", **headers: str) -> httpx.Response:
        raw, signed = self.cloud.signed(body)
        return await self.http.post(path, content=raw, headers=signed | headers)

    async def reply(self, *texts: str, menu: dict[str, Any] | None = None) -> None:
        """Takes every due lane and answers these words: a desk without a mind."""
        for row in await self.rows("SELECT id FROM conversations WHERE due_at IS NOT NULL"):
            async with clinic_session(self.pool, self.clinic) as s:
                await s.execute("UPDATE conversations SET due_at = now() WHERE id = %(id)s", {"id": row["id"]})
            await speak(self.pool, self.clinic, row["id"], *texts, menu=menu)

    async def statuses(self) -> list[str]:
        return [row["status"] for row in await self.rows("SELECT status FROM outbox ORDER BY seq")]


async def speak(pool: Pool, clinic: UUID, conversation: UUID, *texts: str, menu: dict[str, Any] | None = None) -> UUID:
    """One turn that says these words, as a desk without a mind takes it; its id."""
    async with clinic_session(pool, clinic) as s:
        lease = await lane_store.claim(s, conversation, lease=timedelta(seconds=30))
        assert lease is not None
        desk = await lane_store.load(s, lease)
        result = TurnResult(outcome=Outcome.SPOKE, replies=texts, menu=menu)
        await lane_store.close_turn(s, desk, result, status="adopted")
        await lane_store.say(s, desk, result, clock=utc_now())
        await lane_store.mark_answered(s, desk)
        await lane_store.release(s, lease, checkpoint_id=None, due_in=None)
    return lease.turn_id


def settings_for(urls: Urls, **values: Any) -> Settings:
    return load_settings(
        database_url=urls.owner, database_app_url=urls.app, environment="test", quiet_window_seconds=0.0, **values
    )


async def add_clinic(pool: Pool, slug: str, wires: dict[tuple[str, str], dict[str, str]]) -> UUID:
    clinic = new_id()
    async with clinic_session(pool, clinic) as s:
        await s.execute(
            "INSERT INTO clinics (id, slug, name, timezone) VALUES (%(id)s, %(slug)s, %(name)s, 'America/Sao_Paulo')",
            {"id": clinic, "slug": slug, "name": f"Clínica {slug}"},
        )
        for (kind, external_id), credentials in wires.items():
            await s.execute(
                """INSERT INTO channel_accounts (clinic_id, id, kind, external_id, credentials)
                   VALUES (%(clinic)s, %(id)s, %(kind)s, %(external)s, %(credentials)s)""",
                {
                    "clinic": clinic,
                    "id": new_id(),
                    "kind": kind,
                    "external": external_id,
                    "credentials": Jsonb(credentials),
                },
            )
    return clinic


@asynccontextmanager
async def serve(urls: Urls, *, policy: Policy | None = None, desk: bool = False, **values: Any) -> AsyncIterator[Served]:
    """The app of a clinic with both wires. With a `policy` delivery runs."""
    app = create_app(settings_for(urls, **values), desk=desk, delivery=False)
    with EvolutionEmulator() as evolution, CloudEmulator() as cloud:
        async with app.router.lifespan_context(app):
            pool = app.state.house.pool
            clinic = await add_clinic(
                pool,
                "clinica",
                {
                    ("evolution", evolution.instance): {**evolution.credentials, "webhook_token": evolution.secret},
                    ("cloud", cloud.phone_number_id): {
                        **cloud.credentials,
                        "app_secret": cloud.app_secret,
                        "verify_token": cloud.verify_token,
                    },
                },
            )
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
                delivery = Delivery(pool, policy, listen_url=urls.app) if policy else None
                if delivery:
                    await delivery.start()
                try:
                    yield Served(app, http, pool, clinic, evolution, cloud)
                finally:
                    if delivery:
                        await delivery.stop()
