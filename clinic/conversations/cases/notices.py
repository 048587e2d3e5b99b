"""What the team is told, once each: the matter, a number and a deadline; never a name, a phone or words of a patient."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from clinic.conversations.cases import case_store, ladder, notices_store
from clinic.conversations.cases.notices_store import BASE
from clinic.conversations.models import Promise
from clinic.tenants.models import Clinic
from clinic.tenants.policies import Member
from db.session import Session
from kit import fast_yaml, ptbr
from kit.clock import utc_now
from kit.ids import is_sandbox


async def climb(s: Session, clinic: Clinic, case_id: UUID) -> int | None:
    """Tells the next level of a case nobody took, and sets when the one after it is told; how many people are told.

    None: there is nobody left to tell and nobody was ever told. Once per level, whoever calls, until it waits again.
    """
    case = await case_store.locked(s, case_id)
    if case is None or not case.climbs or case.status != "open":
        return 0
    step = ladder.climb(clinic.policies.team, told=case.level, urgent=case.urgent)
    if step is None:
        await case_store.note_climbed(s, case_id, level=case.level, again_in=None)
        return 0 if case.level else None
    await case_store.note_climbed(s, case_id, level=step.level, again_in=step.again_in)
    kind = "case_climbed" if case.level else "case_opened"
    # The locked case says that it is time; a case that waits again is told again.
    key = f"{kind}:{case.id}:{step.level}:{await notices_store.told(s, case_id)}"
    return await _tell_case(s, clinic, case, kind, step.members, key=key)


async def slipped(s: Session, clinic: Clinic, case: Promise) -> int:
    """Tells whoever was told of this case that its deadline has passed without an answer; once per deadline."""
    members = ladder.up_to(clinic.policies.team, case.level)
    return await _tell_case(s, clinic, case, "case_slipped", members, key=f"case_slipped:{case.id}:{case.slips}")


async def wire_down(s: Session, clinic: Clinic, account_id: UUID, *, kind: str, since: str) -> int:
    """Tells the first level that a wire of this kind is down, once for each time it went down (`since` names it)."""
    wire = _texts()["wires"].get(kind, kind)
    text = _text("wire_down", wire=wire, link=_link(clinic))
    return await _tell(s, clinic, "wire_down", text, key=f"wire_down:{account_id}:{since}")


async def gap(s: Session, clinic: Clinic, *, key: str, found: int, lost: int) -> int:
    """Tells the first level that the wire's history had messages which our inbox had not; `key` names the audit."""
    text = _text("gap", found=found, lost=lost, link=_link(clinic))
    return await _tell(s, clinic, "gap", text, key=f"gap:{key}")


async def _tell_case(s: Session, clinic: Clinic, case: Promise, kind: str, members: Iterable[Member], *, key: str) -> int:
    now, due = utc_now().astimezone(clinic.zone), case.due_at.astimezone(clinic.zone)
    text = _text(
        kind,
        urgency=_texts()["urgent"] if case.urgent else "",
        kind=_texts()["kinds"][case.kind.value],
        case=case.number,
        until=ptbr.until(due, now=now),
        since=ptbr.moment(due, today=now.date()),
        link=_link(clinic, case.conversation_id),
    )
    return await _queue(s, clinic, kind, text, members, key=key, case_id=case.id)


async def _tell(s: Session, clinic: Clinic, kind: str, text: str, *, key: str) -> int:
    return await _queue(s, clinic, kind, text, ladder.up_to(clinic.policies.team, 0), key=key)


async def _queue(
    s: Session,
    clinic: Clinic,
    kind: str,
    text: str,
    members: Iterable[Member],
    *,
    key: str,
    case_id: UUID | None = None,
) -> int:
    if is_sandbox(clinic.id):
        return 0
    new = [
        await notices_store.add(
            s,
            kind=kind,
            key=f"{key}:{member.key}",
            member=member.key,
            destination=member.phone,
            text=text,
            case_id=case_id,
        )
        for member in members
    ]
    return sum(new)


def _link(clinic: Clinic, conversation_id: UUID | None = None) -> str:
    page = f"/conversas/{conversation_id}" if conversation_id else "/conversas"
    return f"{BASE}{page}?clinica={clinic.slug}"


def _text(key: str, **words: object) -> str:
    return str(_texts()[key]).format(**words)


@cache
def _texts() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("clinic.conversations.cases").joinpath("notices.yaml").read_text("utf-8"))
    return loaded
