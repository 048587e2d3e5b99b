"""Text as people type it: stripped of what is invisible, flattened for comparison, chat shorthand spelled out. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from math import isfinite
from typing import Any

# Tag characters and the supplementary selectors smuggle instructions past a reader's eye; zero width and bidirectional
# controls split or reorder words; the Hangul and Braille blanks render as nothing.
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SPACES = re.compile(r"\s+")

_CHAT = {
    "vc": "você", "vcs": "vocês", "ce": "você", "tb": "também", "tbm": "também", "tmb": "também", "pq": "porque",
    "q": "que", "oq": "o que", "n": "não", "nn": "não", "ñ": "não", "naum": "não", "c": "com",
    "d": "de", "p": "para", "s/": "sem", "c/": "com", "p/": "para", "td": "tudo", "tds": "todos", "mto": "muito",
    "mta": "muita", "mt": "muito", "mts": "muitos", "hj": "hoje", "amh": "amanhã", "qd": "quando", "qdo": "quando",
    "qnd": "quando", "qto": "quanto", "qnto": "quanto", "qnt": "quanto", "cmg": "comigo", "ctg": "contigo", "dps": "depois",
    "msm": "mesmo", "msma": "mesma", "pfv": "por favor", "pf": "por favor", "pfvr": "por favor", "obg": "obrigado",
    "eh": "é", "gnt": "gente", "qro": "quero", "kero": "quero", "qria": "queria", "qr": "quer", "fzr": "fazer",
    "fzd": "fazendo", "agr": "agora", "axo": "acho", "sla": "sei lá", "ngm": "ninguém", "nd": "nada", "tô": "estou",
    "tou": "estou", "tá": "está", "msg": "mensagem", "msgs": "mensagens", "zap": "whatsapp", "wpp": "whatsapp",
    "tel": "telefone", "hr": "hora", "hrs": "horas", "min": "minutos", "pra": "para", "pro": "para o",
    "prq": "porque", "neh": "né", "aki": "aqui", "vdd": "verdade", "cnsg": "consigo", "tva": "estava",
}  # fmt: skip
# A lone letter after these is a name ("vitamina C", "bloco D"), before a number a mark ("n 120").
_LETTERED = r"(?<!vitamina )(?<!hepatite )(?<!bloco )(?<!sala )(?<!letra )(?<!turma )(?<!classe )(?<!tipo )(?<!ala )"
_SHORT = re.compile(
    _LETTERED + r"(?<![\w/&'@.])(" + "|".join(sorted(map(re.escape, _CHAT), key=len, reverse=True)) + r")"
    r"(?![\w/º°&'@]|\s+\d|\.\s?\d)(?<!\b[pcd](?=\.))",
    re.IGNORECASE,
)


def strip_hidden(text: str) -> str:
    """`text` without characters a reader cannot see (tags, zero width, selectors, bidi and control codes).

    Tabs and line breaks stay. An emoji made of joined parts falls apart into its parts; words never change.
    """
    return _HIDDEN.sub("", text)


# Letters of other alphabets that look like ours: Portuguese has none of them, so a word that does is in disguise.
_LAST_MARK = 0x20000  # no combining mark lies beyond: tests/unit/test_text.py
_FLAT = {mark: None for mark in range(0x300, _LAST_MARK) if unicodedata.combining(chr(mark))} | str.maketrans(
    "аеорсухіѕјһкмтвнԁԛԝοαιρνυκτ", "aeopcyxisjhkmtbhdqwoaipvukt"
)


def storable(value: Any) -> Any:
    """A JSON value as a database takes it: no NUL, no broken surrogate, no number that is none. Deep ones are cut at 20."""
    return _storable(value, 20)


def _storable(value: Any, deep: int) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {_storable(str(key), 0): _storable(inner, deep - 1) for key, inner in value.items()} if deep else None
    if isinstance(value, (list, tuple)):
        return [_storable(inner, deep - 1) for inner in value] if deep else None
    return value


def plain(text: str) -> str:
    """`text` in lower case, without accents, look-alikes or compatibility forms, runs of white space as one, ends trimmed.

    Punctuation and digits stay: "  São  João, 10H " gives "sao joao, 10h". Idempotent.
    """
    if text.isascii():  # most of what is compared: there is nothing in it to take apart
        return _SPACES.sub(" ", text.lower()).strip()
    split = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _SPACES.sub(" ", split.translate(_FLAT)).strip()


def expand_chat(text: str) -> str:
    """`text` with WhatsApp shorthand spelled out ("vc n tá c dor" gives "você não está com dor").

    Only whole words; the rest of the text, its case and its spacing are untouched.
    """
    return _SHORT.sub(lambda found: _CHAT[found.group(1).lower()], text)
