from __future__ import annotations

import pytest

from channels.whatsapp import phone


@pytest.mark.parametrize(
    ("wa_id", "e164"),
    [
        ("554788887777", "+5547988887777"),
        ("5547988887777", "+5547988887777"),
        ("551188887777", "+5511988887777"),
        ("556266665555", "+5562966665555"),
        ("551133334444", "+551133334444"),  # landline: 8 digits from 2 to 5
        ("552125554444", "+552125554444"),
        ("5511954443333", "+5511954443333"),
        ("550088887777", "+550088887777"),  # no such area code
        ("16505551234", "+16505551234"),
        ("351912345678", "+351912345678"),
        ("+554788887777", "+5547988887777"),
    ],
)
def test_canonical(wa_id: str, e164: str) -> None:
    assert phone.canonical(wa_id) == e164
    assert phone.canonical(e164) == e164


@pytest.mark.parametrize("text", ["", "123", "700200100400800123", "55479888877a7", "٥٥٤٧٩٨٨٨٨٧٧٧٧", "BR.1502576394655843"])
def test_what_is_no_number_has_no_canonical_form(text: str) -> None:
    assert phone.canonical(text) is None


@pytest.mark.parametrize(
    ("wa_id", "other"),
    [
        ("554788887777", "5547988887777"),
        ("5547988887777", "554788887777"),
        ("551133334444", None),
        ("5511954443333", None),  # 5444-3333 alone would be a landline
        ("16505551234", None),
        ("700200100400800@lid", None),
    ],
)
def test_other_form(wa_id: str, other: str | None) -> None:
    assert phone.other_form(wa_id) == other


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("(31) 98888-7777", "+5531988887777"),
        ("31 8888-7777", "+5531988887777"),
        ("+55 31 3333 0000", "+553133330000"),
        ("+351 912 345 678", "+351912345678"),
        ("meu número", None),
        ("99", None),
    ],
)
def test_typed_by_a_person(text: str, e164: str | None) -> None:
    assert phone.typed(text) == e164
