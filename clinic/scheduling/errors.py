"""What can go wrong with a visit. Each is a fact the patient can be told."""

from __future__ import annotations

from clinic.scheduling.models import Reason
from kit.errors import Conflict, Forbidden, Invalid, NotFound


class SlotTaken(Conflict):
    """Someone else took this time."""

    code = "slot_taken"


class PersonBusy(Conflict):
    """This person already has a visit at this time."""

    code = "person_busy"


class NotBookable(Invalid):
    """The clinic does not see this service at this time."""

    code = "not_bookable"

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"not bookable: {reason}")
        self.reason = reason


class TooManyVisits(Forbidden):
    """This person already has as many open visits as the clinic allows."""

    code = "too_many_visits"


class TooLate(Forbidden):
    """Too close to the visit: only a person may change it."""

    code = "too_late"


class UnknownVisit(NotFound):
    """No such visit, or it is not of someone this contact speaks for."""

    code = "unknown_visit"


class UnknownSlot(NotFound):
    """This slot was not offered in this conversation, or it is too old."""

    code = "unknown_slot"


class UnknownProposal(NotFound):
    """Nothing with this handle waits for a yes."""

    code = "unknown_proposal"
