"""What a turn may still spend of its contact's and its clinic's share: asked before it begins and before each model. Pure."""

from __future__ import annotations

from clinic.conversations.lanes import spending
from clinic.conversations.lanes.spending import Limit
from graphs.state import Turn
from kit.ids import is_sandbox


def reached(turn: Turn) -> Limit | None:
    """The limit of the clinic that this turn meets before it spends anything, or None."""
    return spending.reached(turn.ctx.clinic.policies.limits, turn.spent)


def stops(turn: Turn) -> bool:
    """Whether the clinic's limits stop this turn: a rehearsal only tells of them."""
    return not is_sandbox(turn.ctx.clinic.id)


def money_gone(turn: Turn) -> Limit | None:
    """The limit that lets this turn ask no further model, or None."""
    found = spending.money_gone(turn.ctx.clinic.policies.limits, turn.spent, more=turn.cost_brl)
    return found if stops(turn) else None
