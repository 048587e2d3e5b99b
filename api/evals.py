"""Evals for staff: what can be played, runs as they go, each trial with the rows it left, two runs side by side.

Runs are rows: a process of its own plays them (`jobs/evaluating.py`). Changes are told as `eval_run` by /api/events.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import evals_telling as telling
from api import suites
from api.clinics import clinic_called
from api.conversations import Signed, Slug
from api.evals_shapes import (
    BesideOut,
    ComparisonOut,
    RepeatAsked,
    RunAsked,
    RunOut,
    RunPage,
    RunWhole,
    ScenarioName,
    SuiteOut,
    SuiteWhole,
    TrialOut,
    TrialPage,
)
from api.state import house
from clinic.scenarios import runs_store, service, store
from clinic.scenarios.models import OWN, Asked, Kept, NothingToPlay, NotInRehearsal, Only
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db.session import Session, clinic_session

router = APIRouter(prefix="/api/evals", tags=["evals"])

_NO_FRAMES = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; sandbox"


async def clinic_of(request: Request, slug: str) -> Clinic:
    """The clinic, which must be no rehearsal. Raises ClinicNotFound, NotInRehearsal."""
    pool = house(request).pool
    clinic = await clinic_for(pool, await clinic_called(pool, slug))
    if clinic.sandbox_of is not None:
        raise NotInRehearsal
    return clinic


@router.get("/suites")
async def all_suites(request: Request, clinic: Slug) -> list[SuiteOut]:
    """The clinic's own suite first, then those that come with Carol."""
    return [SuiteOut(**one.model_dump(exclude={"items"})) for one in await _suites(request, clinic)]


@router.get("/suites/{name}")
async def one_suite(request: Request, clinic: Slug, name: str) -> SuiteWhole:
    """One suite with its scenarios. 422 `nothing_to_play` for one that is not there."""
    for one in await _suites(request, clinic):
        if one.name == name:
            return one
    raise NothingToPlay


