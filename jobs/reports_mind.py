"""The writer and the reviewer of this process."""

from __future__ import annotations

from clinic.reports.views import Outcome, Work
from clinic.tenants.models import Clinic
from jobs.reports_works import Mind
from kit.errors import Unavailable
from kit.settings import Settings


class _Nobody:
    async def write(self, clinic: Clinic, work: Work) -> Outcome:
        raise Unavailable("there is no writer yet")


def mind_of(settings: Settings) -> Mind:
    """By the settings of this process."""
    return _Nobody()
