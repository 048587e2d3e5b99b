"""What the clinic's tables say: services, prices, hours, addresses, convênios. Never a document."""

from __future__ import annotations

from datetime import timedelta

from clinic.scheduling import when
from clinic.tenants import lookup
from clinic.tenants.models import Service
from tools import views
from tools.arguments import ClinicFacts, ListServices
from tools.context import Result, ToolContext

_COMING = timedelta(days=13)  # views.days tells today and these


async def list_services(ctx: ToolContext, args: ListServices) -> Result:
    """The services these words may mean, or all of them."""
    chosen = lookup.services(ctx.clinic, args.query) if args.query else list(ctx.clinic.services)
    return {"services": [views.service(ctx.clinic, one) for one in chosen or ctx.clinic.services]}


async def clinic_facts(ctx: ToolContext, args: ClinicFacts) -> Result:
    """One topic of the clinic's tables, narrowed by the patient's words where they name something."""
    clinic, topic = ctx.clinic, args.topic
    chosen = _about(ctx, args.about)
    found: Result = {"topic": topic}
    if topic in ("hours", "address", "all"):
        found["units"] = [views.unit(one) for one in clinic.units]
    if topic in ("hours", "all"):
        found["days"] = [*views.days(clinic, ctx.now), *_day_asked(ctx, args.about)]
    if topic in ("prices", "preparation", "all"):
        found["services"] = [views.service(clinic, one) for one in chosen]
    if topic in ("convenios", "all"):
        named = lookup.convenios(clinic, args.about) if args.about else []
        found["convenios"] = [views.convenio(clinic, one) for one in named or clinic.convenios]
    if topic in ("professionals", "all"):
        found["professionals"] = [views.professional(clinic, one) for one in clinic.professionals]
    if topic in ("payment", "address", "all"):
        found["facts"] = dict(clinic.facts)
    return found


def _day_asked(ctx: ToolContext, about: str | None) -> list[views.View]:
    """The one day the words name ("natal", "dia 8 de dezembro"), when it is beyond the coming days."""
    asked = when.resolve(about, now=ctx.now, zone=ctx.clinic.zone) if about else None
    day = asked.first_day if asked and asked.first_day == asked.last_day else None
    return views.days(ctx.clinic, ctx.now, start=day, count=1) if day and day > ctx.local_now.date() + _COMING else []


def _about(ctx: ToolContext, about: str | None) -> list[Service]:
    return (lookup.services(ctx.clinic, about) if about else []) or list(ctx.clinic.services)
