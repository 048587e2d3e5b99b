"""The writer and the reviewer of this process: by the settings' models, or by template and rules alone where there is none."""

from __future__ import annotations

from agent.models import Role, brains
from agent.reports.offline import ChecksAlone, TemplateWriter
from agent.reports.order import Order
from agent.reports.reviewer import ModelReviewer, Reviewer
from agent.reports.writer import ModelWriter, Writer
from clinic.reports.history import History, as_json
from clinic.reports.models import Pattern, Severity, Span, Trend
from clinic.reports.views import Outcome, Work
from clinic.tenants.models import Clinic
from graphs.report import Desk, written
from jobs.reports_checking import order_for
from jobs.reports_works import Mind
from kit.settings import Settings


def mind_of(settings: Settings) -> Mind:
    """By the settings of this process."""
    if settings.offline:
        return GraphMind(TemplateWriter(), ChecksAlone())
    models = brains(settings)
    return GraphMind(ModelWriter(models.role(Role.WRITER)), ModelReviewer(models.role(Role.REVIEWER)))


class GraphMind:
    """Thinks by `graphs/report.py`."""

    def __init__(self, writer: Writer, reviewer: Reviewer) -> None:
        self._writer, self._reviewer = writer, reviewer

    async def write(self, clinic: Clinic, work: Work) -> Outcome:
        """Every version with what it rests on, and what stands out in the report. Raises Unavailable."""
        order = order_of(clinic, work)
        result = await written(Desk(order, self._writer, self._reviewer))
        patterns = (*order.patterns, *trend_of(order.history, order.text))
        return Outcome(result.approved, result.drafts, patterns, ms=result.ms, error_code=result.error_code)


def order_of(clinic: Clinic, work: Work) -> Order:
    """What is to be written, from the report as it was taken."""
    return order_for(clinic, work.report, work.ranges, work.findings, work.history, asked=work.asked)


def trend_of(found: History, text: str) -> tuple[Pattern, ...]:
    """How the person is over their last reports, kept beside what stands out in this one; nothing where too little is known."""
    if found.trend is Trend.UNKNOWN or not text:
        return ()
    severity = Severity.ATTENTION if found.trend is Trend.WORSENING else Severity.INFO
    return (Pattern("trend", found.trend.value, severity, Span(0, len(text)), as_json(found)),)
