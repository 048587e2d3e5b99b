"""What a patient's message says: intents by rule, then by likeness to exemplars, and every slot it fills. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from agent.offline import aside, asking, entities, own, refusable, several
from agent.offline.likeness import Likeness
from agent.offline.mending import mended
from agent.offline.people import Whom, find_whom, without
from agent.offline.reading import REACTIONS
from agent.offline.reading import Reading as Reading
from agent.offline.spelling import content, fold
from agent.offline.temporal import When, find_when
from agent.offline.view import Briefing, Dialogue
from clinic.conversations.consent import affirms
from kit import fast_yaml

_NEGOTIATES = frozenset({"refuse", "later", "earlier", "sooner", "any_slot", "earliest", "latest"})
_MOVES = re.compile(
    r"\b(?:(?<!uma )mud[ae]r?|troc(?:ar?|que)|passar (?:para|pras?|pros?|de)|jog(?:ar?|ue)|adiantar?|empurrar?)\b"
)
_QUESTION = re.compile(
    r"\?|^\W*(?:como|quando|onde|qual|quais|quem|por ?que|o que|que|posso|precisa\w*|tem|teria|sera|voces"
    r"|e (?:se|possivel|verdade|obrigatorio)|quantos?|quantas?|gostaria de saber|queria saber|me (?:tira|informa|fala)"
    r"|duvida)\b"
)


_TEM = re.compile(r"\b(?:tem|teria|consegue|conseguem|da|rola|pode ser|posso ir|atende|atendem)\b")
_OURS = frozenset({"price", "offers_service", "services", "hours", "address", "convenio", "payment", "my_visits"})
_ABOUT_TIME = frozenset({"hours", "professional_days"})
_ABOUT_SERVICES = frozenset({"price", "duration", "preparation", "convenio", "professionals", "offers_service"})
# What a wish for a person is about, and not a question of its own: "tem alguém aí? é sobre um recibo".
_ANYBODY = re.compile(r"\b(?:tem|ha) alguem ai\W*\?")
_BESIDE_A_PERSON = frozenset(
    {"prescription", "business", "exam_results", "knowledge", "offers_service", "professionals", "services", "book"}
    | {"availability", "preparation", "convenio", "hours"}
)
_PICKS = re.compile(r"\d|\b(?:primeir|segund|terceir|quart|quint|ultim)[oa]\b")
_AND = re.compile(r"^\W*(?:e|mas|entao)\b|\?\s*$")
_WANTS = re.compile(r"\b(?:quero|queria|preciso|gostaria|to precisando|estou precisando|necessito)\b")


@cache
def rules() -> dict[str, re.Pattern[str]]:
    raw: dict[str, Any] = fast_yaml.load(Path(__file__).with_name("rules.yaml").read_text(encoding="utf-8"))
    return {intent: re.compile("|".join(f"(?:{p})" for p in patterns)) for intent, patterns in raw.items()}


def _wishes(folded: str) -> bool:
    return any(rules()[intent].search(folded) for intent in ("book", "availability", "move", "cancel"))


def understand(text: str, briefing: Briefing, dialogue: Dialogue, likeness: Likeness) -> Reading:
    meant = mended(text)
    whole, text = meant.text, aside.request(meant.text, _wishes, briefing)
    folded = fold(text)
    wish = aside.wished(text, briefing, dialogue)
    intents = frozenset(name for name, rule in rules().items() if rule.search(folded))
    if dialogue.expect == "confirm" and any(affirms([text], to=kind) for kind in ("book", "move", "cancel")):
        intents = (intents - {"no"}) | {"yes"}  # however it is spelled: whoever books reads it the same way
    if wish.text != text and not rules()["my_visits"].search(fold(wish.text)):
        intents -= {"my_visits"}
    whom = find_whom(wish.text, briefing, asked=dialogue.expect)
    whom = find_whom(whole, briefing, asked=dialogue.expect) if whole != text and not whom.name else whom
    rest = without(wish.text, whom.name)  # "Domingos" is no day and "Rita de Cássia" no convênio
    professionals, stranger = entities.find_professionals(rest, briefing)
    found = entities.find_services(aside.without_refused(rest, briefing), briefing)
    unit = entities.find_unit(rest, briefing)
    convenio = entities.find_convenio(rest, briefing)
    reading = Reading(
        text=text,
        folded=folded,
        intents=intents,
        services=found.services,
        sure_service=found.sure,
        each_service=found.each,
        professionals=professionals,
        stranger=stranger,
        unit=unit.name if unit else "",
        when=find_when(without(wish.timed, whom.name), briefing.now, briefing.zone),
        convenio=convenio.name if convenio else "particular" if "particular" in intents else "",
        foreign_convenio="" if convenio else entities.foreign_convenio(rest),
        whom=replace(whom, name=meant.as_typed(whom.name)),
        question=bool(_QUESTION.search(folded)),
        wished=fold(wish.text),
        leaves=wish.leaves,
    )
    if dialogue.task in ("", "book") and (each := several.wishes(wish.text, briefing)):
        first, second = each[0], each[1]
        when = find_when(first.when, briefing.now, briefing.zone)
        reading = replace(reading, whom=Whom(first.name, also=second.name), when=when, then_when=second.when)
    if reading.has("thanks", "bye") and re.search(r"\bate\b", folded):
        reading = replace(reading, when=When())  # "até quarta!" is a farewell
    if own.asks(reading, briefing, dialogue):
        reading = replace(reading, intents=reading.intents | {"my_visits"})
    settled = _settle(reading, dialogue)
    booked = [service.name for service in found.services]
    if (
        not dialogue.task
        and aside.retimes(folded, reading.when, bool(wish.leaves), briefing, booked)
        and _free_to_move(settled)
    ):
        settled = _with(settled, (settled.intents | {"move"}) - {"book", "availability", "cancel", "offers_service"})
    wanted = refusable.wanted(settled, briefing, dialogue)
    if wanted.kind and (wanted.names or wanted.kind not in ("visits", "data") or not asking.coming(folded)):
        told = {"others_visits"} if wanted.kind in refusable.OF_OTHERS else set()
        return replace(settled, refuses=wanted.kind, others=wanted.names, intents=settled.intents | told)
    return _asking(_guess(settled, dialogue, likeness), dialogue, briefing)


def _free_to_move(r: Reading) -> bool:
    """Whether nothing in the message makes its time another than a visit's new one."""
    return not r.has("my_visits", "late", "person", "call_other", "price", "complaint")


