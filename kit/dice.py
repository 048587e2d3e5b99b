"""Chance that can be had again: everything drawn comes from its seed."""

from __future__ import annotations

from random import Random as Dice

__all__ = ["Dice", "dice"]


def dice(seed: str | int) -> Dice:
    """Draws that are the same for the same seed, on every machine."""
    return Dice(seed)
