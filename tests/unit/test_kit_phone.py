"""One person, one number, however it is written."""

from __future__ import annotations

import pytest

from kit.phone import canonical


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("(31) 98888-7777", "+5531988887777"),
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


@pytest.mark.parametrize("raw", ["", "abc", "12", "0800 123", "+55 31 98888-77779999"])
def test_what_cannot_be_a_number_is_none(raw: str) -> None:
    assert canonical(raw) is None