def _settle(r: Reading, d: Dialogue) -> Reading:
    """Rules that exclude one another, decided: what is spoken of, what is wished, what then cannot be meant."""
    return _with(r, _excluding(r, d, _wishing(r, d, _speaking(r, d, set(r.intents)))))


def _speaking(r: Reading, d: Dialogue, intents: set[str]) -> set[str]:
    named = bool(r.services or r.professionals)
    if "medical" in intents and (intents & _OURS or (r.sure_service and r.question)) and refusable.told_only(r):
        intents -= {"medical"}  # a symptom told on the way to a question of the desk's own
    if {"move", "cancel"} <= intents and not re.search(r"cancel|desmarc", r.folded):
        intents -= {"cancel"}  # "não vou poder ir, posso trocar?"
    if {"keep", "cancel"} <= intents:  # "não cancela, eu vou" keeps; "cancela a da Ana, a minha mantém" does not
        unsaid = re.sub(
            r"\bnao \w*\s?(?:\w+ )?(?:cancel|desmarc)\w*|\besquec\w* o cancelamento|\bdesisti de cancelar", "", r.folded
        )
        intents -= {"keep"} if re.search(r"\b(?:cancel|desmarc)", unsaid) else {"cancel"}
    if "call_other" in intents:
        intents -= {"person", "phone", "book", "availability"}
    if "late" in intents:
        late = not re.search(
            r"\b(?:se (?:eu )?(?:me )?atras|posso (?:me )?(?:chegar )?atras|costuma)", r.folded
        ) and not re.search(
            r"\b(?:para|pras?|pro) (?:a |o )?(?:segunda|terca|quarta|quinta|sexta|sabado|amanha|dia|semana|outr)|remarc",
            r.folded,
        )
        intents -= {"hours", "later", "cancel", "book", "availability", "address", "knowledge"} if late else {"late"}
    if "person" in intents and "hours" in intents and _ANYBODY.search(r.folded):
        intents -= {"person"}  # "tem alguém aí? tá aberto?"
    if "person" in intents:
        intents -= _BESIDE_A_PERSON
    if "complaint" in intents:
        intents -= {"payment", "price", "phone", "hours"}
    if "phone" in intents and not r.question and not re.search(r"telefone|fone|numero|ligar|qual|passa|manda", r.folded):
        intents -= {"phone"}  # "vi no instagram de vocês"
    asks_time = bool(r.when) or intents & {"book", "availability", "move", "person"}
    if r.convenio == "particular" and r.question and not d.task and not asks_time:
        intents |= {"price"}
    if intents & {"move", "cancel"} and not r.has("book"):
        intents -= {"availability"}
    if "move" in intents:
        intents -= {"book"} if not re.search(r"\bmarcar\b(?!.*remarc)", r.folded) else set()
    if "hours" in intents and (intents & {"book"} or (named and r.when)):
        intents -= {"hours"}
        intents |= {"availability"} if named else set()
    if intents & {"address", "hours"} and not re.search(r"\b(?:telefone|fone|numero|ligar)\b", r.folded):
        intents -= {"phone"}
    plan = r.convenio not in ("", "particular") or r.foreign_convenio
    if plan and r.question and (not intents & {"price"} or re.search(r"aceit|atend|cobr|pega|credenciad|trabalha", r.folded)):
        intents |= {"convenio"}
    if "convenio" in intents or r.convenio or r.foreign_convenio:
        intents -= {"offers_service", "professionals"}
    if intents & {"payment", "address", "parking", "price", "preparation", "hours", "convenio", "professional_days",
                  "professionals", "exam_results", "availability", "duration", "services"}:  # fmt: skip
        intents -= {"offers_service", "service_info"}
    if "discount" in intents:
        intents -= {"payment", "price", "offers_service", "services"}
    return intents