@router.get("/runs")
async def runs(
    request: Request, clinic: Slug, before: UUID | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> RunPage:
    """Runs, the newest first."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        rows = await runs_store.runs(s, before=before, limit=limit + 1)
    items = [telling.run(row, found.zone) for row in rows[:limit]]
    return RunPage(items=items, next=items[-1].id if len(rows) > limit else None)


@router.post("/runs", status_code=202)
async def begin(request: Request, clinic: Slug, asked: RunAsked) -> RunOut:
    """Puts a run in line; it begins when the machine plays no other. 422 `nothing_to_play` for names that nothing has."""
    found = await clinic_of(request, clinic)
    known = await asyncio.to_thread(suites.repository)
    wanted = Asked(
        suites=tuple(dict.fromkeys(asked.suites)),
        scenarios=tuple(dict.fromkeys(asked.scenarios)),
        noise=tuple(dict.fromkeys(asked.noise)),
        trials=asked.trials,
        reais=asked.reais,
        minutes=asked.minutes,
    )
    async with clinic_session(house(request).pool, found.id) as s:
        own = await _own_names(s)
        there = {one.suite for one in known} | ({OWN} if own else set())
        if set(wanted.suites) - there or set(wanted.scenarios) - {one.id for one in known} - own:
            raise NothingToPlay
        return telling.run(await service.ask(s, wanted, by=asked.by), found.zone)


async def _own_names(s: Session) -> set[str]:
    return {one.key for one in await store.every(s)}


@router.get("/runs/{run_id}")
async def run(request: Request, run_id: UUID, clinic: Slug) -> RunWhole:
    """A run with its suites, the gate's decision and how far it is."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        return telling.whole(await runs_store.run(s, run_id), await runs_store.suites(s, run_id), found.zone)


@router.post("/runs/{run_id}/stop")
async def stop(request: Request, run_id: UUID, clinic: Slug, signed: Signed) -> RunOut:
    """It ends within seconds; what was played is kept, trials under way are not. 409 `run_over`."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        return telling.run(await runs_store.ask_stop(s, run_id, by=service.signed(signed.by)), found.zone)


@router.post("/runs/{run_id}/resume", status_code=202)
async def resume(request: Request, run_id: UUID, clinic: Slug, signed: Signed) -> RunOut:
    """A run that was stopped or broke goes on from where it was. 409 `run_over` when it was whole, `run_goes_on`."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        return telling.run(await runs_store.ask_resume(s, run_id, by=service.signed(signed.by)), found.zone)


@router.post("/runs/{run_id}/repeat", status_code=202)
async def repeat(request: Request, run_id: UUID, clinic: Slug, asked: RepeatAsked) -> RunOut:
    """A new run in line, of the scenarios of this one that came out so. 422 `nothing_to_play` when there is none, or none any
    more."""
    found = await clinic_of(request, clinic)
    known = {one.id for one in await asyncio.to_thread(suites.repository)}
    async with clinic_session(house(request).pool, found.id) as s:
        known |= await _own_names(s)
        return telling.run(await service.repeat(s, run_id, only=asked.only, known=known, by=asked.by), found.zone)


@router.get("/runs/{run_id}/trials")
async def trials(
    request: Request,
    run_id: UUID,
    clinic: Slug,
    only: Only = "all",
    suite: Annotated[str | None, Query(max_length=80)] = None,
    before: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TrialPage:
    """The trials of a run in brief, the worst first and of these the newest. `wrong`: all that did not pass."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        await runs_store.run(s, run_id)
        rows = await runs_store.trials(s, run_id, only=only, suite=suite, before=before, limit=limit + 1)
    items = [telling.brief(row, found.zone) for row in rows[:limit]]
    return TrialPage(items=items, next=items[-1].id if len(rows) > limit else None)


@router.get("/runs/{run_id}/trials/{trial_id}")
async def trial(request: Request, run_id: UUID, trial_id: UUID, clinic: Slug) -> TrialOut:
    """A trial: the transcript by turn, what each turn did, and the rows beside what was expected."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        return telling.trial(await runs_store.trial(s, run_id, trial_id), found.zone)


@router.get("/runs/{run_id}/trials/{trial_id}/beside")
async def beside(
    request: Request,
    run_id: UUID,
    trial_id: UUID,
    clinic: Slug,
    only: Only = "all",
    suite: Annotated[str | None, Query(max_length=80)] = None,
) -> BesideOut:
    """The trials before and after this one, among those that the same question to `/trials` lists."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        one = await runs_store.beside(s, run_id, trial_id, only=only, suite=suite)
    return BesideOut.model_validate(one, from_attributes=True)


@router.get("/runs/{run_id}/report.html", response_class=Response)
async def report(request: Request, run_id: UUID, clinic: Slug) -> Response:
    """The report of a run that ended or was stopped, as one HTML file that needs nothing else. 404 `run_not_written` before."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        text = await runs_store.report(s, run_id)
    headers = {"Content-Security-Policy": _NO_FRAMES, "Content-Disposition": f'inline; filename="carol-{run_id}.html"'}
    return Response(text, media_type="text/html", headers=headers)


@router.get("/compare")
async def compare(request: Request, clinic: Slug, before: UUID, after: UUID) -> ComparisonOut:
    """What the run `after` is against the run `before`, scenario by scenario."""
    found = await clinic_of(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        one, other, difference, played = await service.compared(s, before, after)
    return telling.comparison(one, other, difference, played, found.zone)


async def _suites(request: Request, slug: str) -> list[SuiteWhole]:
    found = await clinic_of(request, slug)
    known = await asyncio.to_thread(suites.repository)
    async with clinic_session(house(request).pool, found.id) as s:
        own = await store.every(s)
    by_suite: dict[str, list[ScenarioName]] = {name: [] for name in suites.titles()}
    by_suite[OWN] = _own(own)
    for one in known:
        name = ScenarioName(id=one.id, title=one.title, critical=one.critical, known_failing=one.known_failing)
        by_suite.setdefault(one.suite, []).append(name)
    return [
        SuiteWhole(
            name=name,
            title=suites.titles().get(name, name),
            scenarios=len(items),
            critical=sum(item.critical for item in items),
            known_failing=sum(item.known_failing for item in items),
            items=items,
        )
        for name, items in by_suite.items()
    ]


def _own(kept: Iterable[Kept]) -> list[ScenarioName]:
    return [
        ScenarioName(id=one.key, title=one.scenario.title, critical=one.scenario.critical, known_failing=False) for one in kept
    ]
