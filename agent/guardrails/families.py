"""What somebody of a family says to a report of a shift: thanks, a question, that they want no more, that it is not for them.

Pure; ways of saying it are in `families.yaml`. Whatever is not plainly thanks, nor a matter of the agenda, is for a person of
the team: Carol knows of the patient only what the family has read already.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from re import Pattern

from agent.guardrails import incoming
from agent.guardrails.leaving import ASKED_FOR
from agent.guardrails.lexicon import flat, lexicon
from clinic.conversations import consent
from clinic.patients import disowning
from clinic.patients.disowning import Disowned
from clinic.patients.models import Contact

_GLAD = frozenset("❤♥💙💚💛💜🧡🩷🤍💕💖💗💓💞😘🥰😍😊🙂😀😃😄😁😇🤗🙏🙌👏👍👌🤝🎉✨🌷🌸🌹🌻🌺💐☀⭐🌟🕊🎊💪✅😻🥹.!")
_TONES = frozenset("\ufe0e\ufe0f\u200d🏻🏼🏽🏾🏿♀♂")


class Said(StrEnum):
    """What is meant; the value names the text that answers it, where a fixed one does."""

    THANKS = "report_thanks"
    QUESTION = "report_question"
    STOP = "report_stop_ask"
    STOPPED = "report_stopped"
    STAYS = "report_kept"
    AGAIN = "report_again"  # they stopped it themselves, and want it back
    STRANGER = "report_stranger"  # the phone is not of whom we take it for
    OTHER = "other"  # a matter of the agenda, as any patient's


def read(contact: Contact, said: Sequence[str], *, names: Collection[str], now: datetime) -> Said | None:
    """What these messages, together, say to a report that `contact` was sent; None: no words. `names`: of whom it spoke and
    who cared for them."""
    text = "\n".join(said)
    words = flat(text)
    asked = contact.opt_out_asked_at is not None and now - contact.opt_out_asked_at <= ASKED_FOR
    if not words and not (asked and consent.thumbs_up(text)):
        return (Said.THANKS if _kind(text) else Said.QUESTION) if text.strip() else None
    if disowning.read(said, []) is Disowned.NUMBER or _lists()["stranger"].search(words):
        return Said.STRANGER
    if asked and incoming.says_no(text):
        return Said.STAYS
    if _stops(text, words) or (asked and (incoming.says_yes(text) or consent.thumbs_up(text))):
        return Said.STOPPED if asked else Said.STOP
    if _lists()["greeting"].fullmatch(words):
        return Said.OTHER
    if _thanks(text, words, names):
        return Said.THANKS
    return Said.OTHER if _lists()["agenda"].search(words) and not _lists()["health"].search(words) else Said.QUESTION


def wants_again(said: Sequence[str]) -> bool:
    """Whether somebody who stopped it wants reports again."""
    text = "\n".join(said)
    return incoming.is_opt_in(text) or bool(_lists()["again"].search(flat(text)))


def _kind(signs: str) -> bool:
    """Whether signs without words are glad ones: a heart, hands in prayer. A sad face is not answered with joy."""
    return all(sign in _GLAD or sign.isspace() for sign in signs if sign not in _TONES)


def _stops(text: str, words: str) -> bool:
    return incoming.is_opt_out(text) or incoming.may_be_opt_out(text) or bool(_lists()["stop"].search(words))


def _thanks(text: str, words: str, names: Collection[str]) -> bool:
    """Whether nothing but thanks is said: each word is known to be a part of them, or changes nothing, or names somebody."""
    if "?" in text or not _lists()["thanks"].search(words):
        return False
    called = {word for name in names for word in flat(name).split()}
    left = _lists()["thanks"].sub(" ", words).replace(",", " ")
    return all(word in called or _lists()["beside"].fullmatch(word) for word in left.split())


@cache
def _lists() -> dict[str, Pattern[str]]:
    return lexicon("families")
