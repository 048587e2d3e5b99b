"""Both providers' webhooks: authentic or refused, stored before acknowledged, and never a 4xx for what we cannot read.

Evolution ends its retries on 400, 401, 403, 404 and 422, and the message is lost: so those are for strangers only. Nothing
of a stranger's is stored. What is authentic and not understood is kept without secrets and acknowledged; what cannot be
stored now is answered 503, and comes again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from api import bodies
from api.bodies import Body
from api.clinics import clinic_called
from api.errors import of, problem
from api.hearing import Ear
from api.requests import request_id_of
from api.state import House, house
from api.wire_keys import Keyed
from channels.base import Event, TemplateChange
from channels.whatsapp.cloud import parse as cloud
from channels.whatsapp.cloud import signature
from channels.whatsapp.evolution import auth as evolution_auth
from channels.whatsapp.evolution import parse as evolution
from clinic.conversations import events_store
from clinic.tenants.store import ClinicNotFound
from db.session import clinic_session
from kit.errors import Unavailable
from kit.log import get_logger

log = get_logger(__name__)
router = APIRouter(prefix="/webhooks", include_in_schema=False)

CLOUD, EVOLUTION = "cloud", "evolution"
CLOUD_MOST = 3 * 2**20  # bytes; Meta's own limit
EVOLUTION_MOST = 32 * 2**20
_ANSWER_SECONDS = 12.0  # after the body came: both providers wait longer than this
# Read from the bytes, before they are believed or parsed: only to know with whose secret to check the signature.
_NUMBER_ID = re.compile(rb'"phone_number_id"\s*:\s*"?([0-9]{5,40})')
_NUMBERS_MOST = 50


@router.post("/evolution/{instance}")
@router.post("/evolution/{instance}/{event}")
async def from_evolution(request: Request, instance: str) -> Response:
    """Any event of one instance; the path may end in the event's name."""
    return await _in_time(lambda: _evolution(request, instance))


@router.get("/cloud")
@router.get("/cloud/{slug}")
async def verify_cloud(request: Request, slug: str | None = None) -> Response:
    """Meta's subscription check."""

    async def check() -> Response:
        for keyed in await _cloud_wires(house(request), slug, []):
            answer = signature.challenge(request.query_params, keyed.secret("verify_token"))
            if answer is not None:
                return PlainTextResponse(answer)
        return problem(403, "wrong_token", "The verification token is not known.")

    return await _in_time(check)


@router.post("/cloud")
@router.post("/cloud/{slug}")
async def from_cloud(request: Request, slug: str | None = None) -> Response:
    """Any change of any number; with a slug, of that clinic's numbers only."""
    try:
        body = await bodies.read(request, most=CLOUD_MOST, drain=False)
    except bodies.Stalled:
        return problem(408, "stalled", "The body stopped coming.")
    if body.raw is None:
        return problem(413, "too_large", f"At most {CLOUD_MOST} bytes.")
    return await _in_time(lambda: _cloud(request, slug, body))


async def _in_time(answer: Callable[[], Awaitable[Response]]) -> Response:
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            return await answer()
    except Unavailable as error:
        log.error("webhook_not_stored", reason=str(error))
        return of(error)
    except TimeoutError:
        log.error("webhook_not_stored", reason="too slow")
        return of(Unavailable("too slow"))


async def _evolution(request: Request, instance: str) -> Response:
    found = house(request)
    keyed = await found.keys.one(EVOLUTION, instance)
    if not _from(keyed, request):
        keyed = await found.keys.one(EVOLUTION, instance, again=True)
    if keyed is None or not _from(keyed, request):
        return _stranger("evolution")
    try:
        body = await bodies.read(request, most=EVOLUTION_MOST, drain=True)
    except bodies.Stalled:
        return problem(503, "stalled", "The body stopped coming.")
    if body.raw is None:
        return await _keep(found, keyed, ["too_large"], None, body)
    value = await bodies.parsed(body.raw)
    events = evolution.parse(value)
    return await _hear(request, {instance: keyed}, events, value, body, but=keyed)


def _from(keyed: Keyed | None, request: Request) -> bool:
    return keyed is not None and evolution_auth.authentic(request.headers, keyed.secret("webhook_token"))


