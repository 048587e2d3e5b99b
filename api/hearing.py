"""A provider's event, handed to the clinic's verb for it. Each event is one short transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from channels.base import Alias, AliasKind, Echo, Event, Ignored, Inbound, Status
from clinic.conversations import inbox, statuses, takeover
from clinic.conversations.events_store import Unstorable, storable
from clinic.conversations.models import Arrival, QuietWindow
from clinic.patients.models import ContactAlias
from clinic.tenants.service import clinic_for
from clinic.tenants.wires import Wire
from db.pool import Pool
from db.session import clinic_session
from kit.clock import utc_now
from kit.log import bound, get_logger

log = get_logger(__name__)

# A number is recycled, an id given by the business platform is not: when they disagree the id is believed.
_TRUST = (AliasKind.BSUID, AliasKind.PHONE, AliasKind.WA_ID, AliasKind.LID, AliasKind.CONSOLE)
_ADDRESSES = (AliasKind.WA_ID, AliasKind.LID, AliasKind.BSUID, AliasKind.PHONE)
_SESSION_ENDED = frozenset({"connection:close", "connection:refused", "instance:closed", "logout", "removed"})


@dataclass(frozen=True, slots=True)
class Ear:
    """Hears one wire's webhook."""

    pool: Pool
    wire: Wire
    quiet: QuietWindow
    request_id: str

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
            case Ignored(unknown=True):
                return event.reason
            case Ignored():
                if event.reason in _SESSION_ENDED:
                    log.error("wire_session_ended", account_id=str(self.wire.id), reason=event.reason)
        return None

    async def _inbound(self, event: Inbound) -> None:
        extras = {"choice_id": event.choice_id, "quoted_id": event.quoted_id}
        arrival = Arrival(
            account_id=self.wire.id,
            provider_id=event.provider_id,
            aliases=_aliases(event.aliases),
            reply_to=event.reply_to,
            text=event.text,
            kind=event.kind,
            display_name=event.display_name,
            sent_at=event.sent_at,
            payload={**event.payload, **{name: value for name, value in extras.items() if value}},
            request_id=self.request_id,
        )
        async with clinic_session(self.pool, self.wire.clinic_id) as s:
            stored = await inbox.receive(s, arrival, now=utc_now(), quiet=self.quiet)
        log.info("received", conversation_id=str(stored.conversation_id), new=stored.new, kind=event.kind)

    async def _echo(self, event: Echo) -> None:
        said = takeover.Said(
            account_id=self.wire.id,
            provider_id=event.provider_id,
            aliases=_aliases(event.aliases),
            reply_to=_address(event.aliases),
            kind=event.kind,
            text=event.text,
            sent_at=event.sent_at,
            request_id=self.request_id,
        )
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


def _aliases(aliases: tuple[Alias, ...]) -> tuple[ContactAlias, ...]:
    ranked = sorted(aliases, key=lambda alias: _TRUST.index(alias.kind))
    return tuple(ContactAlias(alias.kind.value, alias.value) for alias in ranked)


def _address(aliases: tuple[Alias, ...]) -> str:
    """Where to write to the person of an echo, which names no address of its own."""
    ranked = sorted(aliases, key=lambda alias: _ADDRESSES.index(alias.kind))
    return ranked[0].value.removeprefix("+")


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
