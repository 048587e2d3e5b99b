"""Doubts about who writes, and what settled them: SQL in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg.rows import DictRow

from clinic.patients.assurance import PROVED_FOR, TRIES, TRIES_WITHIN, Doubt, Step
from db.session import Session
from kit.ids import new_id


async def doubt(s: Session, contact_id: UUID, why: Doubt, *, at: datetime) -> None:
    """From now on nothing is told to this contact until somebody proves to be it. `at`: the conversation's clock."""
    await s.execute(
        """UPDATE contacts SET doubt = %(why)s, doubted_at = %(at)s, heard_from = NULL, assured_until = NULL
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND doubt IS NULL""",
        {"clinic": s.clinic_id, "id": contact_id, "why": why, "at": at},
    )


async def hear_from(s: Session, contact_id: UUID, seq: int) -> None:
    """What was said before this message is not for whoever writes now."""
    await s.execute(
        "UPDATE contacts SET heard_from = %(seq)s WHERE clinic_id = %(clinic)s AND id = %(id)s",
        {"clinic": s.clinic_id, "id": contact_id, "seq": seq},
    )


async def settle(s: Session, contact_id: UUID, *, at: datetime) -> None:
    """It is them: whom they speak for is theirs again. What was said before stays unsaid: it may be a former owner's."""
    await s.execute(
        """UPDATE contacts SET doubt = NULL, doubted_at = NULL, assured_until = %(until)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": contact_id, "until": at + PROVED_FOR},
    )


async def part(s: Session, contact_id: UUID, *, at: datetime) -> None:
    """The number has a new owner: they speak for nobody we know, and are a stranger who was told nothing yet.

    People and visits stay as they are; only this contact's tie to them goes.
    """
    await s.execute(
        "DELETE FROM relationships WHERE clinic_id = %(clinic)s AND contact_id = %(id)s",
        {"clinic": s.clinic_id, "id": contact_id},
    )
    await s.execute(
        """UPDATE contacts SET doubt = NULL, doubted_at = %(at)s, assured_until = NULL, told_ai_at = NULL,
             opted_out_at = NULL, opt_out_asked_at = NULL, human_only = false
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": contact_id, "at": at},
    )


async def ask(s: Session, contact_id: UUID, person_id: UUID, *, at: datetime) -> None:
    """They were asked who they are, unless a question still stands."""
    if await _open(s, contact_id, at=at) is None:
        await s.execute(
            """INSERT INTO step_ups (clinic_id, id, contact_id, person_id, method, asked_at)
               VALUES (%(clinic)s, %(id)s, %(contact)s, %(person)s, 'birth_date', %(at)s)""",
            {"clinic": s.clinic_id, "id": new_id(), "contact": contact_id, "person": person_id, "at": at},
        )


async def attempt(s: Session, contact_id: UUID, *, seq: int, guesses: Sequence[bool], at: datetime) -> Step | None:
    """Notes what an answer came to; the message `seq` again is told the same. None: nothing was asked lately.

    `guesses`: of each birth date told, in order, whether it proves them. Each is a try; those beyond the last are not heard.
    """
    found = await _open(s, contact_id, at=at)
    if found is None:
        return None
    if found["failed_at"] is not None:
        return Step.LOCKED
    most = max(TRIES - await _wrong_elsewhere(s, contact_id, found["id"], at=at), found["tries"])
    tries = found["tries"] if found["last_seq"] == seq else min(found["tries"] + len(guesses), most)
    heard = tries if found["last_seq"] == seq else tries - found["tries"]
    right = any(guesses[:heard])
    locked = tries >= most and not right
    await s.execute(
        """UPDATE step_ups SET tries = %(tries)s, last_seq = %(seq)s,
             passed_at = CASE WHEN %(right)s THEN %(at)s::timestamptz END,
             failed_at = CASE WHEN %(locked)s THEN %(at)s::timestamptz END
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {
            "clinic": s.clinic_id, "id": found["id"], "tries": tries, "seq": seq, "right": right, "locked": locked, "at": at,
        },
    )  # fmt: skip
    return Step.PASSED if right else Step.LOCKED if locked else Step.FAILED


async def locked(s: Session, contact_id: UUID, *, at: datetime) -> bool:
    """Whether they failed too often lately, whatever the question."""
    found = await _open(s, contact_id, at=at)
    if found is not None and found["failed_at"] is not None:
        return True
    here = found["tries"] if found else 0
    return here + await _wrong_elsewhere(s, contact_id, found["id"] if found else None, at=at) >= TRIES


async def passed_with(s: Session, contact_id: UUID, *, seq: int) -> bool:
    """Whether this very message passed: a turn that is taken again tells it again."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM step_ups WHERE clinic_id = %(clinic)s AND contact_id = %(id)s
             AND last_seq = %(seq)s AND passed_at IS NOT NULL) AS passed""",
        {"clinic": s.clinic_id, "id": contact_id, "seq": seq},
    )
    return bool(row and row["passed"])


async def _wrong_elsewhere(s: Session, contact_id: UUID, question: UUID | None, *, at: datetime) -> int:
    """Wrong answers to other questions than this one in the window: proving oneself, or waiting a day, gives no new three."""
    row = await s.one(
        """SELECT coalesce(sum(greatest(u.tries - (u.passed_at IS NOT NULL)::int, 0)), 0)::int AS wrong FROM step_ups u
           WHERE u.clinic_id = %(clinic)s AND u.contact_id = %(id)s AND u.id IS DISTINCT FROM %(question)s
             AND u.asked_at > %(since)s - %(within)s
             AND coalesce(u.passed_at, u.failed_at,
                   (SELECT max(m.at) FROM conversations v
                    JOIN messages m ON m.clinic_id = v.clinic_id AND m.conversation_id = v.id AND m.seq = u.last_seq
                    WHERE v.clinic_id = u.clinic_id AND v.contact_id = u.contact_id),
                   u.asked_at) > %(since)s""",
        {
            "clinic": s.clinic_id, "id": contact_id, "question": question, "since": at - TRIES_WITHIN, "within": TRIES_WITHIN,
        },
    )  # fmt: skip
    return int(row["wrong"]) if row else 0


async def _open(s: Session, contact_id: UUID, *, at: datetime) -> DictRow | None:
    """The question that stands, its row locked: two conversations of one contact try one after the other."""
    return await s.one(
        """SELECT id, tries, last_seq, failed_at FROM step_ups
           WHERE clinic_id = %(clinic)s AND contact_id = %(id)s AND asked_at > %(since)s AND passed_at IS NULL
           ORDER BY asked_at DESC LIMIT 1 FOR UPDATE""",
        {"clinic": s.clinic_id, "id": contact_id, "since": at - TRIES_WITHIN},
    )
