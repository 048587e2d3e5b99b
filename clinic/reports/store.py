"""Reports, their versions and steps in Postgres. Whoever moves a report has its row locked (`locked`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from clinic.reports.models import (
    Draft,
    NoReport,
    Problem,
    Report,
    Severity,
    Shift,
    SourceReport,
    State,
    Traced,
)
from clinic.reports.states import By
from clinic.reports.views import Step
from db.session import Session
from kit.ids import new_id

_SOURCES = TypeAdapter(SourceReport)
_TRACED = TypeAdapter(tuple[Traced, ...])
_PROBLEMS = TypeAdapter(tuple[Problem, ...])
_GRAVEST = (Severity.INFO, Severity.ATTENTION, Severity.URGENT)
_READ: LiteralString = """SELECT r.id, r.external_id, r.revision, r.person_id, p.name AS person_name, r.caregiver, r.shift,
  r.day, r.began_at, r.closed_at, r.source_text, r.state, r.version, r.round, r.draft_id, r.approved_digest, r.approved_by,
  r.approved_how, r.approved_at, r.review_reason, r.review_since, r.review_due_at, r.error_code, r.processed_ms, r.taken_at,
  r.sent_at, r.seq, r.queued_at, r.run_id, r.approved_contacts,
  (SELECT max(array_position(ARRAY['info', 'attention', 'urgent'], d.severity)) FROM detected_patterns d
   WHERE d.clinic_id = r.clinic_id AND d.report_id = r.id) AS severity
  FROM reports r JOIN people p ON p.clinic_id = r.clinic_id AND p.id = r.person_id"""


async def report(s: Session, report_id: UUID) -> Report:
    """Raises NoReport."""
    row = await s.one(_READ + " WHERE r.clinic_id = %(clinic)s AND r.id = %(id)s", {"clinic": s.clinic_id, "id": report_id})
    if row is None:
        raise NoReport
    return _report(row)


async def locked(s: Session, report_id: UUID) -> Report:
    """The report, nobody else moving it until the end of the transaction. Raises NoReport."""
    row = await s.one(
        _READ + " WHERE r.clinic_id = %(clinic)s AND r.id = %(id)s FOR UPDATE OF r", {"clinic": s.clinic_id, "id": report_id}
    )
    if row is None:
        raise NoReport
    return _report(row)


async def page(
    s: Session,
    *,
    states: Collection[State],
    day_from: date | None,
    day_to: date | None,
    person: UUID | None,
    limit: int,
    before: int | None,
) -> list[Report]:
    """The newest taken first."""
    rows = await s.all(
        _READ
        + """ WHERE r.clinic_id = %(clinic)s AND (%(all)s OR r.state = ANY(%(states)s))
             AND (%(from)s::date IS NULL OR r.day >= %(from)s) AND (%(to)s::date IS NULL OR r.day <= %(to)s)
             AND (%(person)s::uuid IS NULL OR r.person_id = %(person)s) AND (%(before)s::bigint IS NULL OR r.seq < %(before)s)
           ORDER BY r.seq DESC LIMIT %(limit)s""",
        {
            "clinic": s.clinic_id,
            "all": not states,
            "states": [one.value for one in states],
            "from": day_from,
            "to": day_to,
            "person": person,
            "before": before,
            "limit": limit,
        },
    )
    return [_report(row) for row in rows]


async def by_deadline(s: Session, *, states: Collection[State], limit: int, skip: int) -> list[Report]:
    """What only a person lets go first, then by when the fallback text would."""
    rows = await s.all(
        _READ
        + """ WHERE r.clinic_id = %(clinic)s AND r.state = ANY(%(states)s)
           ORDER BY
             ARRAY[coalesce(r.review_reason, ''), coalesce(r.error_code, '')] && ARRAY['other_name', 'report_person'] DESC,
             r.review_due_at NULLS FIRST, r.seq LIMIT %(limit)s OFFSET %(skip)s""",
        {"clinic": s.clinic_id, "states": [one.value for one in states], "limit": limit, "skip": skip},
    )
    return [_report(row) for row in rows]


async def source(s: Session, report_id: UUID) -> SourceReport:
    """As it was taken. Raises NoReport."""
    row = await s.one(
        "SELECT source FROM reports WHERE clinic_id = %(clinic)s AND id = %(id)s", {"clinic": s.clinic_id, "id": report_id}
    )
    if row is None:
        raise NoReport
    return _SOURCES.validate_python(row["source"])


def written(source: SourceReport) -> Any:
    """A report of the source as JSON."""
    return _SOURCES.dump_python(source, mode="json")


async def keep_drafts(s: Session, report_id: UUID, drafts: Sequence[Draft]) -> None:
    """Versions as they were written; none is ever changed."""
    await s.many(
        """INSERT INTO report_drafts (clinic_id, id, report_id, round, author, text, digest, traced, problems, model, ms,
                                      cost_brl, by)
           VALUES (%(clinic)s, %(id)s, %(report)s, %(round)s, %(author)s, %(text)s, %(digest)s, %(traced)s, %(problems)s,
                   %(model)s, %(ms)s, %(cost)s, %(by)s)""",
        [
            {
                "clinic": s.clinic_id,
                "id": one.id,
                "report": report_id,
                "round": one.round,
                "author": one.author,
                "text": one.text,
                "digest": one.digest,
                "traced": Jsonb(_TRACED.dump_python(one.traced, mode="json")),
                "problems": Jsonb(_PROBLEMS.dump_python(one.problems, mode="json")),
                "model": one.model,
                "ms": one.ms,
                "cost": one.cost_brl,
                "by": one.by,
            }
            for one in drafts
        ],
    )


async def drafts(s: Session, report_id: UUID) -> tuple[Draft, ...]:
    """Every version, oldest first."""
    rows = await s.all(
        """SELECT id, round, author, text, traced, problems, model, ms, cost_brl, by, at FROM report_drafts
           WHERE clinic_id = %(clinic)s AND report_id = %(report)s ORDER BY at, round, id""",
        {"clinic": s.clinic_id, "report": report_id},
    )
    return tuple(_draft(row) for row in rows)


async def draft(s: Session, draft_id: UUID) -> Draft | None:
    """One version."""
    row = await s.one(
        """SELECT id, round, author, text, traced, problems, model, ms, cost_brl, by, at FROM report_drafts
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": draft_id},
    )
    return _draft(row) if row else None


