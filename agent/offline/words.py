"""Carol's words, rendered from replies.yaml. The variant of a phrase depends only on the turn, so a replay says the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from agent.offline.lexicon import lexicon
from agent.offline.view import Offer
from kit import fast_yaml
from kit.text import plain

_FILE = Path(__file__).with_name("replies.yaml")


@cache
def phrases() -> dict[str, tuple[str, ...]]:
    raw: dict[str, Any] = fast_yaml.load(_FILE.read_text(encoding="utf-8"))
    return {key: tuple([value] if isinstance(value, str) else value) for key, value in raw.items()}


class Voice:
    """Renders phrases; `turn` (how many messages came before) picks among variants."""

    def __init__(self, turn: int) -> None:
        self._turn = turn

    def say(self, key: str, **fields: object) -> str:
        variants = phrases()[key]
        if "service" in fields:
            fields |= _forms(str(fields["service"]))
        return variants[(self._turn + crc32(key.encode())) % len(variants)].format(**fields).strip()


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(name: str) -> str:
    """A service's name inside a sentence: "Limpeza dental" → "limpeza dental"; an acronym ("ECG") stays."""
    return name[:1].lower() + name[1:] if len(name) > 1 and not name[1].isupper() else name


_ASIDE = re.compile(r"\s*\([^)]*\)")
_FEMININE = re.compile(r"(?:(?<!gram)(?<!om)a|[cs]ao|gem|dade|tude|ese|ise|ose|lipo|sessao|foto)$")


def feminine(name: str) -> bool:
    """Whether the first word of a service's name takes "a": by its ending, right for what clinics do."""
    words = plain(name).split()
    return bool(words) and _FEMININE.search(words[0].strip(".,()")) is not None


def _forms(name: str) -> dict[str, str]:
    """The ways a service's name enters a sentence."""
    bare = lower_first(_ASIDE.sub("", name).strip() or name)
    return {
        "service": bare,
        "a_service": a(name),
        "of_service": of(name),
        "the_service": sentence_case(a(name)),
        "by_service": ("pela " if feminine(name) else "pelo ") + bare,
        "for_service": ("pra " if feminine(name) else "pro ") + bare,
    }


def a(service: str) -> str:
    """ "a limpeza dental", "o clareamento"."""
    return ("a " if feminine(service) else "o ") + lower_first(_ASIDE.sub("", service).strip() or service)


def of(service: str) -> str:
    """ "da limpeza dental", "do clareamento"."""
    return "d" + a(service)


def on_day(label: str) -> str:
    """ "no sábado, 28 de novembro", "na terça, …"."""
    return ("no " if plain(label).startswith(("sab", "dom")) else "na ") + label


def first_name(name: str) -> str:
    return name.split()[0] if name.split() else ""


def accented(word: str) -> str:
    """A family word with the accent it lost when folded."""
    return str(lexicon()["accents"].get(word, word))


def of_kin(word: str) -> str:
    """ "da sua mãe", "do seu filho"."""
    return f"{'da sua' if word in lexicon()['feminine'] else 'do seu'} {accented(word)}"


def listing(items: Sequence[str], last: str = "e") -> str:
    """ "a, b e c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def _title(professional: str) -> str:
    first = professional.split(maxsplit=1)[0].lower().rstrip(".") if professional.strip() else ""
    return {"dra": "a ", "doutora": "a ", "sra": "a ", "dr": "o ", "doutor": "o ", "sr": "o "}.get(first, "")


def the(professional: str) -> str:
    """ "a Dra. Paula", "o Dr. Caio", or the bare name when the title does not tell."""
    return _title(professional) + professional


def unit_name(unit: str) -> str:
    """ "unidade Savassi"."""
    return lower_first(unit) if unit.lower().startswith("unidade") else f"unidade {unit}"


def at_unit(unit: str) -> str:
    """ "na unidade Savassi"."""
    return f"na {unit_name(unit)}"


def numbered(items: Sequence[str]) -> str:
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))


def bulleted(items: Sequence[str]) -> str:
    return "\n".join(f"• {item}" for item in items)


def offer_lines(offers: Sequence[Offer]) -> str:
    """The offers numbered; professional and unit only where they tell one from another."""
    professionals = {o.professional for o in offers}
    units = {o.unit for o in offers}
    lines = []
    for offer in offers:
        detail = [offer.professional] if len(professionals) > 1 else []
        detail += [offer.unit] if len(units) > 1 else []
        lines.append(offer.label + (f" ({', '.join(detail)})" if detail else ""))
    return numbered(lines)
