"""A text that may not be sent because the patient has not written for a day: it waits, and a template asks them to write."""

from __future__ import annotations

from uuid import UUID

from clinic.conversations.outgoing import leaving_store, reengage
from clinic.conversations.outgoing.leaving import Standing, withheld_until
from clinic.tenants import rails_store
from clinic.tenants.models import Clinic
from clinic.tenants.policies import Template
from db.session import Session

REFUSED = "131047"  # the platform's own word for a closed window, at once or in a later status


async def template_for(s: Session, clinic: Clinic, account_id: UUID, *, report: bool = False) -> Template | None:
    """The template that may ask a patient of this wire to write; `report`: what waits is a report to a family."""
    templates = clinic.policies.messaging.templates
    if not templates:
        return None
    return reengage.usable(templates, await rails_store.template_states(s, account_id), report=report)


async def ask_to_write(
    s: Session,
    template: Template,
    standing: Standing,
    *,
    conversation_id: UUID,
    account_id: UUID,
    reply_to: str,
    report: bool = False,
) -> bool:
    """Queues the template, once until the patient writes. False: they were asked before."""
    about_visit = await leaving_store.about_visit(s, conversation_id)
    call = reengage.call(template, name=standing.name, about_visit=about_visit, report=report)
    return await leaving_store.ask_to_write(
        s, call, conversation_id=conversation_id, account_id=account_id, reply_to=reply_to, wrote_at=standing.wrote_at
    )


async def refused(s: Session, clinic: Clinic, outbox_id: UUID) -> bool:
    """The wire says that the window of a text of ours is closed: the text waits. False: it cannot, and a person must know."""
    row = await leaving_store.queued(s, outbox_id)
    if row is None or "template" in row.content:
        return False
    standing = await leaving_store.standing(s, row.conversation_id, row.account_id)
    template = await template_for(s, clinic, row.account_id, report=row.report)
    until = withheld_until(row.created_at, row.expires_at)
    if template is None or standing.opted_out or standing.now >= until:
        return False
    if not await leaving_store.withhold(s, outbox_id, until=until):
        return False
    await ask_to_write(
        s,
        template,
        standing,
        conversation_id=row.conversation_id,
        account_id=row.account_id,
        reply_to=row.reply_to,
        report=row.report,
    )
    return True
