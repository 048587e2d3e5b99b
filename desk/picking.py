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
    option = pick(message.kind, message.text, message.choice, menu)
    if message.kind == "choice":
        return replace(message, text=_worded(option.label if option else message.text, message.choice or "", offers))
    return replace(message, text=_worded(option.label, option.id, offers)) if option else message


def pick(kind: str, text: str, choice: str | None, menu: Mapping[str, Any] | None) -> Option | None:
    """The option of this menu that a message of this kind picks, by a tap (`choice`) or by its words."""
    options = _options(menu)
    if kind == "choice":
        return next((one for one in options if one.id == choice), None)
    if kind != "text" or not options or menu is None:
        return None
    return picked(text, options, by_number=bool(menu.get("numbered", True)) or bool(menu.get("listed")))


def _worded(label: str, option_id: str, offers: Collection[Offer]) -> str:
    if any(offer.handle == option_id for offer in offers):
        return words()["picked"].format(label=label, handle=option_id)
    return label


def _options(menu: Mapping[str, Any] | None) -> tuple[Option, ...]:
    found = (menu or {}).get("options") or ()
    return tuple(Option(id=str(one["id"]), label=str(one["label"])) for one in found)
