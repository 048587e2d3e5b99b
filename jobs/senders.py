"""The clients delivery speaks through: one per account, over one HTTP client, with each account's own room."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Mapping
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx

from channels.base import Sender
from channels.registry import BadChannel, sender_for
from clinic.tenants import wires_store
from clinic.tenants.rails_store import OPEN
from clinic.tenants.wires_store import CONSOLE
from db.pool import Pool
from db.session import clinic_session
from jobs.circuit import Circuits
from jobs.pacing import Rate, rate_of

PER_ACCOUNT = 8  # conversations sent to at the same time
_FRESH = 30.0  # seconds after which credentials are read again


class Senders:
    """Used as `async with Senders() as senders`. Belongs to one event loop."""

    def __init__(self, *, http: httpx.AsyncClient | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._http = http or httpx.AsyncClient(limits=httpx.Limits(max_connections=200, max_keepalive_connections=50))
        self._environ = environ
        self._known: dict[UUID, tuple[float, str, Sender]] = {}
        self.circuits = Circuits()
        self.rates: dict[UUID, Rate | None] = {}  # of each account a client was made for
        self.unaudited: set[UUID] = set()  # accounts whose lack of a history was told
        self.doubted: set[UUID] = set()  # accounts not known to be open: the next send proves them so
        self.places: defaultdict[UUID, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PER_ACCOUNT))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the HTTP client."""
        await self._http.aclose()

    async def of(self, pool: Pool, clinic_id: UUID, account_id: UUID) -> tuple[str, Sender]:
        """(kind, client) of an account. Raises BadChannel when it is closed or its credentials cannot make a client."""
        known = self._known.get(account_id)
        if known is not None and monotonic() - known[0] < _FRESH:
            return known[1], known[2]
        async with clinic_session(pool, clinic_id) as s:
            wire = await wires_store.wire(s, account_id)
        if wire is None:
            raise BadChannel("the channel is closed")
        credentials = wire.credentials(self._environ)
        sender = sender_for(wire.kind, credentials, self._http)
        self._known[account_id] = (monotonic(), wire.kind, sender)
        self.rates[account_id] = rate_of(wire.kind, credentials)
        if wire.state != OPEN and wire.kind != CONSOLE:
            self.doubted.add(account_id)
        else:
            self.doubted.discard(account_id)
        return wire.kind, sender

    def forget(self, account_id: UUID) -> None:
        """Reads this account's credentials again before its next send."""
        self._known.pop(account_id, None)
