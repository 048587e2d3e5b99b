"""Which reports a person reads before the family does, though the reviewer agreed. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from clinic.reports.models import Pattern, Report, Severity
from clinic.tenants.models import Clinic

URGENT, CORRECTED = "urgent", "corrected"


def held(clinic: Clinic, report: Report, patterns: Iterable[Pattern]) -> str | None:
    """Why a report that the reviewer agreed to waits for a person all the same, a code. None: it does not.

    One that is urgent and a correction is "urgent": that it corrects stands beside it anyway.
    """
    if is_urgent(clinic, *(one.severity for one in patterns)):
        return URGENT
    return CORRECTED if report.revision > 1 else None


def is_urgent(clinic: Clinic, *found: Severity | None) -> bool:
    """Whether something so grave is a person's to tell first, where the clinic has not chosen otherwise."""
    return clinic.policies.reports.urgent == "person" and Severity.URGENT in found
