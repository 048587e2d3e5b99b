"""What a patient picked from a menu, in words that the model, whichever it is, and the house's rules understand. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from channels.base import Option
from channels.whatsapp.menus import picked
from clinic.conversations.models import Message
from clinic.scheduling.visits import Offer
from desk.menus import words


def in_words(message: Message, menu: Mapping[str, Any] | None, offers: Collection[Offer]) -> Message:
    """The message as it is, or worded: a choice, tapped or typed ("2", "a segunda"), as its label and, for a time, its handle.

    A tapped time of an older menu still means that time: a handle is never given twice in a conversation.
    """
    options = _options(menu)
    if message.kind == "choice":
        option = next((one for one in options if one.id == message.choice), None)
        label = option.label if option else message.text
        return replace(message, text=_worded(label, message.choice or "", offers))
    if message.kind != "text" or not options or menu is None:
        return message
    by_number = bool(menu.get("numbered", True)) or bool(menu.get("listed"))
    option = picked(message.text, options, by_number=by_number)
    return replace(message, text=_worded(option.label, option.id, offers)) if option else message


def _worded(label: str, option_id: str, offers: Collection[Offer]) -> str:
    if any(offer.handle == option_id for offer in offers):
        return words()["picked"].format(label=label, handle=option_id)
    return label


def _options(menu: Mapping[str, Any] | None) -> tuple[Option, ...]:
    found = (menu or {}).get("options") or ()
    return tuple(Option(id=str(one["id"]), label=str(one["label"])) for one in found)