async def note_step(
    s: Session, report_id: UUID, was: State | None, became: State, hand: By, *, by: str = "", why: str = ""
) -> None:
    """Who moved it, and why; never changed."""
    await s.execute(
        """INSERT INTO report_steps (clinic_id, id, report_id, was, became, hand, by, why)
           VALUES (%(clinic)s, %(id)s, %(report)s, %(was)s, %(became)s, %(hand)s, %(by)s, %(why)s)""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "report": report_id,
            "was": was.value if was else None,
            "became": became.value,
            "hand": hand.value,
            "by": by[:60],
            "why": why[:1000],
        },
    )


async def steps(s: Session, report_id: UUID) -> tuple[Step, ...]:
    """How it came where it is, oldest first."""
    rows = await s.all(
        """SELECT at, was, became, hand, by, why FROM report_steps
           WHERE clinic_id = %(clinic)s AND report_id = %(report)s ORDER BY at, id""",
        {"clinic": s.clinic_id, "report": report_id},
    )
    return tuple(
        Step(
            row["at"],
            State(row["was"]) if row["was"] else None,
            State(row["became"]),
            row["hand"],
            row["by"],
            row["why"],
        )
        for row in rows
    )


async def to_pending(s: Session, report_id: UUID, *, at_once: bool = False) -> None:
    """It begins anew: nothing of it stands or is approved. `at_once`: somebody waits for it, it waits for no run."""
    await s.execute(
        """UPDATE reports SET state = 'pending', version = version + 1, round = 0, draft_id = NULL, approved_digest = NULL,
             approved_contacts = NULL, approved_by = NULL, approved_how = NULL, approved_at = NULL, review_reason = NULL,
             review_since = NULL, review_due_at = NULL, notified_at = NULL, attempts = 0, lease_until = NULL,
             lease_token = NULL, retry_at = CASE WHEN %(at_once)s THEN now() END, error_code = NULL, queued_at = NULL,
             updated_at = clock_timestamp()
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": report_id, "at_once": at_once},
    )


