"""The wires of the conformance suite: a new one joins by one more entry (in PROVIDERS when it is somebody else's server)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import httpx

from channels.base import Content, Event, Outgoing, Sender, SendResult
from channels.registry import sender_for
from channels.whatsapp.cloud.parse import parse as parse_cloud
from channels.whatsapp.cloud.sender import CloudSender
from channels.whatsapp.evolution.parse import parse as parse_evolution
from channels.whatsapp.evolution.sender import EvolutionSender
from tests.emulators.cloud import CloudEmulator
from tests.emulators.evolution import EvolutionEmulator

NUMBER, SHORT = "5531988880001", "553188880001"
TEXT = "Olá, Bruna! 😊\nSua limpeza ficou para terça, 10/03, às 15h."
REFERENCE = "0198-saida-1"
BRIEF = httpx.Timeout(0.3)

Provider = EvolutionEmulator | CloudEmulator
Answer = TypeVar("Answer")


class Ourselves:
    """The console's other side: our own rows, no provider at all."""

    credentials: Mapping[str, str] = {}


Other = Provider | Ourselves


@dataclass(frozen=True)
class Wire:
    kind: str
    secret_field: str
    delivered: str
    provider: Callable[[], AbstractContextManager[Other]]
    parse: Callable[[Any], list[Event]]

    def impatient(self, provider: Provider, http: httpx.AsyncClient) -> EvolutionSender | CloudSender:
        maker = EvolutionSender if self.kind == "evolution" else CloudSender
        return maker(http, **provider.credentials, timeout=BRIEF)


PROVIDERS = [
    Wire("evolution", "api_key", "DELIVERY_ACK", EvolutionEmulator, parse_evolution),
    Wire("cloud", "access_token", "delivered", CloudEmulator, parse_cloud),
]
WIRES = [*PROVIDERS, Wire("console", "", "", lambda: contextlib.nullcontext(Ourselves()), lambda body: [])]


def message(
    text: str = TEXT, to: str = NUMBER, content: Content | None = None, quotes: str | None = None, reference: str = REFERENCE
) -> Outgoing:
    return Outgoing(to=to, text=text, reference=reference, content=content, quotes=quotes)


def with_sender(
    wire: Wire,
    provider: Other,
    do: Callable[[Sender], Awaitable[Answer]],
    *,
    impatient: bool = False,
    changes: Mapping[str, str] | None = None,
) -> Answer:
    """Runs `do` with this wire's sender, over a client of its own."""

    async def run() -> Answer:
        async with httpx.AsyncClient(verify=False) as http:
            if impatient:
                return await do(wire.impatient(cast(Provider, provider), http))
            return await do(sender_for(wire.kind, {**provider.credentials, **(changes or {})}, http))

    return asyncio.run(run())


def send(
    wire: Wire, provider: Other, *messages: Outgoing, impatient: bool = False, changes: Mapping[str, str] | None = None
) -> list[SendResult]:
    async def each(sender: Sender) -> list[SendResult]:
        return [await sender.send(one) for one in messages]

    return with_sender(wire, provider, each, impatient=impatient, changes=changes)
