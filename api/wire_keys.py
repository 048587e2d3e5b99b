"""The credentials webhooks are checked with, kept for seconds: a burst of webhooks must not be a burst of look-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from api.clinics import every_clinic
from clinic.tenants import wires_store
from clinic.tenants.routing import route
from clinic.tenants.wires import Wire
from db.pool import Pool
from db.session import clinic_session

_FRESH = 10.0  # seconds a key is believed
_RELOAD = 1.0  # seconds between two looks because of a refused one: a key may just have been changed
_MOST = 2048


@dataclass(frozen=True, slots=True)
class Keyed:
    """A wire and its credentials, resolved."""

    wire: Wire
    credentials: Mapping[str, str]

    def secret(self, name: str) -> str:
        """That credential, or "" (which admits nobody)."""
        return self.credentials.get(name, "").strip()


class WireKeys:
    """Of one process."""

    def __init__(self, pool: Pool, environ: Mapping[str, str], *, clock: Callable[[], float] = monotonic) -> None:
        self._pool = pool
        self._environ = environ
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, Keyed | None]] = {}
        self._all: dict[str, tuple[float, list[Keyed]]] = {}

    async def one(self, kind: str, external_id: str, *, again: bool = False) -> Keyed | None:
        """The wire of that name, or None. `again`: look anew, a refusal deserves a second look. Raises Unavailable."""
        known = self._known.get((kind, external_id))
        if known is not None and self._clock() - known[0] < (_RELOAD if again else _FRESH if known[1] else _RELOAD):
            return known[1]
        found = await self._load(kind, external_id)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[kind, external_id] = (self._clock(), found)
        return found

    async def _load(self, kind: str, external_id: str) -> Keyed | None:
        found = await route(self._pool, kind, external_id)
        if found is None:
            return None
        async with clinic_session(self._pool, found.clinic_id) as s:
            wire = await wires_store.wire(s, found.account_id)
        return self._keyed(wire) if wire else None

    async def of_clinic(self, clinic_id: UUID, kind: str) -> list[Keyed]:
        """A clinic's wires of that kind. Raises Unavailable."""
        async with clinic_session(self._pool, clinic_id) as s:
            return [self._keyed(wire) for wire in await wires_store.wires(s, kind)]

    async def everywhere(self, kind: str) -> list[Keyed]:
        """Every wire of that kind. Raises Unavailable."""
        known = self._all.get(kind)
        if known is not None and self._clock() - known[0] < _FRESH:
            return known[1]
        found = [keyed for known_clinic in await every_clinic(self._pool) for keyed in await self.of_clinic(known_clinic, kind)]
        self._all[kind] = (self._clock(), found)
        return found

    def _keyed(self, wire: Wire) -> Keyed:
        return Keyed(wire, wire.credentials(self._environ))
