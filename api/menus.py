"""What messages offered to choose from, and what the patient chose of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from api.shapes import MenuOut, OptionOut
from clinic.conversations.history.story_store import Entry
from clinic.conversations.models import Author
from desk.picking import pick

_BUTTONS = "cloud"  # the kind of wire that shows a menu as buttons


def offered(entries: Sequence[Entry]) -> dict[UUID, MenuOut]:
    """The menus among these messages, by message. Words pick from what was said last; a tap, from the menu it was tapped in."""
    chosen: dict[UUID, str] = {}
    menus: list[Entry] = []
    open_menu: Entry | None = None
    for entry in entries:
        if entry.author is not Author.PATIENT:
            if entry.menu is not None:
                menus.append(entry)
            open_menu = entry if entry.menu is not None else None
            continue
        among = reversed(menus) if entry.kind == "choice" else [open_menu] if open_menu else []
        for said in among:
            if (option := pick(entry.kind, entry.text, entry.choice, said.menu)) is not None:
                chosen[said.id] = option.id
                break
    return {said.id: _told(said.menu, said.wire, chosen.get(said.id)) for said in menus if said.menu is not None}


def _told(menu: Mapping[str, Any], wire: str | None, chosen: str | None) -> MenuOut:
    options = [
        OptionOut(
            label=str(one.get("label", "")),
            description=str(one.get("description", "")),
            chosen=chosen is not None and str(one.get("id")) == chosen,
        )
        for one in menu.get("options") or ()
        if isinstance(one, Mapping)
    ]
    return MenuOut(shown=_shown(menu, wire), options=options)


def _shown(menu: Mapping[str, Any], wire: str | None) -> Literal["buttons", "numbers", "text"]:
    if wire == _BUTTONS:
        return "buttons"
    return "numbers" if wire != "console" and menu.get("numbered", True) and not menu.get("listed") else "text"
