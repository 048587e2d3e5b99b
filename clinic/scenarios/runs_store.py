"""Runs and their trials in Postgres. Whoever plays a run holds it by lease and token; who lost them writes nothing more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.scenarios.models import (
    Asked,
    Beside,
    Fresh,
    Lost,
    NoRun,
    NoTrial,
    NotWritten,
    Only,
    RunGoesOn,
    RunOver,
    RunRow,
    RunState,
    SuiteCount,
    TrialRow,
    TrialWhole,
    mark_of,
)
from db.session import Session
from kit.ids import new_id

RUNS: LiteralString = "carol_eval_runs"  # the bell: a run waits to be played

# What a trial took: the last ones by the wall clock, since several are played at once.
_RUN: LiteralString = """SELECT r.id, r.state, r.asked, r.asked_by, r.asked_at, r.model, r.tier, r.offline, r.head, r.due,
    r.done, r.passed, r.failed, r.violated, r.broken, r.open, r.reasons, r.figures, r.report IS NOT NULL AS reported,
    r.began_at, r.ended_at, r.attempts, r.stop_asked_at, r.stop_asked_by, r.error,
    CASE WHEN r.state = 'running' THEN (
      SELECT extract(epoch FROM max(at) - min(at))::float / nullif(count(*) - 1, 0)
      FROM (SELECT at FROM eval_trials t WHERE (t.clinic_id, t.run_id) = (r.clinic_id, r.id) ORDER BY id DESC LIMIT 20) l
    ) END AS seconds_each
  FROM eval_runs r"""
_BRIEF: LiteralString = """SELECT id, scenario, suite, title, critical, noise, number, passed, failures, violations, error,
    seconds, cost_brl::float AS cost_brl, at FROM eval_trials WHERE run_id = %(run)s"""
_WHOLE: LiteralString = """SELECT id, scenario, suite, title, critical, noise, number, passed, failures, violations, error,
    seconds, cost_brl::float AS cost_brl, at, document, evidence, told, judged FROM eval_trials WHERE run_id = %(run)s"""
# The worst first: what must never be, what is missing, what gave no verdict, what is right.
_SHOWN: LiteralString = """WITH shown AS (
    SELECT t.*, CASE WHEN violations <> '[]' THEN 0 WHEN error <> '' THEN 2 WHEN passed THEN 3 ELSE 1 END AS rank
    FROM eval_trials t WHERE run_id = %(run)s AND (%(suite)s::text IS NULL OR suite = %(suite)s)
  ), here AS (SELECT id, rank FROM shown WHERE id = %(id)s)"""
_PAGE: LiteralString = """ SELECT id, scenario, suite, title, critical, noise, number, passed, failures, violations, error,
    seconds, cost_brl::float AS cost_brl, at FROM shown
  WHERE rank = ANY(%(ranks)s) AND (%(id)s::uuid IS NULL
    OR EXISTS (SELECT FROM here h WHERE shown.rank > h.rank OR shown.rank = h.rank AND shown.id < h.id))
  ORDER BY rank, id DESC LIMIT %(limit)s"""
_BESIDE: LiteralString = """, wanted AS (SELECT id, rank FROM shown WHERE rank = ANY(%(ranks)s)),
  earlier AS (SELECT w.* FROM wanted w, here h WHERE w.rank < h.rank OR w.rank = h.rank AND w.id > h.id),
  later AS (SELECT w.* FROM wanted w, here h WHERE w.rank > h.rank OR w.rank = h.rank AND w.id < h.id)
  SELECT (SELECT id FROM earlier ORDER BY rank DESC, id LIMIT 1) AS previous,
    (SELECT id FROM later ORDER BY rank, id DESC LIMIT 1) AS next,
    (SELECT count(*) + 1 FROM earlier)::int AS place, (SELECT count(*) FROM wanted)::int AS of,
    EXISTS (SELECT FROM wanted w WHERE w.id = here.id) AS shown
  FROM here"""
_SCENARIOS: LiteralString = " SELECT scenario FROM shown WHERE rank = ANY(%(ranks)s) GROUP BY scenario ORDER BY min(id::text)"
_WHICH: Mapping[Only, Sequence[int]] = {
    "all": [0, 1, 2, 3], "passed": [3], "failed": [1], "violated": [0], "broken": [2], "wrong": [0, 1, 2],
}  # fmt: skip


async def ask(s: Session, asked: Asked, *, by: str) -> UUID:
    """A run that waits to be played; its id. Rings."""
    run_id = new_id()
    await s.execute(
        "INSERT INTO eval_runs (clinic_id, id, asked, asked_by) VALUES (%(clinic)s, %(id)s, %(asked)s, %(by)s)",
        {"clinic": s.clinic_id, "id": run_id, "asked": Jsonb(asdict(asked)), "by": by},
    )
    await _ring(s)
    return run_id


async def _ring(s: Session) -> None:
    await s.execute("SELECT pg_notify(%(channel)s, '')", {"channel": RUNS})


async def run(s: Session, run_id: UUID) -> RunRow:
    """One run. Raises NoRun."""
    row = await s.one(_RUN + " WHERE r.id = %(id)s", {"id": run_id})
    if row is None:
        raise NoRun
    return _run(row)


async def runs(s: Session, *, before: UUID | None, limit: int) -> list[RunRow]:
    """The newest first, those older than `before`."""
    rows = await s.all(
        _RUN + " WHERE %(before)s::uuid IS NULL OR r.id < %(before)s ORDER BY r.id DESC LIMIT %(limit)s",
        {"before": before, "limit": limit},
    )
    return [_run(row) for row in rows]


async def report(s: Session, run_id: UUID) -> str:
    """Its report, one HTML file. Raises NoRun, NotWritten."""
    row = await s.one("SELECT report FROM eval_runs WHERE id = %(id)s", {"id": run_id})
    if row is None:
        raise NoRun
    if row["report"] is None:
        raise NotWritten
    return str(row["report"])


async def suites(s: Session, run_id: UUID) -> list[SuiteCount]:
    """How each suite of the run went so far."""
    rows = await s.all(
        """SELECT suite, count(DISTINCT scenario) AS scenarios, count(*) AS trials, count(*) FILTER (WHERE passed) AS passed,
                  count(*) FILTER (WHERE NOT passed AND error = '' AND violations = '[]') AS failed,
                  count(*) FILTER (WHERE violations <> '[]') AS violated,
                  count(*) FILTER (WHERE error <> '' AND violations = '[]') AS broken
           FROM eval_trials WHERE run_id = %(run)s GROUP BY suite ORDER BY suite""",
        {"run": run_id},
    )
    return [SuiteCount(**row) for row in rows]


async def trials(
    s: Session, run_id: UUID, *, only: Only = "all", suite: str | None = None, before: UUID | None = None, limit: int
) -> list[TrialRow]:
    """Trials in brief, the worst first and of these the newest; those that come after `before`."""
    rows = await s.all(_SHOWN + _PAGE, {"run": run_id, "suite": suite, "ranks": _WHICH[only], "id": before, "limit": limit})
    return [TrialRow(**_brief(row)) for row in rows]


async def beside(s: Session, run_id: UUID, trial_id: UUID, *, only: Only = "all", suite: str | None = None) -> Beside:
    """What is shown before and after a trial, in the order of `trials`; nothing for one of another suite. Raises NoTrial."""
    given = {"run": run_id, "suite": suite, "ranks": _WHICH[only], "id": trial_id}
    row = await s.one(_SHOWN + _BESIDE, given)
    if row is None:
        await trial(s, run_id, trial_id)
        return Beside(previous=None, next=None, place=None, of=0)
    return Beside(previous=row["previous"], next=row["next"], place=row["place"] if row["shown"] else None, of=row["of"])


async def scenarios(s: Session, run_id: UUID, *, only: Only) -> list[str]:
    """The scenarios of which some trial came out so, each once, in the order they ended first."""
    rows = await s.all(_SHOWN + _SCENARIOS, {"run": run_id, "suite": None, "ranks": _WHICH[only], "id": None})
    return [row["scenario"] for row in rows]


async def trial(s: Session, run_id: UUID, trial_id: UUID) -> TrialWhole:
    """One trial with all that it left. Raises NoTrial."""
    row = await s.one(
        _WHOLE + " AND id = %(id)s",
        {"run": run_id, "id": trial_id},
    )
    if row is None:
        raise NoTrial
    return TrialWhole(**_brief(row))


async def whole(s: Session, run_id: UUID) -> list[TrialWhole]:
    """Every trial of a run, in the order they ended."""
    rows = await s.all(
        _WHOLE + " ORDER BY id",
        {"run": run_id},
    )
    return [TrialWhole(**_brief(row)) for row in rows]


async def outcomes(s: Session, run_id: UUID) -> list[TrialRow]:
    """Every trial of a run, in brief, in the order they ended."""
    rows = await s.all(_BRIEF + " ORDER BY id", {"run": run_id})
    return [TrialRow(**_brief(row)) for row in rows]


async def played(s: Session, run_id: UUID) -> set[tuple[str, str, int]]:
    """(scenario, noise, number) of the trials that are there."""
    rows = await s.all("SELECT scenario, noise, number FROM eval_trials WHERE run_id = %(run)s", {"run": run_id})
    return {(row["scenario"], row["noise"], row["number"]) for row in rows}


# --- what people ask of it ----------------------------------------------------------------------------------------------


async def ask_stop(s: Session, run_id: UUID, *, by: str) -> RunRow:
    """It is to stop; what waits in line stops at once. Raises NoRun, RunOver."""
    found = await run(s, run_id)
    if found.state not in ("queued", "running"):
        raise RunOver
    await s.execute(
        """UPDATE eval_runs SET stop_asked_at = coalesce(stop_asked_at, clock_timestamp()),
             stop_asked_by = coalesce(stop_asked_by, %(by)s),
             state = CASE state WHEN 'queued' THEN 'stopped' ELSE state END,
             ended_at = CASE state WHEN 'queued' THEN clock_timestamp() ELSE ended_at END
           WHERE id = %(id)s AND state IN ('queued', 'running')""",
        {"id": run_id, "by": by},
    )
    return await run(s, run_id)


async def ask_resume(s: Session, run_id: UUID, *, by: str) -> RunRow:
    """It goes on from where it ended before its end. Rings. Raises NoRun, RunGoesOn, RunOver for one that played all."""
    found = await run(s, run_id)
    if found.state in ("queued", "running"):
        raise RunGoesOn
    if found.state == "ended":
        raise RunOver
    await s.execute(
        """UPDATE eval_runs SET state = 'queued', asked_by = %(by)s, stop_asked_at = NULL, stop_asked_by = NULL,
             ended_at = NULL, error = NULL, open = NULL, reasons = '[]', report = NULL
           WHERE id = %(id)s""",
        {"id": run_id, "by": by},
    )
    await _ring(s)
    return await run(s, run_id)


# --- what the process that plays it writes ------------------------------------------------------------------------------


async def claim(s: Session, run_id: UUID, token: UUID, *, lease: timedelta) -> bool:
    """Takes a run that waits, fenced by this token; False when somebody was quicker."""
    taken = await s.execute(
        """UPDATE eval_runs SET state = 'running', lease_token = %(token)s, lease_until = now() + %(lease)s,
             attempts = attempts + 1, began_at = coalesce(began_at, clock_timestamp()), error = NULL
           WHERE id = %(id)s AND state = 'queued'""",
        {"id": run_id, "token": token, "lease": lease},
    )
    return bool(taken)


async def beat(s: Session, run_id: UUID, token: UUID, *, lease: timedelta) -> bool:
    """Still alive; whether it is to stop. Raises Lost."""
    row = await s.one(
        """UPDATE eval_runs SET lease_until = now() + %(lease)s WHERE id = %(id)s AND lease_token = %(token)s
             AND state = 'running' RETURNING stop_asked_at IS NOT NULL AS stop""",
        {"id": run_id, "token": token, "lease": lease},
    )
    if row is None:
        raise Lost
    return bool(row["stop"])


async def describe(
    s: Session, run_id: UUID, token: UUID, *, model: str, tier: str, offline: bool, due: int, head: Mapping[str, Any]
) -> None:
    """Writes down what the run is of. Raises Lost."""
    await _mine(s, run_id, token)
    await s.execute(
        """UPDATE eval_runs SET model = %(model)s, tier = %(tier)s, offline = %(offline)s, due = %(due)s, head = %(head)s
           WHERE id = %(id)s""",
        {"id": run_id, "model": model, "tier": tier, "offline": offline, "due": due, "head": Jsonb(dict(head))},
    )


async def add(s: Session, run_id: UUID, token: UUID, fresh: Fresh) -> None:
    """Writes one trial and counts it. One that is there already changes nothing. Raises Lost."""
    await _mine(s, run_id, token)
    scenario = fresh.scenario
    mark = mark_of(fresh.violations, fresh.error, fresh.failures)
    new = await s.execute(
        """INSERT INTO eval_trials (clinic_id, id, run_id, scenario, suite, title, critical, noise, number, passed, failures,
             violations, error, document, evidence, told, judged, seconds, cost_brl)
           VALUES (%(clinic)s, %(id)s, %(run)s, %(scenario)s, %(suite)s, %(title)s, %(critical)s, %(noise)s, %(number)s,
             %(passed)s, %(failures)s, %(violations)s, %(error)s, %(document)s, %(evidence)s, %(told)s, %(judged)s,
             %(seconds)s, %(cost)s)
           ON CONFLICT (clinic_id, run_id, scenario, noise, number) DO NOTHING""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "run": run_id,
            "scenario": scenario.id,
            "suite": scenario.suite,
            "title": scenario.title,
            "critical": scenario.critical,
            "noise": fresh.noise,
            "number": fresh.number,
            "passed": mark == "passed",
            "failures": Jsonb(list(fresh.failures)),
            "violations": Jsonb(list(fresh.violations)),
            "error": fresh.error,
            "document": Jsonb(scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)),
            "evidence": Jsonb(dict(fresh.evidence)),
            "told": Jsonb(dict(fresh.told)),
            "judged": Jsonb(dict(fresh.judged)),
            "seconds": fresh.seconds,
            "cost": fresh.cost_brl,
        },
    )
    if new:
        await s.execute(
            """UPDATE eval_runs SET done = done + 1, passed = passed + (%(mark)s = 'passed')::int,
                 failed = failed + (%(mark)s = 'failed')::int, violated = violated + (%(mark)s = 'violated')::int,
                 broken = broken + (%(mark)s = 'broken')::int
               WHERE id = %(id)s""",
            {"id": run_id, "mark": mark},
        )


