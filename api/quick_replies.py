"""What a patient could press now: yes or no to what was read back, else the times Carol just offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel

from clinic.conversations.models import Author, Owner
from clinic.conversations.reading import Transcript
from clinic.scheduling import offers_store
from clinic.scheduling.visits import Offer
from clinic.tenants.models import Clinic
from db.session import Session
from kit import fast_yaml, ptbr

_MOST = 6


class QuickReply(BaseModel):
    """Something the patient could press now: `label` is shown, `text` is sent."""

    label: str
    text: str


async def quick_replies(s: Session, clinic: Clinic, shown: Transcript, *, now: datetime) -> list[QuickReply]:
    """None while Carol owes an answer, or when a person speaks for the clinic."""
    last = shown.entries[-1] if shown.entries else None
    if last is None or last.author is not Author.CAROL or last.turn_id is None or shown.brief.owner is Owner.PERSON:
        return []
    proposal = await offers_store.open_proposal(s, shown.brief.id)
    if proposal is not None and proposal.read_back and proposal.expires_at > now and proposal.turn_id == last.turn_id:
        return [QuickReply(**_words()["yes"]), QuickReply(**_words()["no"])]
    handles = await offers_store.offered_by(s, shown.brief.id, last.turn_id)
    open_offers = await offers_store.offers(s, shown.brief.id, now=now)
    shown_now = sorted((o for o in open_offers if o.handle in handles), key=lambda o: o.slot.starts_at)
    return _slots(clinic, shown_now, now=now)


def _slots(clinic: Clinic, offers: Sequence[Offer], *, now: datetime) -> list[QuickReply]:
    """Two professionals at one hour are told apart by name."""
    at = Counter(offer.slot.starts_at for offer in offers)
    found = []
    for offer in offers[:_MOST]:
        local = offer.slot.starts_at.astimezone(clinic.zone)
        moment = ptbr.moment(local, today=now.astimezone(clinic.zone).date())
        professional = clinic.professional_by_id.get(offer.slot.professional_id)
        form = "slot_text_with" if professional and at[offer.slot.starts_at] > 1 else "slot_text"
        text = str(_words()[form]).format(moment=moment, professional=professional.name if professional else "")
        found.append(QuickReply(label=_label(local), text=text))
    return found


def _label(local: datetime) -> str:
    """ "ter, 24 nov, 15:00"."""
    weekday, month = ptbr.weekday_name(local.weekday())[:3], ptbr.month_name(local.month)[:3]
    return str(_words()["slot"]).format(weekday=weekday, day=local.day, month=month, time=local.strftime("%H:%M"))


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("api").joinpath("quick_replies.yaml").read_text("utf-8"))
    return loaded