async def to_failed(s: Session, report_id: UUID, *, error_code: str) -> None:
    """Nothing of it may go as it is."""
    await s.execute(
        """UPDATE reports SET state = 'failed', version = version + 1, lease_until = NULL, lease_token = NULL, attempts = 0,
             error_code = %(error)s, updated_at = clock_timestamp() WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": report_id, "error": error_code[:100]},
    )


async def to_review(s: Session, report_id: UUID, *, reason: str, since: datetime, within: timedelta) -> None:
    """It waits for a person, at most so long; whatever was approved is not any more."""
    await s.execute(
        """UPDATE reports SET state = 'review', version = version + 1, review_reason = %(reason)s, review_since = %(since)s,
             review_due_at = %(due)s, notified_at = NULL, approved_digest = NULL, approved_contacts = NULL,
             approved_by = NULL, approved_how = NULL, approved_at = NULL, queued_at = NULL, lease_until = NULL,
             lease_token = NULL, attempts = 0, updated_at = clock_timestamp()
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": report_id, "reason": reason, "since": since, "due": since + within},
    )


async def stand(s: Session, report_id: UUID, one: Draft, *, due_at: datetime | None = None) -> None:
    """This version is what stands. `due_at`: who decides has until then, if that is later."""
    await s.execute(
        """UPDATE reports SET draft_id = %(draft)s, round = %(round)s, version = version + 1,
             review_due_at = greatest(review_due_at, %(due)s), updated_at = clock_timestamp()
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": report_id, "draft": one.id, "round": one.round, "due": due_at},
    )


async def approve(
    s: Session, report_id: UUID, state: State, one: Draft, contacts: Collection[UUID], *, how: str, by: str
) -> None:
    """These words may go to these contacts."""
    await s.execute(
        """UPDATE reports SET state = %(state)s, version = version + 1, draft_id = %(draft)s, round = %(round)s,
             approved_digest = %(digest)s, approved_contacts = %(contacts)s, approved_by = %(by)s, approved_how = %(how)s,
             approved_at = clock_timestamp(), lease_until = NULL, lease_token = NULL, attempts = 0, error_code = NULL,
             queued_at = NULL, updated_at = clock_timestamp() WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {
            "clinic": s.clinic_id,
            "id": report_id,
            "state": state.value,
            "draft": one.id,
            "round": one.round,
            "digest": one.digest,
            "contacts": sorted(contacts),
            "by": by,
            "how": how,
        },
    )


async def note_processed(s: Session, report_id: UUID, *, ms: int) -> None:
    """How long writing took, milliseconds."""
    await s.execute(
        """UPDATE reports SET processed_ms = %(ms)s, processed_at = clock_timestamp()
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": report_id, "ms": ms},
    )


def _report(row: DictRow) -> Report:
    gravest = row.pop("severity")
    return Report(
        **{
            **row,
            "shift": Shift(row["shift"]),
            "state": State(row["state"]),
            "approved_contacts": frozenset(row["approved_contacts"] or ()),
        },
        severity=_GRAVEST[gravest - 1] if gravest else None,
    )


def _draft(row: DictRow) -> Draft:
    return Draft(
        **{
            **row,
            "traced": _TRACED.validate_python(row["traced"]),
            "problems": _PROBLEMS.validate_python(row["problems"]),
            "cost_brl": float(row["cost_brl"]),
        }
    )
