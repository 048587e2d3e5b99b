"""Whether a reply tells of somebody who is not of this conversation that they are seen here, come, or have a visit. Pure.

A model that was told a name may give it back as a fact ("a Bia também passa com ela"): whoever fishes for it takes that for a
yes. It need not know anything to do so, and a denial tells as much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.guardrails.naming import NAME, ordinary
from agent.guardrails.problems import Problem
from agent.guardrails.sources import Ground, Said, words_of
from kit.text import plain

_BETWEEN = r"(?: (?:j[áa]|tamb[ée]m|sempre|ainda|s[óo]|n[ãa]o|realmente|mesmo|hoje))*"
_SEEN = "|".join(
    (
        r"(?:passa|passou|passava) (?:com|por|aqui|em consulta)",
        r"se (?:consulta|trata)",
        r"(?:é|era|foi) (?:(?:um|uma|noss[oa]) )?paciente",
        r"(?:tem|tinha|teve|marcou|desmarcou|cancelou|remarcou) (?:(?:um|uma|a|o|outr[oa]) )?"
        r"(?:consulta|retorno|sess[ãa]o|avalia[çc][ãa]o|exame)",
        r"(?:está sendo|foi|é|era) (?:atendid|acompanhad)[oa]",
        r"(?:faz|fez) (?:tratamento|acompanhamento|fisioterapia|terapia|consulta|limpeza)",
        r"(?:vem|veio|vinha|comparece|compareceu|esteve) (?:aqui|hoje|ontem|amanh[ãa]|antes|depois|na|no|às|à|com|toda)",
    )
)
_TELLS = re.compile(
    rf"(?<!\w)(?:(?P<before>(?![AaOo] )\w+) )?(?:(?P<article>[AaOo]) )?(?P<name>{NAME}){_BETWEEN} (?:{_SEEN})\b"
)
# "para a Rosa tem consulta às 9h" is about a time; "não sei se a Rosa vem na quinta" says nothing of her.
_APART = frozenset({"se", "para", "pra", "pro", "com", "da", "do", "de", "na", "no", "que", "quando", "caso"})


def others(said: Said, ground: Ground) -> Iterator[Problem]:
    """Each such statement. A single name counts where the patient said it: others are too often a word of the clinic's."""
    heard = frozenset().union(*(known.words for _, known in ground.among(frozenset({"heard"}))))
    for found in _TELLS.finditer(said.reply):
        clause = said.clause(said.flat_place(found.start("name")))
        if clause.asks or clause.echoes or plain(found["before"] or "") in _APART:
            continue
        words = words_of(found["name"])
        named = len(found["name"].split()) > 1 or (found["article"] is not None and words <= heard)
        if named and not ordinary(found["name"], ground):
            yield "ungrounded_name", plain(found.group())
