"""What an Evolution server remembers: its records as events, and a send of ours looked for among them. Pure.

Its filters are not to be trusted (2.3.7 ignores a lone `remoteJid`, and `fromMe: false`): whatever it gives is read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from channels.base import Card, Echo, File, Inbound, Outgoing, Place, Reaction
from channels.whatsapp.evolution.bodies import read_text
from channels.whatsapp.evolution.parse import parse
from channels.whatsapp.loose_json import integer
from kit import phone

PAGE = 100
MOST_PAGES = 100
SPAN_PAGES = 10  # of a span that is told whole, by a server that keeps to it


def query(page: int, *, since: datetime, until: datetime, mine: bool) -> dict[str, Any]:
    """The body of one page of `findMessages`, newest first. Its span counts only when both ends are given."""
    span = {"gte": since.isoformat(), "lte": until.isoformat()}
    where: dict[str, Any] = {"messageTimestamp": span} | ({"key": {"fromMe": True}} if mine else {})
    return {"where": where, "page": page, "offset": PAGE}


def keeps(records: Iterable[Mapping[str, Any]], *, since: datetime, until: datetime) -> bool:
    """Whether the server gave these by the span it was asked for."""
    first, last = int(since.timestamp()), until.timestamp()
    instants = (integer(record.get("messageTimestamp")) for record in records)
    return all(at is not None and first <= at <= last for at in instants)


def events(instance: str, records: Iterable[Mapping[str, Any]], *, since: datetime, until: datetime) -> list[Inbound | Echo]:
    """What was said in the span, by them and by us, oldest first, each once."""
    first = since.replace(microsecond=0)  # a message has no finer instant than the second
    found: dict[str, tuple[datetime, Inbound | Echo]] = {}
    for record in records:
        for event in parse({"event": "messages.upsert", "instance": instance, "data": dict(record)}):
            at = event.sent_at if isinstance(event, Inbound | Echo) else None
            if isinstance(event, Inbound | Echo) and at is not None and first <= at <= until:
                found.setdefault(event.provider_id, (at, event))
    return [event for _, event in sorted(found.values(), key=lambda pair: pair[0])]


def sent_as(message: Outgoing, said: Iterable[Inbound | Echo], *, but: Collection[str]) -> str | None:
    """The id under which this message is among what was said: ours, to this person, with these words. The first of them."""
    wanted = " ".join(_words(message).split())
    for event in said:
        mine = isinstance(event, Echo) and event.kind == _kind(message) and _names(event, message.to)
        if mine and event.provider_id not in but and " ".join(event.text.split()) == wanted:
            return event.provider_id
    return None


def _names(event: Inbound | Echo, to: str) -> bool:
    asked = {to, phone.of_wa_id(to)}
    return any(alias.value in asked for alias in event.aliases)


def _kind(message: Outgoing) -> str:
    match message.content:
        case File(kind=kind):
            return kind
        case Place():
            return "location"
        case Card():
            return "contact"
        case Reaction():
            return "reaction"
        case _:
            return "text"


def _words(message: Outgoing) -> str:
    match message.content:
        case Place() | Card():
            return ""
        case Reaction(emoji=emoji):
            return emoji
        case _:
            return read_text(message)