async def _cloud(request: Request, slug: str | None, body: Body) -> Response:
    assert body.raw is not None  # the caller refused the larger ones
    found = house(request)
    numbers = list(dict.fromkeys(number.decode() for number in _NUMBER_ID.findall(body.raw)))[:_NUMBERS_MOST]
    wires = await _cloud_wires(found, slug, numbers)
    authentic = _signed(request, body.raw, wires)
    if not authentic and numbers and slug is None:
        # A number of ours whose secret just changed, or one that no clinic has but whose app we serve.
        again = [await found.keys.one(CLOUD, number, again=True) for number in numbers]
        authentic = _signed(request, body.raw, [keyed for keyed in again if keyed])
        if not authentic and not any(again):
            authentic = _signed(request, body.raw, await found.keys.everywhere(CLOUD))
    if not authentic:
        return _stranger("cloud")
    value = await bodies.parsed(body.raw)
    by_number = {keyed.wire.external_id: keyed for keyed in authentic}
    return await _hear(request, by_number, cloud.parse(value), value, body, but=authentic[0])


async def _cloud_wires(found: House, slug: str | None, numbers: Sequence[str]) -> list[Keyed]:
    """Whose secrets to try: that clinic's, else those of the numbers named, else all."""
    if slug is not None:
        try:
            return await found.keys.of_clinic(await clinic_called(found.pool, slug), CLOUD)
        except ClinicNotFound:
            return []
    if not numbers:
        return await found.keys.everywhere(CLOUD)
    return [keyed for number in numbers if (keyed := await found.keys.one(CLOUD, number)) is not None]


def _signed(request: Request, raw: bytes, wires: Sequence[Keyed]) -> list[Keyed]:
    """The wires whose secret signs this body: another clinic's secret opens nothing of theirs."""
    header = request.headers.get(signature.HEADER)
    good = {secret: signature.verify(raw, header, secret) for secret in {keyed.secret("app_secret") for keyed in wires}}
    return [keyed for keyed in wires if good[keyed.secret("app_secret")]]


async def _hear(
    request: Request, wires: dict[str, Keyed], events: Sequence[Event], value: object, body: Body, *, but: Keyed
) -> Response:
    """Hands each event to its own wire; what belongs to none of them is noted with `but`, whose secret vouched for it."""
    found = house(request)
    alone = len({keyed.wire.clinic_id for keyed in wires.values()}) == 1
    elsewhere = sorted({event.account for event in events if event.account is not None and event.account not in wires})
    for name, keyed in wires.items():
        own = [event for event in events if _concerns(event, name, keyed, but=but, alone=alone)]
        ear = Ear(found.pool, keyed.wire, found.quiet, request_id_of(request), found.patience)
        reasons = await ear.hear(own) if own else []
        if reasons:
            await _keep(found, keyed, reasons, value, body)
    if elsewhere:
        log.error("unrouted_webhook", kind=but.wire.kind, wires=len(elsewhere))
        async with clinic_session(found.pool, but.wire.clinic_id) as s:
            for account in elsewhere:
                await events_store.keep_unrouted(s, kind=but.wire.kind, external_id=account, digest=body.digest, size=body.size)
    return JSONResponse({"ok": True})


def _concerns(event: Event, name: str, keyed: Keyed, *, but: Keyed, alone: bool) -> bool:
    """Whether a wire should hear this. A template is its business's: of the wires that name that business, or, when they
    name none, of all wires of the one clinic whose secret vouched for it."""
    if isinstance(event, TemplateChange):
        business = keyed.secret("business_account_id")
        return business == event.business if business else alone
    return event.account == name or (event.account is None and keyed is but)


async def _keep(found: House, keyed: Keyed, reasons: Sequence[str], value: object, body: Body) -> Response:
    log.warning("webhook_kept", clinic_id=str(keyed.wire.clinic_id), reasons=sorted(set(reasons)), size=body.size)
    async with clinic_session(found.pool, keyed.wire.clinic_id) as s:
        reason = ", ".join(sorted(set(reasons)))
        await events_store.keep(s, keyed.wire.id, reason=reason, body=bodies.keepable(value, body))
    return JSONResponse({"ok": True})


def _stranger(kind: str) -> Response:
    log.warning("webhook_refused", kind=kind)
    return problem(401, "not_authentic", "This webhook is not signed by anyone we know.")
