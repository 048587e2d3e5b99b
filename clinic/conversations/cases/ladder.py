"""Whom of the team to tell, and when the next one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.tenants.policies import Member, Team

_URGENT = 5.0  # minutes


@dataclass(frozen=True, slots=True)
class Step:
    """Tell these, who are of this level; the next level in so many seconds if nobody takes it, or None: they are the last."""

    level: int
    members: tuple[Member, ...]
    again_in: float | None


def climb(team: Team, *, told: int, urgent: bool) -> Step | None:
    """The next step above the level `told` (0: nobody was told yet). None: nobody is above it."""
    levels = sorted({member.level for member in team.members if member.level > told})
    if not levels:
        return None
    minutes = min(_URGENT, team.climb_minutes) if urgent else float(team.climb_minutes)
    return Step(levels[0], _of(team, levels[0]), minutes * 60 if len(levels) > 1 else None)


def up_to(team: Team, level: int) -> Sequence[Member]:
    """Everybody who was told so far; before anybody was, whoever is told first."""
    first = min((member.level for member in team.members), default=0)
    return tuple(member for member in team.members if member.level <= max(level, first))


def _of(team: Team, level: int) -> tuple[Member, ...]:
    return tuple(member for member in team.members if member.level == level)