def _wishing(r: Reading, d: Dialogue, intents: set[str]) -> set[str]:
    named = bool(r.services or r.professionals)
    if "medical" in intents and named and _WANTS.search(r.folded) and not r.question:
        intents |= {"book"}  # "tô com dor na lombar, quero avaliação quinta": nobody asked for advice
    if r.when and not d.task and _MOVES.search(r.folded):
        intents |= {"move"}
    if not d.task and not intents - REACTIONS and _AND.search(r.folded) and len(content(r.text)) <= 5:
        follows = (r.when and d.about in _ABOUT_TIME) or (named and d.about in _ABOUT_SERVICES)
        intents |= {d.about} if follows else set()
    if r.when.names_day and _TEM.search(r.folded) and intents & {"price", "convenio", "payment", "address"}:
        intents |= {"availability"}  # "quanto custa? e tem quinta?"
    if not intents - REACTIONS - {"offers_service"}:
        if ((r.when or r.unit) and _TEM.search(r.folded)) or intents & {"later", "earlier"}:
            intents = (intents | {"availability"}) - {"offers_service"}
        elif named and not r.question and not d.task and (_WANTS.search(r.folded) or len(content(r.text)) <= 12):
            intents |= {"book"}
    if d.task and intents & _NEGOTIATES:
        intents -= {"offers_service"}
    if "book" in intents and re.search(r"\b(?:quero|queria|vou|preciso) (?:\w+ )?(?:marcar|agendar)\b", r.folded):
        intents -= {"drop"}  # "mudei de ideia, quero marcar"
    if "professional_days" in intents:
        intents -= {"hours", "professionals"} if r.professionals or r.stranger else set()
        she = (d.professional or d.service or d.topic) and re.search(r"\bel[ae]\b", r.folded)
        intents -= set() if r.professionals or r.stranger or she else {"professional_days"}
    if "my_visits" in intents:
        intents -= {"hours", "availability", "book", "professionals", "services"}
    return intents


def _excluding(r: Reading, d: Dialogue, intents: set[str]) -> set[str]:
    named = bool(r.services or r.professionals)
    if intents & {"book", "availability", "move"}:
        intents -= {"presence"}
        intents -= {"medical"} if not re.search(r"\b(?:tomar|remedio|dose|pomada|grave)\b", r.folded) else set()
    if "medical" in intents and re.search(r"\b(?:tomar|remedio|medicamento|antibiotico|pomada|dose)\b", r.folded):
        intents -= {"preparation"}
    if "preparation" in intents or "payment" in intents or "exam_results" in intents:
        intents -= {"medical", "prescription", "book"} if not re.search(r"marcar|agendar", r.folded) else set()
    if intents & {"earliest", "latest"}:
        intents -= {"later", "earlier"}
    if intents & {"cancel", "move"}:
        intents -= {"offers_service"}
    if (
        "move" in intents
        and intents & {"price", "address", "phone", "payment"}
        and re.search(r"\b(?:pass|mand)\w* (?:o|a|os|as|me|para mim) ", r.folded)
        and not r.when
    ):
        intents -= {"move"}  # "passa o valor da limpeza"
    if "knowledge" in intents:
        intents -= {"book", "availability", "offers_service"}
    if "prescription" in intents and (r.services or r.professionals) and refusable.asks_visit(r.folded):
        intents -= {"prescription"}  # the visit is asked for, day and all; the paper is what it is for
    if "prescription" in intents and not re.search(r"marcar|agendar|\bconsulta para\b", r.folded):
        intents -= {"book", "availability"}
    if "business" in intents:
        intents -= {"availability", "book", "offers_service"}
    if "joke" in intents and named:
        intents -= {"joke"}
    if "no" in intents:
        intents -= {"yes"}
    if "yes" in intents and not r.question and len(content(r.text)) <= 2:
        intents -= {"hours"}  # "fechado!"
    if d.expect == "slot" and "book" in intents and not r.services and re.search(r"\bpode (?:ser|marcar)|marca\b", r.folded):
        intents -= {"book"}
    return intents


