"""Brazilian numbers as WhatsApp writes them.

WhatsApp drops the ninth digit of many Brazilian mobiles (`554788887777` is `+55 47 98888-7777`), so one person has two
spellings. The canonical spelling is our key; the provider's own is kept beside it and is what we send to.
"""

from __future__ import annotations

import re

import phonenumbers

_DIGITS = re.compile(r"[0-9]{8,15}", re.ASCII)
_MOBILE_WITHOUT_NINE = re.compile(r"(55[1-9][1-9])([6-9][0-9]{7})", re.ASCII)
_MOBILE_WITH_NINE = re.compile(r"(55[1-9][1-9])9([6-9][0-9]{7})", re.ASCII)


def canonical(wa_id: str) -> str | None:
    """E.164 (`+5547988887777`) of an international number in bare digits, or None when it is no phone number.

    Only Brazilian mobiles gain the ninth digit; landlines (local part starting 2 to 5) and foreign numbers pass untouched.
    """
    digits = wa_id.removeprefix("+")
    if not _DIGITS.fullmatch(digits):
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


def typed(text: str, region: str = "BR") -> str | None:
    """E.164 of a number as a person types it (`(31) 98888-7777`, `+55 31 8888 7777`), or None when it cannot be one."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    # Validity is not asked: the libraries call a wa_id without its ninth digit invalid, and it is a real patient.
    if not phonenumbers.is_possible_number(number):
        return None
    return canonical(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
