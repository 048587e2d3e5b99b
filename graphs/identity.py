"""What a doubted contact is answered before any model thinks: asked who they are, or told what came of their answer."""

from __future__ import annotations

import re
from typing import Literal

from clinic.patients.assurance import Level, Step
from graphs.state import Turn
from kit.text import expand_chat, plain
from tools.identity import unproved

Answer = Literal["passed", "failed", "ask", "by_person"]

# Speaks of what is booked already. A model that understands more than this meets the same question at the tools.
_BOOKED = re.compile(
    r"\b(?:minhas?|meus?|nossas?|da|do)\s+(?:\w+\s+){0,2}?(?:consultas?|horarios?|exames?|agendamentos?|sessa?o(?:es)?|retornos?|procedimentos?)\b"
    r"|\b(?:tenho|tinha|temos|esta|ficou|estou\s+com)\s+(?:\w+\s+){0,3}?(?:consultas?|exames?|horarios?|algo|alguma\s+coisa)?\s*(?:marcad\w+|agendad\w+)"
    r"|\b(?:remarc\w+|desmarc\w+|reagend\w+)\b"
    r"|\b(?:cancel\w+|mud\w+|troc\w+|adi\w+|confirm\w+|anteci\w+)\s+(?:\w+\s+){0,3}?(?:consultas?|horarios?|exames?|sessa?o|retorno|presenca)\b"
)


async def verdict(turn: Turn) -> Answer | None:
    """What to answer about who writes; None when the turn goes on as any other."""
    standing = turn.ctx.standing
    match standing.step:
        case Step.PASSED:
            return "passed"
        case Step.FAILED:
            return "failed"
        case Step.LOCKED:
            return "by_person"
        case None:
            pass
    if standing.level is not Level.UNKNOWN or not standing.hidden:
        return None
    if not _BOOKED.search(plain(expand_chat("\n".join(turn.ctx.said_now)))):
        return None
    refused = await unproved(turn.ctx)
    return "by_person" if refused and refused["error"] == "identity_by_person" else "ask"
