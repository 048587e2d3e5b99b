"""Cloud API error codes → what becomes of a message. Codes decide; titles and HTTP statuses change without notice."""

from __future__ import annotations

from channels.base import SendResult
from channels.whatsapp import posting

OTHER_FORM_MAY_WORK = frozenset({131026, 131030})  # undeliverable; not on a test number's list (compared digit by digit)
MEDIA_GONE = frozenset({100, 131052})  # no such media for this number, or it could not be kept
_TRANSIENT = frozenset({1, 2, 131000, 131016, 131052, 131053, 131057, 133004})  # 13105x: a file up or down
_LIMITS = frozenset({4, 80007, 130429, 133016})
_PAIR_RATE = 131056  # one message per 6 s to one person
_PAIR_WAIT = 6.0
# A person must act: keys and permissions; policy, spam and locks; payment; a number not registered.
_OPERATOR = frozenset({0, 3, 10, 190, *range(200, 300)}) | frozenset(
    {368, 130497, 131005, 131031, 131042, 131045, 131048, 131064, 133005, 133006, 133010}
)
_UNKNOWN_OBJECT = 33  # subcode of 100: no such phone_number_id for this token


def outcome(reply: posting.Reply, code: int, subcode: int | None, *, is_transient: bool) -> SendResult:
    """The result of an answer that carries Meta's own error object, so the message was surely not accepted."""
    name, detail = str(code), f"HTTP {reply.status}"
    if code in _OPERATOR or (code == 100 and subcode == _UNKNOWN_OBJECT):
        return posting.retry(name, after=posting.LONG, detail=detail, alarm=True)
    if code == _PAIR_RATE:
        return posting.retry(name, after=max(reply.retry_after or 0.0, _PAIR_WAIT), detail=detail)
    if code in _LIMITS:
        return posting.retry(name, after=reply.retry_after or posting.LATER, detail=detail)
    if code in _TRANSIENT:
        return posting.retry(name, after=reply.retry_after or posting.SOON, detail=detail)
    if 132000 <= code < 133000:  # templates: missing, paused, disabled
        return posting.failed(name, detail=detail, alarm=True)
    if code >= 100_000 or code == 100:
        return posting.failed(name, detail=detail)
    if is_transient or reply.status == 429 or reply.status >= 500:
        return posting.retry(name, after=reply.retry_after or posting.LATER, detail=detail)
    return posting.failed(name, detail=detail)
