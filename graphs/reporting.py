"""A report as a worker holds it, told to a family: what stands out, how the person has been, the graph, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.models import Brains, Role
from agent.reports.offline import ChecksAlone, TemplateWriter
from agent.reports.order import Order
from agent.reports.reviewer import ModelReviewer, Reviewer
from agent.reports.writer import ModelWriter, Writer
from clinic.reports.history import History, Past, history
from clinic.reports.patterns import detect
from clinic.reports.views import Outcome, Work
from clinic.tenants.models import Clinic
from graphs.report import Budget, Desk, written


@dataclass(frozen=True, slots=True)
class Reporter:
    """The writer and the reviewer that the settings name; without a model, the template and the checks alone."""

    brains: Brains
    budget: Budget = field(default_factory=Budget)

    async def write(self, clinic: Clinic, work: Work) -> Outcome:
        """A report for the family, or why there is none. Raises ModelUnavailable when no model answers."""
        order = order_of(clinic, work)
        writer, reviewer = self._people()
        result = await written(Desk(order, writer, reviewer, self.budget))
        return Outcome(result.approved, result.drafts, order.patterns, result.ms, result.error_code)

    def _people(self) -> tuple[Writer, Reviewer]:
        if self.brains.offline:
            return TemplateWriter(), ChecksAlone()
        return ModelWriter(self.brains.role(Role.WRITER)), ModelReviewer(self.brains.role(Role.REVIEWER))


def order_of(clinic: Clinic, work: Work) -> Order:
    """What is to be written of a report."""
    report = work.report
    return Order(
        text=report.source_text,
        person=work.person_name,
        caregiver=work.caregiver,
        shift=report.shift,
        day=report.day,
        clinic=clinic.name,
        signs=clinic.persona.name,
        tone=clinic.persona.tone,
        patterns=detect(report.source_text),
        history=history_of(work),
        asked=work.asked,
    )


def history_of(work: Work) -> History:
    """How the person has been over their last reports, this one the last."""
    before = (Past(str(one.report_id), one.closed_at, one.text) for one in work.history)
    return history([*before, Past(str(work.report.id), work.report.closed_at, work.report.source_text)])
