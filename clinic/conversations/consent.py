"""Whether the patient said yes to what was read back. Pure, and strict: a doubtful yes is asked again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kit.text import expand_chat, plain

_YES = re.compile(
    r"\b(s+i+m+|sin|claro|com certeza|isso( mesmo| ai)?|exato|exatamente|certo|certinho|correto|confirmo|confirmado|confirma"
    r"|confirmar|pode (ser|sim|confirmar|marcar|agendar|remarcar|cancelar|desmarcar|mudar|trocar|fechar|fazer|deixar)|pode"
    r"|podem|ok+|okay|oki|blz|beleza|fechado|fechou|combinado|perfeito|otimo|maravilha|show|top|joia|bora|vamos|quero( sim)?"
    r"|ta (bom|certo|otimo|ok|joia)|esta (bom|certo|otimo|correto)|tudo (certo|bem)|de acordo|marca|marque|agenda ai|agende"
    r"|aceito|positivo|uhum|aham|ahan|s+|pode crer|cancela|cancele|desmarca|remarca|manda ver|isto|por favor sim|bele|dale"
    r"|fico com esse|fico com essa|esse mesmo|essa mesma)\b"
)
_NO = re.compile(
    r"\b(nao|nunca|nem|negativo|pera|espera|calma|errado|errada|incorreto|melhor nao|deixa (pra|para) la|desisto|prefiro"
    r"|outro|outra|na verdade|mudei de ideia|antes me|cancela tudo|mas)\b|\?"
)
_OTHER_WISH = {
    "book": re.compile(r"\b(cancel\w*|desmarc\w*|remarc\w*|troc\w+|mud(ar|a|o|e|ei))\b"),
    "move": re.compile(r"\b(cancel\w*|desmarc\w*)\b"),
    "cancel": re.compile(r"\b(remarc\w*|troc\w+|mud(ar|a|o|e|ei)|mant\w+|(?<!des)marc\w+)\b"),
}
_HARMLESS = re.compile(
    r"\b(nao tem problema|sem problema(s)?|nao vejo problema|nao ha problema|por que nao|porque nao|mas (ok|tudo bem|pode))\b"
    r"|\b(sim|isso|pode|certo|ok),? ne\s*\?|\b(ne|ta|ok|viu)\s*\?"
)
_THUMBS = ("👍", "👌", "✅", "🙌", "🤝", "☑", "✔")


def affirms(texts: Sequence[str], *, to: str) -> bool:
    """Whether these messages, read together as one answer, are a plain yes to a proposal to book, move or cancel.

    A question, a negation or another wish beside the yes makes it not plain: "sim, mas pode ser às 16h?" is no yes.
    """
    raw = "\n".join(texts)
    text = plain(expand_chat(raw))
    if not text:
        return False
    if _OTHER_WISH[to].search(text):
        return False
    if any(thumb in raw for thumb in _THUMBS) and not _NO.search(text):
        return True
    bare = _HARMLESS.sub(" sim ", text)
    return bool(_YES.search(bare)) and not _NO.search(bare)


def thumbs_up(text: str) -> bool:
    """Whether the whole answer is an approving sign."""
    bare = text.strip()
    return bare.startswith(_THUMBS) and not plain(bare.strip("".join(_THUMBS) + "\ufe0f🏻🏼🏽🏾🏿 "))
