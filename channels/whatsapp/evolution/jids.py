"""Who a message is from, on a rail that names people by phone, by hidden id, or by both in any field.

A LID is never read as a phone. The fields moved in nearly every Evolution release from 2.2.3 to 2.3.7, so all are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.base import Alias, AliasKind
from kit import phone

_JID = re.compile(r"([0-9]{5,20})(?:[:_][0-9]{1,4})*@(s\.whatsapp\.net|c\.us|lid)", re.ASCII)
_CHAT_FIELDS = ("remoteJid", "remoteJidAlt", "previousRemoteJid")
_SENDER_FIELDS = ("senderPn", "participant", "participantAlt")
_CROWDS = {"@g.us": "group", "status@broadcast": "status_broadcast", "@broadcast": "broadcast", "@newsletter": "newsletter"}


@dataclass(frozen=True, slots=True)
class Person:
    aliases: tuple[Alias, ...]
    address: str


def crowd(jid: Any) -> str | None:
    """The reason to ignore a chat that is not one person ("group", "newsletter", …), or None."""
    if not isinstance(jid, str):
        return None
    return next((reason for ending, reason in _CROWDS.items() if jid.endswith(ending)), None)


def phone_digits(jid: Any) -> str | None:
    """The digits of a phone JID, verbatim, without the device part; None for a LID or anything else."""
    found = _JID.fullmatch(jid) if isinstance(jid, str) else None
    return found[1] if found and found[2] != "lid" else None


def other_side(key: Mapping[str, Any], *, mine: bool) -> Person | None:
    """The person on the other side of a one-to-one chat, or None when no field names one.

    In a message of ours the sender fields name ourselves, so only the chat fields count.
    """
    jids = [key.get(field) for field in (_CHAT_FIELDS if mine else _CHAT_FIELDS + _SENDER_FIELDS)]
    found = [match for jid in jids if isinstance(jid, str) and (match := _JID.fullmatch(jid))]
    wa_id = next((match[1] for match in found if match[2] != "lid"), None)
    lid = next((f"{match[1]}@lid" for match in found if match[2] == "lid"), None)
    aliases = []
    if wa_id is not None:
        if (e164 := phone.of_wa_id(wa_id)) is not None:
            aliases.append(Alias(AliasKind.PHONE, e164))
        aliases.append(Alias(AliasKind.WA_ID, wa_id))
    if lid is not None:
        aliases.append(Alias(AliasKind.LID, lid))
    address = wa_id or lid
    return Person(tuple(aliases), address) if address is not None else None
