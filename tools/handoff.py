"""Passing a conversation to a person: a case with an owner and a deadline, opened before anything is promised."""

from __future__ import annotations

from clinic.conversations.cases import case_store, handoff
from clinic.conversations.models import GIVEN_BACK, CaseKind, Desk
from db.session import Session
from kit import ptbr
from tools.arguments import Escalate
from tools.context import Result, ToolContext, error
from tools.once import Done, once


def _just_given_back(desk: Desk) -> bool:
    """Whether a person gave the conversation back after all that waits: they have read it, and it would go round in circles."""
    back = max((message.seq for message in desk.history if message.kind == GIVEN_BACK), default=0)
    return bool(desk.pending) and back > desk.pending[-1].seq


async def escalate(ctx: ToolContext, args: Escalate) -> Result:
    """Opens a case, or finds the one still open, and says by when a person answers in the clinic's real hours."""
    kind = CaseKind(args.kind)
    if kind not in case_store.URGENT and _just_given_back(ctx.desk):
        return error("given_back")
    due_at = handoff.deadline(ctx.clinic, kind, now=ctx.now)

    async def open_it(s: Session) -> Done:
        case = await case_store.open_case(
            s,
            ctx.desk.lease.conversation_id,
            kind,
            reason=args.kind,
            brief=args.brief,
            due_at=due_at,
            at=ctx.now,
            turn_id=ctx.desk.lease.turn_id,
        )
        until = ptbr.until(case.due_at.astimezone(ctx.clinic.zone), now=ctx.local_now)
        return Done({"case": case.number, "until": until, "open_now": handoff.is_open(ctx.clinic, ctx.now)}, "case", case.id)

    key = f"escalate:{args.kind}:{ctx.desk.lease.turn_id}"
    return await once(ctx, tool="escalate", key=key, arguments={"kind": args.kind}, effect=open_it)
