"""A provider's event, handed to the clinic's verb for it. Each event is one short transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from channels.base import Echo, Event, Ignored, Inbound, LinkChange, LinkState, Moved, Status, TemplateChange
from clinic.conversations import inbox, moving_store
from clinic.conversations.events_store import Unstorable, storable
from clinic.conversations.files.media_store import HEARS
from clinic.conversations.handover import takeover
from clinic.conversations.models import QuietWindow
from clinic.conversations.outgoing import statuses
from clinic.tenants import rails_store, wires_store
from clinic.tenants.service import clinic_for
from clinic.tenants.wires import Wire
from db.pool import Pool
from db.session import clinic_session
from jobs import links
from jobs.arrivals import aliases_of, arrival_of, said_of
from kit.clock import utc_now
from kit.log import bound, get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ear:
    """Hears one wire's webhook."""

    pool: Pool
    wire: Wire
    quiet: QuietWindow
    request_id: str
    patience: timedelta = HEARS  # with a voice note

    async def hear(self, events: list[Event]) -> list[str]:
        """Stores every event of this wire, in order; returns why some could not be understood or stored.

        Raises Unavailable when Postgres does not answer: what was stored before stays, and the wire's retry is deduped.
        """
        reasons = []
        with bound(clinic_id=str(self.wire.clinic_id)):
            for event in events:
                try:
                    async with storable():
                        reason = await self._one(event)
                except Unstorable as error:
                    log.error("event_not_storable", kind=type(event).__name__, reason=str(error))
                    reason = f"unstorable: {error}"
                if reason:
                    reasons.append(reason)
        return reasons

    async def _one(self, event: Event) -> str | None:
        match event:
            case Inbound():
                await self._inbound(event)
            case Echo():
                await self._echo(event)
            case Status():
                await self._status(event)
            case LinkChange():
                await self._link(event)
            case TemplateChange():
                await self._template(event)
            case Moved():
                await self._moved(event)
            case Ignored(unknown=True):
                return event.reason
            case Ignored():
                pass
        return None

    async def _inbound(self, event: Inbound) -> None:
        arrival = arrival_of(event, self.wire.id, request_id=self.request_id)
        async with clinic_session(self.pool, self.wire.clinic_id) as s:
            stored = await inbox.receive(s, arrival, now=utc_now(), quiet=self.quiet, hears=self.patience)
        log.info("received", conversation_id=str(stored.conversation_id), new=stored.new, kind=event.kind)

    async def _echo(self, event: Echo) -> None:
        said = said_of(event, self.wire.id, request_id=self.request_id)
        async with clinic_session(self.pool, self.wire.clinic_id) as s:
            heard = await takeover.hear_echo(s, said, now=utc_now())
        log.info("echo", heard=heard.value)

    async def _status(self, event: Status) -> None:
        clinic = await clinic_for(self.pool, self.wire.clinic_id)
        async with clinic_session(self.pool, self.wire.clinic_id) as s:
            noted = await statuses.hear_status(
                s,
                clinic,
                self.wire.id,
                provider_id=event.provider_id,
                status=event.status,
                reference=_uuid(event.reference),
                error_code=event.error_code,
                now=utc_now(),
            )
        ours = str(noted.id) if noted else None
        log.info("status", outbox_id=ours, status=event.status.value, code=event.error_code)

    async def _link(self, event: LinkChange) -> None:
        """The wire's own connection. Only what it cannot mend by itself is an error."""
        say = log.error if event.state is LinkState.CLOSED else log.info
        say("wire_link", account_id=str(self.wire.id), state=event.state.value, reason=event.reason, code=event.code)
        if event.state is not LinkState.UNKNOWN:
            reason = f"{event.reason}:{event.code}" if event.code else event.reason
            async with clinic_session(self.pool, self.wire.clinic_id) as s:
                await links.note(s, self.wire.id, event.state.value, reason)

    async def _template(self, event: TemplateChange) -> None:
        """A business has one list of templates for all its numbers."""
        log.info("template_decided", account_id=str(self.wire.id), template=event.name, state=event.state)
        async with clinic_session(self.pool, self.wire.clinic_id) as s:
            for wire in await wires_store.wires(s, self.wire.kind):
                await rails_store.note_template(
                    s,
                    wire.id,
                    name=event.name,
                    language=event.language,
                    state=event.state,
                    reason=event.reason,
                    at=event.at,
                )

    async def _moved(self, event: Moved) -> None:
        before, after = aliases_of(event.before), aliases_of(event.after)
        async with clinic_session(self.pool, self.wire.clinic_id) as s:
            ours = await moving_store.hear_moved(s, self.wire.id, before, after, event.reply_to)
        log.warning("contact_moved", account_id=str(self.wire.id), ours=ours)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