async def finish(
    s: Session,
    run_id: UUID,
    token: UUID,
    *,
    state: RunState,
    open: bool | None = None,
    reasons: Sequence[str] = (),
    figures: Mapping[str, Any] | None = None,
    report: str | None = None,
    error: str | None = None,
) -> None:
    """Its process is done with it: `ended`, `stopped`, `broken`, or `queued` for whoever goes on. Raises Lost."""
    await _mine(s, run_id, token)
    await s.execute(
        """UPDATE eval_runs SET state = %(state)s, open = %(open)s, reasons = %(reasons)s, figures = %(figures)s,
             report = %(report)s, error = %(error)s, lease_token = NULL, lease_until = NULL,
             ended_at = CASE WHEN %(state)s = 'queued' THEN NULL ELSE clock_timestamp() END
           WHERE id = %(id)s""",
        {
            "id": run_id,
            "state": state,
            "open": open,
            "reasons": Jsonb(list(reasons)),
            "figures": Jsonb(dict(figures or {})),
            "report": report,
            "error": error,
        },
    )


async def _mine(s: Session, run_id: UUID, token: UUID) -> None:
    row = await s.one(
        "SELECT FROM eval_runs WHERE id = %(id)s AND lease_token = %(token)s AND state = 'running' FOR UPDATE",
        {"id": run_id, "token": token},
    )
    if row is None:
        raise Lost


async def give_up(s: Session, run_id: UUID, *, error: str, token: UUID | None = None) -> bool:
    """Its process is dead: what was asked to stop has stopped, anything else is broken; what it wrote stays. Whether it was so.

    `token`: of the process, by whoever saw it die, even before it took the run; without one its lease must be over.
    """
    return bool(
        await s.execute(
            """UPDATE eval_runs SET state = CASE WHEN stop_asked_at IS NULL THEN 'broken' ELSE 'stopped' END,
                 error = CASE WHEN stop_asked_at IS NULL THEN %(error)s END,
                 lease_token = NULL, lease_until = NULL, ended_at = clock_timestamp()
               WHERE id = %(id)s AND CASE WHEN %(token)s::uuid IS NULL THEN state = 'running' AND lease_until < now()
                 ELSE state = 'queued' OR state = 'running' AND lease_token = %(token)s END""",
            {"id": run_id, "error": error, "token": token},
        )
    )


def _run(row: dict[str, Any]) -> RunRow:
    return RunRow(**{**row, "asked": Asked.of(row["asked"]), "reasons": tuple(row["reasons"])})


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "failures": tuple(row["failures"]), "violations": tuple(row["violations"])}
