"""Choices under a text: offered where they are really said, numbered where buttons do not show, cut to fit, picked back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from channels.base import Menu, Option
from channels.contents import content_of
from channels.whatsapp.menus import cut, labels, numbered, picked
from clinic.conversations import consent
from clinic.conversations.models import Author, Message
from clinic.scheduling.models import Slot
from clinic.scheduling.visits import Offer
from desk.menus import menu_of, words
from desk.picking import in_words

OPTIONS = (
    Option(id="S4", label="ter, 24 nov, 15:00"),
    Option(id="S5", label="qua, 25 nov, 9:30"),
    Option(id="S6", label="qui, 26 nov, 14:00"),
)
NOBODY = UUID(int=0)


def slot(handle: str, label: str, starts_at: str, professional: str = "Dra. Helena", unit: str = "Centro") -> dict[str, Any]:
    return {"slot": handle, "label": label, "starts_at": starts_at, "professional": professional, "unit": unit}


FOUND = {
    "slots": [
        slot("S4", "terça, 24 de novembro, às 15h", "2026-11-24T15:00"),
        slot("S5", "quarta, 25 de novembro, às 9h30", "2026-11-25T09:30"),
        slot("S6", "quinta, 26 de novembro, às 14h", "2026-11-26T14:00"),
    ]
}
LISTED = (
    "Tenho estes horários para limpeza:\n1. terça, 24 de novembro, às 15h\n2. quarta, 25 de novembro, às 9h30\n"
    "3. quinta, 26 de novembro, às 14h\n\nQual fica melhor?"
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1", "S4"),
        (" 2. ", "S5"),
        ("opção 2", "S5"),
        ("Opção 3, por favor", "S6"),
        ("op 2", "S5"),
        ("número 3", "S6"),
        ("a 2", "S5"),
        ("quero a 3", "S6"),
        ("pode ser a primeira", "S4"),
        ("2ª", "S5"),
        ("1️⃣", "S4"),
        ("a segunda", "S5"),
        ("segunda opção", "S5"),
        ("a terceira", "S6"),
        ("o último", "S6"),
        ("Qua, 25 nov, 9:30", "S5"),
        ("s6", "S6"),
        ("segunda", None),  # Monday, perhaps
        ("quarta", None),
        ("4", None),
        ("0", None),
        ("15h", None),
        ("às 2", None),
        ("2 pessoas", None),
        ("1 e 2", None),
        ("tem a 2 e a 3?", None),
        ("não", None),
        ("", None),
    ],
)
def test_a_typed_answer_picks_one_option_or_none(said: str, expected: str | None) -> None:
    option = picked(said, OPTIONS)
    assert (option.id if option else None) == expected


def test_the_second_is_a_day_where_a_monday_is_offered() -> None:
    options = (*OPTIONS[:2], Option(id="S7", label="seg, 30 nov, 8:00"))
    assert picked("a segunda", options) is None
    assert picked("a segunda opção", options) == options[1]


def test_numbers_mean_nothing_where_none_were_shown() -> None:
    yes_no = (Option(id="yes", label="Sim, confirmar"), Option(id="no", label="Não, mudar"))
    assert picked("1", yes_no, by_number=False) is None
    assert picked("sim, confirmar", yes_no, by_number=False) == yes_no[0]


def test_numbers_are_written_once() -> None:
    menu = Menu(options=OPTIONS)
    assert numbered("Qual?", menu) == "Qual?\n\n1. ter, 24 nov, 15:00\n2. qua, 25 nov, 9:30\n3. qui, 26 nov, 14:00"
    assert numbered(LISTED, menu) == LISTED
    assert numbered("Posso confirmar?", Menu(options=OPTIONS[:2], numbered=False)) == "Posso confirmar?"
    described = Menu(options=(Option(id="a", label="Limpeza", description="40 min"),))
    assert numbered("", described) == "1. Limpeza – 40 min"


def test_labels_are_cut_between_words_and_stay_apart() -> None:
    long = [Option(id=str(n), label=f"Avaliação com a Dra. Helena {name}") for n, name in enumerate(["Duarte", "Prado", "Sá"])]
    short = labels(long, 20)
    assert short[0] == "Avaliação com a…"
    assert len(set(short)) == 3
    assert all(len(label) <= 20 for label in short)
    assert cut("a" * 30, 20) == "a" * 19 + "…"
    assert cut("😀" * 30, 20) == "😀" * 9 + "…"  # a phone counts each as two
    assert cut("cabe inteiro", 20) == "cabe inteiro"


def test_a_reply_that_shows_times_offers_them_with_their_handles() -> None:
    menu = menu_of([("find_slots", FOUND)], LISTED, [])
    assert menu is not None
    assert [(one["id"], one["label"]) for one in menu["options"]] == [(one.id, one.label) for one in OPTIONS]
    assert (menu["numbered"], menu["listed"]) == (False, True)
    content = content_of({"menu": menu})
    assert isinstance(content, Menu)
    assert (content.options, content.button, content.numbered) == (OPTIONS, words()["open_slots"], False)


def test_times_told_in_prose_are_numbered_where_no_button_shows() -> None:
    prose = "Tenho terça, dia 24, às 15h ou quarta (25/11) às 9h30. Qual prefere?"
    menu = menu_of([("find_slots", FOUND)], prose, [])
    assert menu is not None
    assert [one["id"] for one in menu["options"]] == ["S4", "S5"]
    assert (menu["numbered"], menu["listed"]) == (True, False)


@pytest.mark.parametrize(
    "reply",
    [
        "Tenho terça, 24 de novembro, às 15h. Serve?",  # one is no choice
        "Vou verificar e já te digo.",
        "1. quarta, 25 de novembro, às 9h30\n2. terça, 24 de novembro, às 15h\nQual?",  # other numbers than ours
        "Tenho dia 24 às 16h e dia 25 às 10h30.",  # times nobody issued
        "1. clareamento\n2. limpeza\n3. avaliação\nHá terça, 24 de novembro, às 15h e quarta, 25 de novembro, às 9h30.",
    ],
)
def test_no_menu_where_a_number_could_mean_something_else(reply: str) -> None:
    assert menu_of([("find_slots", FOUND)], reply, []) is None


def test_professional_and_unit_are_told_where_they_tell_one_from_another() -> None:
    slots = [FOUND["slots"][0], slot("S9", "terça, 24 de novembro, às 15h", "2026-11-24T15:00", "Dr. Otávio")]
    reply = "1. terça, 24 de novembro, às 15h (Dra. Helena)\n2. terça, 24 de novembro, às 15h (Dr. Otávio)"
    menu = menu_of([("find_slots", {"slots": slots})], reply, [])
    assert menu is not None
    assert [one["description"] for one in menu["options"]] == ["Dra. Helena", "Dr. Otávio"]


@pytest.mark.parametrize("kind", ["book", "move", "cancel"])
def test_a_read_back_offers_a_yes_and_a_no_that_the_house_takes_for_one(kind: str) -> None:
    results = [("propose_visit", {"proposal": "A1", "kind": kind, "summary": {}})]
    menu = menu_of(results, "Ficaria assim:\n…\n\nPosso confirmar?", ["A1"])
    assert menu is not None
    assert menu["numbered"] is False
    yes, no = (one["label"] for one in menu["options"])
    assert max(len(yes), len(no)) <= 20
    assert consent.affirms([yes], to=kind)
    assert not consent.affirms([no], to=kind)
    assert menu_of(results, "Ficaria assim.", ["A1"]) is None


def message(text: str, *, kind: str = "text", choice: str | None = None) -> Message:
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    return Message(NOBODY, 1, Author.PATIENT, kind, text, at, answered=False, choice=choice)


OFFERS = [
    Offer(
        option.id,
        NOBODY,
        Slot(datetime(2026, 11, 24, 18, tzinfo=UTC), datetime(2026, 11, 24, 19, tzinfo=UTC), NOBODY, NOBODY, NOBODY),
    )
    for option in OPTIONS
]


@pytest.mark.parametrize(
    ("said", "menu", "expected"),
    [
        (message("2"), "listed", "qua, 25 nov, 9:30 (opção S5)"),
        (message("a segunda"), "listed", "qua, 25 nov, 9:30 (opção S5)"),
        (message("ter, 24 nov…", kind="choice", choice="S4"), "listed", "ter, 24 nov, 15:00 (opção S4)"),
        (message("ter, 24 nov, 15:00", kind="choice", choice="S4"), None, "ter, 24 nov, 15:00 (opção S4)"),  # an older menu
        (message("ter, 24 nov, 15:00", kind="choice", choice="S99"), None, "ter, 24 nov, 15:00"),  # a time now past
        (message("Sim, confirmar", kind="choice", choice="yes"), None, "Sim, confirmar"),
        (message("2"), None, "2"),
        (message("2"), "yes_no", "2"),
        (message("quero a segunda de manhã"), "listed", "quero a segunda de manhã"),
        (message("2", kind="image"), "listed", "2"),
    ],
)
def test_a_pick_reads_naturally_and_names_its_handle(said: Message, menu: str | None, expected: str) -> None:
    menus = {
        "listed": menu_of([("find_slots", FOUND)], LISTED, []),
        "yes_no": menu_of([("propose_visit", {"proposal": "A1", "kind": "book"})], "Posso confirmar?", ["A1"]),
    }
    assert in_words(said, menus[menu] if menu else None, OFFERS).text == expected
