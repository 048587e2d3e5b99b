"""Carol's words, rendered from replies.yaml. The variant of a phrase depends only on the turn, so a replay says the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import yaml

from agent.offline.view import Offer

_FILE = Path(__file__).with_name("replies.yaml")


@cache
def phrases() -> dict[str, tuple[str, ...]]:
    raw: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {key: tuple([value] if isinstance(value, str) else value) for key, value in raw.items()}


class Voice:
    """Renders phrases; `turn` (how many messages came before) picks among variants."""

    def __init__(self, turn: int) -> None:
        self._turn = turn

    def say(self, key: str, **fields: object) -> str:
        variants = phrases()[key]
        return variants[(self._turn + crc32(key.encode())) % len(variants)].format(**fields).strip()


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(name: str) -> str:
    """A service's name inside a sentence: "Limpeza dental" → "limpeza dental"; an acronym ("ECG") stays."""
    return name[:1].lower() + name[1:] if len(name) > 1 and not name[1].isupper() else name


def first_name(name: str) -> str:
    return name.split()[0] if name.split() else ""


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
    return "\n".join(f"{i}. {item}" for i, item in enumerate(items, 1))


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
