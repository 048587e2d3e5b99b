"""One person, one number, however it is written."""

from __future__ import annotations

import pytest

from kit.phone import canonical, of_wa_id, other_form


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("(31) 98888-7777", "+5531988887777"),
        ("31 8888-7777", "+5531988887777"),
        ("+55 31 9 8888-7777", "+5531988887777"),
        ("031 98888-7777", "+5531988887777"),
        ("553188887777", "+5531988887777"),  # as WhatsApp writes it, without the ninth digit
        ("+553188887777", "+5531988887777"),
        ("5531988887777", "+5531988887777"),
        ("(31) 3333-4444", "+553133334444"),  # a landline never gains a nine
        ("553133334444", "+553133334444"),
        ("(55) 99999-8888", "+5555999998888"),  # area code 55 is not the country
        ("55 9999-8888", "+5555999998888"),
        ("+1 415 555 2671", "+14155552671"),
        ("+351 912 345 678", "+351912345678"),
    ],
)
def test_a_number_has_one_form(raw: str, expected: str) -> None:
    assert canonical(raw) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize("raw", ["", "abc", "12", "99", "meu número", "0800 123", "+55 31 98888-77779999"])
def test_what_cannot_be_a_number_is_none(raw: str) -> None:
    assert canonical(raw) is None


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
def test_what_whatsapp_writes_has_one_form(wa_id: str, e164: str) -> None:
    assert of_wa_id(wa_id) == e164
    assert of_wa_id(e164) == e164


@pytest.mark.parametrize("text", ["", "123", "700200100400800123", "55479888877a7", "٥٥٤٧٩٨٨٨٨٧٧٧٧", "BR.1502576394655843"])
def test_what_is_no_number_has_no_canonical_form(text: str) -> None:
    assert of_wa_id(text) is None


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
def test_a_brazilian_mobile_has_another_form(wa_id: str, other: str | None) -> None:
    assert other_form(wa_id) == other
