"""A patient's wish to get no more automatic messages: asked once whether they mean it, honoured on their yes, undone on asking.

Pure. Somebody who opted out is still answered when they write: only what nobody asked for stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from agent.guardrails import incoming
from clinic.conversations import consent
from clinic.patients.models import Contact

ASKED_FOR = timedelta(hours=24)  # a yes is to a question just asked, not to one of last week


class Leaving(StrEnum):
    """What is to be said and noted."""

    ASK = "opt_out_ask"
    OUT = "opted_out"
    ALREADY = "opted_out_already"
    STAY = "opt_out_kept"
    IN = "opted_in"
    REPORTS_OUT = "report_stopped"  # no more reports of somebody of their family
    REPORTS_STRANGER = "report_stranger"  # nor to a phone that is not of whom we took it for
    REPORTS_IN = "report_again"
    DROP = "drop"  # the question was passed over: nothing is said of it, and a later yes is no answer to it


def leaving(contact: Contact, said: Sequence[str], *, now: datetime) -> Leaving | None:
    """What these messages, together, mean for automatic messages to `contact`; None: nothing."""
    text = "\n".join(said)
    asked_at = contact.opt_out_asked_at
    asked = asked_at is not None and now - asked_at <= ASKED_FOR
    if contact.opted_out_at is not None:
        if incoming.is_opt_in(text):
            return Leaving.IN
        return Leaving.ALREADY if incoming.is_opt_out(text) else None
    if asked and incoming.says_no(text):
        return Leaving.STAY
    if asked and (incoming.is_opt_out(text) or incoming.says_yes(text) or consent.thumbs_up(text)):
        return Leaving.OUT
    if incoming.is_opt_out(text) or incoming.may_be_opt_out(text):
        return Leaving.ASK
    return Leaving.DROP if asked_at is not None else None
