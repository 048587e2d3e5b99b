"""Telephone numbers, however a person types them or WhatsApp writes them, as one canonical key. Pure.

WhatsApp drops the ninth digit of many Brazilian mobiles (`554788887777` is `+55 47 98888-7777`), so one person has two
spellings. The canonical spelling is our key; a wire's own is kept beside it and is what we send to.
"""

from __future__ import annotations

import re

import phonenumbers

_INTERNATIONAL = re.compile(r"[0-9]{8,15}", re.ASCII)
_MOBILE_WITHOUT_NINE = re.compile(r"(55[1-9][1-9])([6-9][0-9]{7})", re.ASCII)
_MOBILE_WITH_NINE = re.compile(r"(55[1-9][1-9])9([6-9][0-9]{7})", re.ASCII)


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
            return of_wa_id(said) or said  # the shortest countries have numbers of seven digits
    return None


def of_wa_id(wa_id: str) -> str | None:
    """E.164 of what WhatsApp gives as a number, always international and in bare digits; None when it is no phone number.

    The ninth digit as in `canonical`.
    """
    digits = wa_id.removeprefix("+")
    if not _INTERNATIONAL.fullmatch(digits):
        return None
    short = _MOBILE_WITHOUT_NINE.fullmatch(digits)
    return f"+{short[1]}9{short[2]}" if short else f"+{digits}"


def other_form(wa_id: str) -> str | None:
    """The same Brazilian mobile with the ninth digit added or removed, in bare digits; None for any other number."""
    digits = wa_id.removeprefix("+")
    if short := _MOBILE_WITHOUT_NINE.fullmatch(digits):
        return f"{short[1]}9{short[2]}"
    if full := _MOBILE_WITH_NINE.fullmatch(digits):
        return f"{full[1]}{full[2]}"
    return None


def _readings(raw: str, region: str) -> list[str]:
    text = raw.strip()
    digits = re.sub(r"\D", "", text)
    # Bare digits with the country in front, as WhatsApp writes them, before they are tried as a national number.
    return [f"+{digits}", text] if region == "BR" and digits.startswith("55") and len(digits) in (12, 13) else [text]
