"""What a run of reports works with: the source it reads, the mind that writes, the bells it rings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from channels.primecare.base import Source
from clinic.reports.runs import RUN_SECONDS
from clinic.reports.views import Outcome, Work
from clinic.tenants.models import Clinic
from db.pool import Pool


class Mind(Protocol):
    """The writer and the reviewer."""

    async def write(self, clinic: Clinic, work: Work) -> Outcome:
        """A report for the family, or why there is none. Raises Unavailable when a model is down."""
        ...


class Rings(Protocol):
    """Who is told that there is work: bells only, the rows say what is due."""

    async def write(self, clinic_id: UUID, report_id: UUID) -> bool:
        """A report waits to be written."""
        ...

    async def run(self, clinic_id: UUID, run_id: UUID) -> bool:
        """A run waits for somebody to go on with it."""
        ...


Sources = Callable[[Clinic], Source | None]  # None: the clinic has none configured. Raises BadSource.
Tells = Callable[..., None]  # (event, **figures): progress, for whoever watches


def _untold(event: str, **figures: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Works:
    """`rings` None: nobody else is asked, reports are written here, `at_once` at a time. `seconds`: of a whole run."""

    pool: Pool
    mind: Mind
    source_of: Sources
    rings: Rings | None = None
    seconds: float = RUN_SECONDS
    at_once: int = 2
    tell: Tells = _untold
