"""What a message wants that no patient may have by asking, in the light of what was refused just before. Pure."""

from __future__ import annotations

import re

from agent.guardrails.medical import asks_medical
from agent.offline import others
from agent.offline.orders import beside, orders
from agent.offline.others import AFTERCARE, DATA, ELSEWHERE, MANY, MEDICAL, ORDERS, VISITS, Asked
from agent.offline.reading import Reading
from agent.offline.spelling import content
from agent.offline.view import Briefing, Dialogue
from clinic.patients.names import same

OF_OTHERS = frozenset({VISITS, DATA, MANY})
_ANSWERS = frozenset(
    [
        "hours", "price", "address", "parking", "payment", "convenio", "services", "professionals", "phone",
        "professional_days", "duration", "preparation", "discount", "offers_service", "service_info",
    ]
)  # fmt: skip

_REMEDY = re.compile(
    r"\b(?:tom[aoe]r?|tomando|remedio|medic(?:amento|acao)|antibiotico|pomada|dose|suspender|misturar|grave|normal)\b"
)
_VISIT = re.compile(
    r"\b(?:preciso|quero|queria|gostaria|marca\w*|agenda\w*|ver|tem|teria)(?: de)? (?:uma? |a |o )?"
    r"(?:consulta|horario|vaga|hora)\b"
)


def wanted(r: Reading, briefing: Briefing, d: Dialogue) -> Asked:
    """The refusal this message asks for; `kind` is "" when it asks for what a patient may have."""
    found = others.asked(r.text, briefing, d.kept_from)
    if found.kind:
        return found
    if orders(r.text) and not _own_wish(r):
        return Asked(ORDERS)
    if others.elsewhere(r.text, briefing) and (r.question or r.has("my_visits", "move", "cancel")):
        return Asked(ELSEWHERE)
    if others.aftercare(r.folded) and not r.has("book", "availability", "move"):
        return Asked(AFTERCARE)
    if advice(r) and not r.has("book", "availability", "move", "cancel") and not (r.sure_service and r.when):
        return Asked(MEDICAL)
    return Asked(d.apart) if d.apart and _goes_on(r, d) else Asked()


def advice(r: Reading) -> bool:
    """Whether it asks for what only a professional may say, whatever else it asks."""
    return asks_medical(r.text) or others.advice(r.folded)


def told_only(r: Reading) -> bool:
    """Whether a symptom is only told, on the way to something else: no remedy, no advice, or a service and a time for it."""
    return _REMEDY.search(r.folded) is None and (not advice(r) or bool(r.sure_service and r.when))


def asks_visit(folded: str) -> bool:
    """Whether a visit itself is asked for, whatever paper it is for."""
    return _VISIT.search(folded) is not None


def _own_wish(r: Reading) -> bool:
    """A plain wish of the writer's own beside the order: that is served, and the order passed over."""
    return r.has("book", "availability") and r.sure_service and bool(content(beside(r.text)))


def _goes_on(r: Reading, d: Dialogue) -> bool:
    """Whether what was just refused is still wanted: a subject of their own, or plain courtesy, leaves it."""
    if r.has("person", "complaint", "drop") or (d.expect == "confirm" and r.has("yes", "no")):
        return False
    if d.apart == MEDICAL:
        return _presses(r)
    third = others.of_third(r.folded)
    for_self = r.has("self") or (r.whom.name and not any(same(r.whom.name, name) for name in d.kept_from))
    if r.has("book") and r.services and for_self:
        return False
    if others.of_mine(r.folded) and (r.services or r.professionals or r.has("my_visits")):
        return False
    if third and not (r.services and r.has("price")):
        return True
    if r.intents & _ANSWERS - {"phone", "address"} and not third and not r.guessed:
        return False
    if r.has("my_visits", "book") or (r.has("availability") and (r.services or r.professionals)):
        return False
    if r.has("yes", "thanks", "bye") and len(content(r.text)) <= 3:
        return False
    return others.goes_on(r.folded)


def _presses(r: Reading) -> bool:
    """After a medical question: the same again, or the wish for an opinion whatever it is worth."""
    if r.intents & _ANSWERS or r.when or others.wishes(r.folded):
        return False
    return advice(r) or (others.goes_on(r.folded) and not r.has("yes", "no"))
