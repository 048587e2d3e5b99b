"""Whether the report suite passes, and why not. Pure; limits in gates.yaml."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from statistics import median

from evals.reports.measuring import Figures
from kit import fast_yaml


@cache
def limits() -> dict[str, float]:
    """The limits by name."""
    loaded: dict[str, float] = fast_yaml.load(files("evals.reports").joinpath("gates.yaml").read_text("utf-8"))
    return loaded


def unmet(found: Figures, *, offline: bool) -> list[tuple[str, float, float]]:
    """(limit, what was found, what it must be) for each that is not met. Offline the writer's ease of reading is not asked."""
    most = limits()
    # Without a reviewer nobody settles a doubt: a person reads it, which is no fault of the rules.
    good = found.rules if offline else found.review
    approved = [one for one in found.texts if one.approved]
    recall = found.review.recall()
    shares = {
        "false_refusals": len(good.wrongly) / max(1, len(good.good)),
        "lost": float(sum(len(one.lost) for one in approved)),
        "invented": float(sum(len(one.invented) for one in approved)),
        "residual": len(found.loop.residual) / max(1, found.loop.of),
    }
    wrong = [(name, value, most[name]) for name, value in shares.items() if value > most[name]]
    if recall is None or recall < most["recall"]:
        wrong.append(("recall", recall or 0.0, most["recall"]))
    ease = [one.flesch for one in approved if one.flesch is not None]
    if not offline and ease and median(ease) < most["flesch"]:
        wrong.append(("flesch", median(ease), most["flesch"]))
    return wrong
