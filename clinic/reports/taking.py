"""What the source closed becomes reports of ours, whatever was read twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from clinic.patients import names
from clinic.reports import findings_store, sends_store, states, store, subjects_store
from clinic.reports.digests import source_digest
from clinic.reports.findings import Findings, find
from clinic.reports.holding import CORRECTED
from clinic.reports.models import Shift, SourceReport, State
from clinic.reports.ranges import ranges_for
from clinic.reports.reviewing import OTHER_NAME
from clinic.reports.shifts import place
from clinic.reports.source_text import source_text
from clinic.reports.states import By
from clinic.reports.subjects_store import Kept, Subject
from clinic.reports.views import Taken
from clinic.tenants.models import Clinic
from db.session import Session
from kit.text import storable

TOO_LONG = "too_long"
MOST = 40_000  # characters of a report as one text


async def take(s: Session, clinic: Clinic, reports: Sequence[SourceReport], *, run_id: UUID | None) -> Taken:
    """Keeps these reports, once for each external id and content; somebody never heard of becomes a person of the clinic.

    One that was corrected before anything left begins anew; after that the correction is a report of its own (`revision`)
    which is written again and then waits for a person ("corrected"). One whose subject the source now calls by a name that
    cannot be theirs is failed at once ("other_name"): an id that was given to somebody else would reach another family.
    """
    counted = Counter([await _take(s, clinic, report, run_id) for report in reports])
    return Taken(counted["new"], counted["corrected"], counted["same"])


async def _take(s: Session, clinic: Clinic, given: SourceReport, run_id: UUID | None) -> str:
    digest, source = source_digest(given), _storable(given)
    last = await subjects_store.last(s, source.external_id)
    if last is not None and last.digest == digest:
        return "same"
    subject = await subjects_store.subject(s, source.subject_id) or await subjects_store.meet(
        s, source.subject_id, names.tidy(source.subject_name) or source.subject_id
    )
    theirs = is_them(subject, source.subject_name)
    if theirs and source.born_on is not None and source.born_on != subject.told:
        await subjects_store.born(s, source.subject_id, source.born_on)
        subject = replace(subject, born=subject.born or source.born_on, told=source.born_on)
    told = _told(clinic, source, subject, digest)
    if last is not None and await _begins_anew(s, last):
        await _correct(s, last, told)
        report_id = last.id
    else:
        added = await _add(s, told, last, run_id)
        if added is None:  # another session took it while we read
            return "same"
        report_id = added
    await findings_store.renewed(s, report_id, told.person_id, told.found.patterns, new=last is None)
    problem = OTHER_NAME if not theirs else TOO_LONG if len(told.text) > MOST else None
    if problem is not None:
        await store.to_failed(s, report_id, error_code=problem)
        await store.note_step(s, report_id, State.PENDING, State.FAILED, By.SOURCE, why=problem)
    return "corrected" if last else "new"


def is_them(subject: Subject, called: str) -> bool:
    """Whether a name of the source may be this person's."""
    return names.same(subject.name, called) or names.same(subject.there, called)


@dataclass(frozen=True, slots=True)
class _Told:
    source: SourceReport
    person_id: UUID
    place: tuple[Shift, date]
    text: str
    digest: str
    found: Findings


def _told(clinic: Clinic, source: SourceReport, subject: Subject, digest: str) -> _Told:
    where, text = place(source, clinic.zone), source_text(source, clinic.zone)
    ranges = ranges_for(subject.born, where[1], clinic=clinic.policies.reports.ranges, own=subject.ranges)
    found = find(text, ranges) if len(text) <= MOST else Findings()
    return _Told(source, subject.person_id, where, text, digest, found)


async def _add(s: Session, told: _Told, last: Kept | None, run_id: UUID | None) -> UUID | None:
    added = await subjects_store.add(
        s,
        told.source,
        told.person_id,
        revision=last.revision + 1 if last else 1,
        place=told.place,
        text=told.text[:MOST],
        digest=told.digest,
        found=told.found,
        run_id=run_id,
    )
    if added is not None:
        await store.note_step(s, added, None, State.PENDING, By.SOURCE, why=CORRECTED if last else "")
    return added


async def _begins_anew(s: Session, last: Kept) -> bool:
    """Whether nothing of it left; what waits to leave is taken back."""
    return last.state is not State.SENT and await sends_store.withdraw(s, last.id, error_code=CORRECTED)


async def _correct(s: Session, last: Kept, told: _Told) -> None:
    await subjects_store.correct(
        s,
        last.id,
        told.source,
        told.person_id,
        place=told.place,
        text=told.text[:MOST],
        digest=told.digest,
        found=told.found,
    )
    if last.state is not State.PENDING:
        states.step(last.state, State.PENDING, By.SOURCE)
    await store.to_pending(s, last.id)
    await store.note_step(s, last.id, last.state, State.PENDING, By.SOURCE, why=CORRECTED)


def _storable(source: SourceReport) -> SourceReport:
    """Without what no database keeps."""
    said = ("external_id", "subject_id", "subject_name", "caregiver", "body")
    return replace(
        source,
        **{name: storable(getattr(source, name)) for name in said},
        vitals=tuple(
            replace(one, name=storable(one.name), value=storable(one.value), unit=storable(one.unit)) for one in source.vitals
        ),
        medications=tuple(
            replace(one, name=storable(one.name), dose=storable(one.dose), note=storable(one.note))
            for one in source.medications
        ),
    )
