"""What was found in reports, in Postgres: found once for each rules that read it, kept beside the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from psycopg.types.range import Range

from clinic.reports.findings import Findings, find, rules_of
from clinic.reports.history import Past
from clinic.reports.models import Pattern, Report, Severity, Span
from clinic.reports.ranges import Ranges
from db.session import Session
from kit.ids import new_id

_TREND = "trend"  # not found in the report alone: kept by whoever wrote it


async def remembered(s: Session, of: Report, ranges: Ranges, *, limit: int) -> tuple[Findings, tuple[Past, ...]]:
    """What was found in this report, and in at most `limit` of the same person's that were closed before it, newest first; of
    a corrected one the last correction. What other rules found is found again, and kept where nobody else is at that report.
    """
    rules = rules_of(ranges)
    rows = await s.all(
        """SELECT r.id, r.closed_at, r.rules, r.measures, d.patterns,
             CASE WHEN r.rules IS DISTINCT FROM %(rules)s THEN r.source_text END AS text
           FROM (SELECT id, closed_at, rules, measures, source_text, clinic_id FROM reports
                 WHERE clinic_id = %(clinic)s AND id = %(id)s
                 UNION ALL
                 (SELECT id, closed_at, rules, measures, source_text, clinic_id FROM reports q
                  WHERE clinic_id = %(clinic)s AND person_id = %(person)s AND closed_at < %(closed)s
                    AND external_id <> %(external)s
                    AND NOT EXISTS (SELECT FROM reports n WHERE n.clinic_id = q.clinic_id AND n.external_id = q.external_id
                                    AND n.revision > q.revision)
                  ORDER BY closed_at DESC LIMIT %(limit)s)) r
           LEFT JOIN LATERAL (
             SELECT jsonb_agg(jsonb_build_array(kind, key, severity, lower(span), upper(span), details)
                              ORDER BY span, key) AS patterns
             FROM detected_patterns p
             WHERE p.clinic_id = r.clinic_id AND p.report_id = r.id AND p.kind <> 'trend'
               AND r.rules IS NOT DISTINCT FROM %(rules)s) d ON true""",
        {
            "clinic": s.clinic_id,
            "id": of.id,
            "person": of.person_id,
            "closed": of.closed_at,
            "external": of.external_id,
            "rules": rules,
            "limit": limit,
        },
    )
    found = {row["id"]: _findings(row, ranges) for row in rows}
    if stale := sorted(row["id"] for row in rows if row["text"] is not None):
        for report_id in await _ours(s, stale):
            await renew(s, report_id, of.person_id, found[report_id])
    past = [Past(str(row["id"]), row["closed_at"], found[row["id"]]) for row in rows if row["id"] != of.id]
    return found[of.id], tuple(sorted(past, key=lambda one: one.closed_at, reverse=True))


async def renew(s: Session, report_id: UUID, person_id: UUID, found: Findings) -> None:
    """In the place of what was found before."""
    await s.execute(
        "UPDATE reports SET rules = %(rules)s, measures = %(measures)s WHERE clinic_id = %(clinic)s AND id = %(id)s",
        {"clinic": s.clinic_id, "id": report_id, "rules": found.rules, "measures": Jsonb(dict(found.measures))},
    )
    await s.execute(
        "DELETE FROM detected_patterns WHERE clinic_id = %(clinic)s AND report_id = %(id)s AND kind <> 'trend'",
        {"clinic": s.clinic_id, "id": report_id},
    )
    await keep(s, report_id, person_id, found.patterns)


async def renewed(s: Session, report_id: UUID, person_id: UUID, patterns: Sequence[Pattern], *, new: bool) -> None:
    """What stands out in a report as it was just taken; of one that is not new nothing of before stays."""
    if not new:
        await s.execute(
            "DELETE FROM detected_patterns WHERE clinic_id = %(clinic)s AND report_id = %(id)s",
            {"clinic": s.clinic_id, "id": report_id},
        )
    await keep(s, report_id, person_id, patterns)


async def keep(s: Session, report_id: UUID, person_id: UUID, patterns: Sequence[Pattern]) -> None:
    """Adds what stands out in a report."""
    await s.many(
        """INSERT INTO detected_patterns (clinic_id, id, report_id, person_id, kind, key, severity, span, details)
           VALUES (%(clinic)s, %(id)s, %(report)s, %(person)s, %(kind)s, %(key)s, %(severity)s, %(span)s, %(details)s)""",
        [
            {
                "clinic": s.clinic_id,
                "id": new_id(),
                "report": report_id,
                "person": person_id,
                "kind": one.kind,
                "key": one.key,
                "severity": one.severity.value,
                "span": Range(one.span.start, one.span.end),
                "details": Jsonb(dict(one.details)),
            }
            for one in patterns
        ],
    )


async def replace(s: Session, of: Report, patterns: Sequence[Pattern], *, known: Sequence[Pattern]) -> None:
    """What whoever wrote it holds of it; `known` is what was kept already and need not be written twice."""
    trends = [one for one in patterns if one.kind == _TREND]
    others = [one for one in patterns if one.kind != _TREND]
    same = others == list(known)
    await s.execute(
        """DELETE FROM detected_patterns WHERE clinic_id = %(clinic)s AND report_id = %(id)s
             AND (NOT %(same)s OR kind = 'trend')""",
        {"clinic": s.clinic_id, "id": of.id, "same": same},
    )
    await keep(s, of.id, of.person_id, trends if same else [*others, *trends])


async def patterns(s: Session, report_id: UUID) -> tuple[Pattern, ...]:
    """What stands out in a report, in the order of its text."""
    rows = await s.all(
        """SELECT kind, key, severity, lower(span) AS start, upper(span) AS stop, details FROM detected_patterns
           WHERE clinic_id = %(clinic)s AND report_id = %(id)s ORDER BY span, key""",
        {"clinic": s.clinic_id, "id": report_id},
    )
    return tuple(_pattern(*row.values()) for row in rows)


async def _ours(s: Session, ids: Sequence[UUID]) -> list[UUID]:
    """Those that nobody else is at, locked."""
    rows = await s.all(
        """SELECT id FROM reports WHERE clinic_id = %(clinic)s AND id = ANY(%(ids)s) ORDER BY id
           FOR NO KEY UPDATE SKIP LOCKED""",
        {"clinic": s.clinic_id, "ids": list(ids)},
    )
    return [row["id"] for row in rows]


def _findings(row: DictRow, ranges: Ranges) -> Findings:
    if row["text"] is not None:
        return find(row["text"], ranges)
    return Findings(tuple(_pattern(*one) for one in row["patterns"] or ()), row["measures"], row["rules"])


def _pattern(kind: str, key: str, severity: str, start: int | None, stop: int | None, details: dict[str, Any]) -> Pattern:
    return Pattern(kind, key, Severity(severity), Span(start or 0, stop or 0), details)  # an empty span has no ends
