"""After a warning the danger is not forgotten: the number comes first, and no agenda until the patient says that it is over.

While it was plain that there is danger no model is asked at all; where only likeness saw it, the number is said and the request
is served beside it. Words never close the case.
"""

from __future__ import annotations

from functools import cache
from typing import get_args

from agent.guardrails import over
from agent.texts import text
from clinic.conversations.dangers import red_flags
from clinic.conversations.dangers.fresh import Words
from clinic.conversations.models import Author, Owner
from graphs.state import Turn
from kit.text import strip_hidden

_VARIANTS = (1, 2, 3)


def overruled(turn: Turn) -> bool:
    """Likeness alone sees a danger in words that say that the one before is over ("já estou no hospital"): they are believed.

    Not of self-harm, which people take back while it lasts; not where a person answers, who judges for themselves.
    """
    if turn.danger is None or turn.danger.words != "emergency" or turn.desk.owner is not Owner.CAROL:
        return False
    said = turn.ctx.said_now
    return over.read("\n".join(said)) is not None and not any(red_flags.read(strip_hidden(one)) for one in said)


def follow(turn: Turn) -> str | None:
    """What to answer while a danger is fresh, or None: the turn goes on. `turn.before` is said first in either case."""
    danger, said = turn.danger, "\n".join(turn.ctx.said_now)
    if danger is None or _ended(turn):
        return None
    turn.owed.append(danger.case)
    turn.case = danger.case.number
    if (end := over.read(said)) is not None:
        turn.before = f"{text(f'danger_{end.how}')} {text(f'danger_kept_{danger.words}', case=danger.case.number)}"
        return None if end.asks else text("danger_help")
    turn.before = _varied(turn, f"danger_{danger.words}")
    if not said.strip():
        return None  # a voice note or a file: a person hears of it as ever
    if over.asks_treatment(said):
        return text(f"danger_treatment_{danger.words}", case=danger.case.number)
    return _varied(turn, f"danger_rest_{danger.words}") if danger.sure else None


def _ended(turn: Turn) -> bool:
    """Whether the patient said that it is over and was answered so, and no danger was seen in their words since."""
    ended = False
    for message in turn.desk.history:
        if message.author is Author.PATIENT:
            ended = ended and not message.red_flag
        else:
            ended = ended or any(kept in message.text for kept in _kept())
    return ended


@cache
def _kept() -> tuple[str, ...]:
    """How each answer to such an end goes on, up to the number of its case."""
    return tuple(text(f"danger_kept_{words}", case="\0").partition("\0")[0] for words in get_args(Words))


def _varied(turn: Turn, key: str) -> str:
    """The wording of these that was said longest ago: the same words twice in a row sound like nobody is there."""
    case = turn.danger.case.number if turn.danger else 0
    ours = [message.text for message in turn.desk.history if message.author is not Author.PATIENT]
    words = [text(f"{key}_{one}", case=case) for one in _VARIANTS]
    return min(words, key=lambda one: max((at for at, said in enumerate(ours) if one in said), default=-1))
