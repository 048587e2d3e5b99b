"""Telephone numbers, however a person types them, as one canonical key. Pure."""

from __future__ import annotations

import re

import phonenumbers

_BRAZILIAN_MOBILE_WITHOUT_NINE = re.compile(r"(\+55[1-9][1-9])([6-9][0-9]{7})", re.ASCII)


def canonical(raw: str, region: str = "BR") -> str | None:
    """E.164 of a number as typed or as a wire writes it (`(31) 98888-7777`, `553188887777`), or None when it cannot be one.

    A Brazilian mobile without its ninth digit gains it; landlines (local part starting 2 to 5) and foreign numbers never do.
    """
    for text in _readings(raw, region):
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        # Validity is not asked: it refuses a mobile without its ninth digit, and that is a real patient.
        if phonenumbers.is_possible_number(number):
            said = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            short = _BRAZILIAN_MOBILE_WITHOUT_NINE.fullmatch(said)
            return f"{short[1]}9{short[2]}" if short else said
    return None


def _readings(raw: str, region: str) -> list[str]:
    text = raw.strip()
    digits = re.sub(r"\D", "", text)
    # Bare digits with the country in front, as WhatsApp writes them, before they are tried as a national number.
    return [f"+{digits}", text] if region == "BR" and digits.startswith("55") and len(digits) in (12, 13) else [text]