def _with(r: Reading, intents: set[str] | frozenset[str], guessed: bool = False) -> Reading:
    return replace(r, intents=frozenset(intents), guessed=guessed)


def _answers(r: Reading, d: Dialogue) -> bool:
    """Whether the message already answers what was asked, or fills a slot on its own."""
    filled = bool(r.services or r.professionals or r.when or r.unit or r.convenio or r.whom.name or r.whom.relationship)
    picks = bool(d.shown or d.options) and _PICKS.search(r.folded) is not None
    return filled or picks or bool(r.intents & REACTIONS and (d.expect or len(content(r.text)) <= 4))


def _guess(r: Reading, d: Dialogue, likeness: Likeness) -> Reading:
    """The subject by likeness, only when no rule gave one and the words carry something."""
    if r.subjects or not content(r.text):
        return r
    reacts = r.intents & ({"yes", "no", *_NEGOTIATES} if d.task else {"yes", "no"})
    if _answers(r, d) and (not r.question or reacts):
        return r
    if r.has("greet", "how_are_you", "thanks", "bye") and len(content(r.text)) <= 3:
        return r
    intent = likeness(r.text)
    return _with(r, r.intents | {intent}, guessed=True) if intent else r


_DEEDS = frozenset({"book", "availability", "move", "cancel"})
_NOT_ASKED = frozenset(
    {
        "keep",
        "late",
        "call_other",
        "retry",
        "person",
        "complaint",
        "medical",
        "others_visits",
        "robot",
        "who_are_you",
        "insult",
        "foreign_language",
        "joke",
    }
)


def _saying_when(r: Reading, briefing: Briefing) -> Reading:
    """The reading of the sentence alone that says the time."""
    sentences = re.split(r"(?<=[.?!\n])\s+", r.text)
    one = next((s for s in sentences if find_when(s, briefing.now, briefing.zone).point), r.text)
    return replace(r, text=one, folded=fold(one))


def _asking(r: Reading, d: Dialogue, briefing: Briefing) -> Reading:
    """A question about how things are here is no request for times, whatever service it names."""
    fills = bool(r.whom.name or r.whom.relationship or r.when or r.convenio or r.professionals or r.unit)
    if r.has("complaint") and re.search(r"\bquando (?:a gente|alguem)\b", r.folded):
        r = _with(r, r.intents - {"complaint"})  # "quando a gente reclama, quem responde?"
    if r.has("person") and re.search(r"\balguem\b(?: \w+){0,2} que (?!possa|pode|me|resolv)\w+", r.folded):
        r = _with(r, r.intents - {"person"})  # "tem alguém aí que fala inglês?"
    if r.has("late", "keep") and r.question and not briefing.visits:
        r = _with(r, r.intents - {"late", "keep"})  # nobody is expected: the rule is asked
    if r.has(*_NOT_ASKED) or (d.expect and (fills or r.has("yes", "no"))):
        return r
    if r.intents & _DEEDS and asking.supposes(r.folded) and r.question:
        return _with(r, (r.intents - _DEEDS) | {"knowledge"}, r.guessed)
    if r.has("move", "cancel", "my_visits") and not r.guessed:
        return r
    if r.services and r.when.names_day and r.when.point and not asking.left(_saying_when(r, briefing), briefing):
        return r  # "moro perto daí. consigo dermatologista nessa unidade quinta às 9h?"
    if r.has("availability") and r.unit and r.when.names_day and not (r.services or r.professionals or d.service):
        return _with(r, (r.intents - _DEEDS) | {"hours"}, r.guessed)  # "sábado posso ir na de Lourdes?"
    return _with(r, (r.intents - _DEEDS) | {"knowledge"}, r.guessed) if asking.asks(r, briefing) else r
