"""No pattern that reads patients' or models' words blows up on long nonsense: twice the text costs about twice the work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from time import process_time

import pytest

from agent.guardrails import claims, clauses, facts, figures, naming
from agent.guardrails.lexicon import lexicon
from clinic.patients import disowning
from kit import fast_yaml
from kit.patterns import any_of

_ROOT = Path(__file__).parents[2]
LONG = 20_000  # characters
MEASURABLE = 0.05  # seconds of this process's own CPU: below it there is nothing to compare
RATIO = 3.5  # linear is 2, quadratic 4


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    found: dict[str, re.Pattern[str]] = {}
    for name in ("clauses", "desk_talk", "incoming", "medical", "outgoing"):
        found |= {f"{name}.{listed}": pattern for listed, pattern in lexicon(name).items()}
    raw = fast_yaml.load((_ROOT / "clinic/patients/disowning.yaml").read_text("utf-8"))
    found |= {f"disowning.{listed}": any_of(said, {"known": "(?:ana|bruno)"}) for listed, said in raw.items()}
    for module in (claims, clauses, facts, figures, naming, disowning):
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                found[f"{module.__name__.rpartition('.')[2]}.{name}"] = value
    return found


# Beginnings that many patterns share, so that each place of a long text is a place to begin and to fail late.
SEEDS = (
    "a ", "nao ", "posso tomar ", "voce voce ", "esse numero novo ", "tenho horario ", "exame deu 9 ", "dra ana de ",
    "Rua A de A ", "9", " ", "a.a-", "a-", "--a.", "_a", "_", "_-", "so a profissional ",
)  # fmt: skip
# Tried at one place of a text, never searched for.
AT_ONE_PLACE = frozenset({"clauses._ITEM", "clauses._RANGE_AFTER", "facts._JOINED", "facts._LASTS_AFTER"})


def texts(length: int) -> Iterator[str]:
    for seed in SEEDS:
        yield (seed * (length // len(seed) + 1))[:length]


def cost(pattern: re.Pattern[str], text: str, *, once: bool = False) -> float:
    began = process_time()
    if once:
        pattern.match(text)
    else:
        for _ in pattern.finditer(text):
            pass
    return process_time() - began


def grows(pattern: re.Pattern[str], short: str, long: str, *, once: bool = False) -> float | None:
    """How many times as much the long text costs, the calmest of up to three; None when it costs nothing to speak of."""
    first = cost(pattern, long, once=once)
    if first < MEASURABLE:
        return None
    ratio = first / max(cost(pattern, short, once=once), 1e-6)
    for _ in range(2):
        if ratio < RATIO:
            break
        ratio = min(ratio, cost(pattern, long, once=once) / max(cost(pattern, short, once=once), 1e-6))
    return ratio


@pytest.mark.parametrize("name", sorted(patterns()))
def test_twice_the_text_is_about_twice_the_work(name: str) -> None:
    pattern = patterns()[name]
    for short, long in zip(texts(LONG // 2), texts(LONG), strict=True):
        ratio = grows(pattern, short, long, once=name in AT_ONE_PLACE)
        assert ratio is None or ratio < RATIO, (long[:30], ratio)


def test_a_pattern_that_blows_up_would_be_seen() -> None:
    # Cubic: eight times as much, which no noise of a busy machine hides.
    ratio = grows(re.compile(r"(?:\w+\s+)*(?:\w+\s+)*x"), "a " * 120, "a " * 240)
    assert ratio is not None and ratio >= RATIO
