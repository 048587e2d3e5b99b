"""The judge: reads every row past all policies, and the providers' own books, and counts what must be zero."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.chaos.board import Board
from tests.chaos.mind import TOKEN
from tests.chaos.patients import Patient
from tests.chaos.plan import Plan
from tests.chaos.providers import Providers, digits

_TILL = 60.0  # seconds a killed server may take to answer us


@dataclass(slots=True)
class Found:
    """Counts, and examples of whatever should not be."""

    counts: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    points: dict[str, tuple[int, int]] = field(default_factory=dict)

    def blame(self, what: str, example: str) -> None:
        self.wrong.setdefault(what, []).append(example)

    @property
    def verdict(self) -> dict[str, int]:
        return {what: len(examples) for what, examples in self.wrong.items()}

    def told(self) -> str:
        lines = [f"{what}: {len(examples)}, such as {examples[:5]}" for what, examples in self.wrong.items()]
        return "\n".join([*lines, str(self.counts), str(self.points)])


@dataclass(slots=True)
class Eye:
    """Sees all clinics at once. Survives restarts of the server."""

    url: str

    def rows(self, query: str) -> list[dict[str, Any]]:
        deadline = time.monotonic() + _TILL
        while True:
            try:
                with psycopg.connect(self.url, row_factory=dict_row, connect_timeout=5) as connection:
                    return connection.execute(query.encode()).fetchall()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def one(self, query: str) -> Any:
        return next(iter(self.rows(query)[0].values()))

    def progress(self) -> object:
        """Changes whenever anything was stored, answered or sent."""
        return self.rows(
            """SELECT (SELECT count(*) FROM messages) AS messages, (SELECT sum(fence) FROM conversations) AS fences,
                      (SELECT count(*) FROM turns WHERE status <> 'running') AS turns,
                      (SELECT string_agg(status || n, ',' ORDER BY status) FROM
                        (SELECT status, count(*) AS n FROM outbox GROUP BY status) s) AS sends,
                      (SELECT sum(attempts) FROM outbox) AS attempts"""
        )

    def unfinished(self) -> int:
        """Lanes and sends that still want something."""
        return int(
            self.one(
                """SELECT (SELECT count(*) FROM conversations
                            WHERE dead_at IS NULL AND (due_at IS NOT NULL OR lease_token IS NOT NULL))
                        + (SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending', 'unknown'))"""
            )
        )

    def queued(self) -> int:
        return int(self.one("SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending', 'unknown')"))

    def given_up(self) -> list[dict[str, Any]]:
        """Sends that will never leave, and whether a person was told."""
        return self.rows(
            """SELECT o.id, o.reply_to, o.error_code, m.text,
                      EXISTS (SELECT FROM cases k WHERE k.clinic_id = o.clinic_id AND k.conversation_id = o.conversation_id
                                AND k.kind = 'failure') AS told
               FROM outbox o JOIN messages m ON m.clinic_id = o.clinic_id AND m.id = o.message_id
               WHERE o.status IN ('failed', 'cancelled')"""
        )

    def dump(self) -> str:
        """Lanes, leases and sends that are left."""
        lanes = self.rows(
            """SELECT id, owner, due_at - now() AS due_in, lease_until - now() AS lease_for, fence, attempts, last_error,
                      dead_at,
                      (SELECT count(*) FROM messages m WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.id
                         AND m.direction = 'in' AND m.turn_id IS NULL) AS waiting
               FROM conversations c
               WHERE due_at IS NOT NULL OR lease_token IS NOT NULL OR dead_at IS NOT NULL OR owner <> 'carol'
                  OR EXISTS (SELECT FROM messages m WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.id
                               AND m.direction = 'in' AND m.turn_id IS NULL)
               LIMIT 20"""
        )
        sends = self.rows(
            """SELECT id, conversation_id, seq, status, due_at - now() AS due_in, lease_until - now() AS lease_for, attempts,
                      unanswered, error_code
               FROM outbox WHERE status IN ('queued', 'sending', 'unknown') ORDER BY seq LIMIT 20"""
        )
        return "\n".join(["lanes:", *map(str, lanes), "sends:", *map(str, sends)])

    def judge(self, plan: Plan, providers: Providers, patients: Sequence[Patient], board: Board) -> Found:
        """Everything counted, once all is idle."""
        found = Found(points=board.counts())
        sends = self._sends()
        self._inbox(found, providers)
        _answers(found, sends, providers)
        for row in self.given_up():
            if not row["told"]:
                found.blame("given up in silence", f"{row['id']}: {row['error_code']}")
        _order(found, sends, providers)
        _copies(found, plan, sends, providers, board)
        self._effects(found, patients)
        self._lanes(found)
        found.counts |= {
            "kills": board.kills,
            "fenced": board.notes().count("fenced"),
            "points": sum(died > 0 for _, died in found.points.values()),
            "webhooks": sum(providers.answers.values()),
            "webhooks_refused": sum(n for code, n in providers.answers.items() if code != "200"),
        }
        return found

    def _sends(self) -> list[dict[str, Any]]:
        return self.rows(
            """SELECT o.id, o.seq, o.status, o.reply_to, o.conversation_id, o.error_code, o.unanswered, m.text, m.turn_id,
                      coalesce(c.external_id, '') AS account
               FROM outbox o JOIN messages m ON m.clinic_id = o.clinic_id AND m.id = o.message_id
               JOIN channel_accounts c ON c.clinic_id = o.clinic_id AND c.id = o.account_id ORDER BY o.seq"""
        )

    def _inbox(self, found: Found, providers: Providers) -> None:
        """Each message of a patient is one row, of one turn that was adopted; or a person has it."""
        rows = self.rows(
            """SELECT m.provider_id, m.seq, m.conversation_id, t.status,
                      EXISTS (SELECT FROM dead_letters d WHERE d.clinic_id = m.clinic_id AND d.turn_id = m.turn_id)
                      AND EXISTS (SELECT FROM cases k WHERE k.clinic_id = m.clinic_id AND k.conversation_id = m.conversation_id
                                    AND k.kind = 'failure') AS held
               FROM messages m LEFT JOIN turns t ON t.clinic_id = m.clinic_id AND t.id = m.turn_id
               WHERE m.direction = 'in' ORDER BY m.seq"""
        )
        stored = Counter(row["provider_id"] for row in rows)
        for message_id, posted in providers.posted.items():
            if stored[message_id] != 1 or posted.known_at is None:
                found.blame("lost", f"{message_id}: {stored[message_id]} rows; {posted.lost or 'acknowledged'}")
        for row in rows:
            if row["status"] != "adopted" and not row["held"]:
                found.blame("unanswered", f"{row['provider_id']}: turn {row['status']}")
        found.counts |= {
            "messages": len(providers.posted),
            "rows": len(rows),
            "held": sum(row["status"] != "adopted" for row in rows),
            "cases": int(self.one("SELECT count(*) FROM cases")),
        }

    def _effects(self, found: Found, patients: Sequence[Patient]) -> None:
        """Visits, their receipts and their claims are one to one; each yes that was answered 'marquei' is one visit."""
        rows = self.rows(
            """SELECT coalesce(r.entity_id, a.id) AS id, a.id AS visit, r.id AS receipt, k.reply_to,
                      (SELECT count(*) FROM claims l WHERE l.clinic_id = a.clinic_id AND l.appointment_id = a.id) AS claims
               FROM (SELECT * FROM appointments WHERE booked_by = 'carol') a
               FULL JOIN (SELECT * FROM tool_receipts WHERE tool = 'book_visit') r
                 ON r.clinic_id = a.clinic_id AND r.entity_id = a.id
               LEFT JOIN conversations k ON k.clinic_id = coalesce(a.clinic_id, r.clinic_id)
                 AND k.id = coalesce(a.conversation_id, r.conversation_id)"""
        )
        for row in rows:
            if row["visit"] is None or row["receipt"] is None or not row["claims"]:
                found.blame("half an effect", str(row))
        booked = Counter(digits(row["reply_to"]) for row in rows)
        for one in patients:
            said = sum(shake.done for shake in one.handshakes)
            unknown = sum(shake.yes and shake.held for shake in one.handshakes)
            if not said <= booked[one.phone[-8:]] <= said + unknown:
                found.blame("effects", f"patient {one.number}: told of {said}, has {booked[one.phone[-8:]]}")
        half = self.rows(
            """SELECT r.id FROM tool_receipts r LEFT JOIN holds h ON h.clinic_id = r.clinic_id AND h.id = r.entity_id
               WHERE r.tool = 'propose_visit' AND h.id IS NULL
                 AND NOT EXISTS (SELECT FROM proposals p
                                 WHERE p.clinic_id = r.clinic_id AND p.conversation_id = r.conversation_id
                                   AND p.handle = r.result->>'proposal')"""
        )
        for row in half:
            found.blame("half an effect", f"proposal without a row: receipt {row['id']}")
        found.counts |= {
            "visits_asked": sum(len(one.handshakes) for one in patients),
            "visits_agreed": sum(shake.yes for one in patients for shake in one.handshakes),
            "visits": len(rows),
            "receipts": int(self.one("SELECT count(*) FROM tool_receipts")),
        }

    def _lanes(self, found: Found) -> None:
        """One turn at a time: a turn that ended well ended before the next began; no fence was drawn twice."""
        overlapping = self.rows(
            """SELECT conversation_id, fence FROM (
                 SELECT conversation_id, fence, status, finished_at,
                        lead(started_at) OVER (PARTITION BY conversation_id ORDER BY fence) AS next FROM turns) t
               WHERE status IN ('adopted', 'superseded') AND next < finished_at"""
        )
        twice = self.rows("SELECT conversation_id, fence FROM turns GROUP BY 1, 2 HAVING count(*) > 1")
        running = self.rows("SELECT conversation_id, fence FROM turns WHERE status = 'running'")
        for what, rows in (("overlapping turns", overlapping), ("a fence twice", twice), ("turns that never ended", running)):
            for row in rows:
                found.blame(what, str(row))
        for row in self.rows("SELECT status, count(*) AS n FROM turns GROUP BY status"):
            found.counts[f"turns_{row['status']}"] = row["n"]
        found.counts["dead_letters"] = int(self.one("SELECT count(*) FROM dead_letters"))


def _answers(found: Found, sends: list[dict[str, Any]], providers: Providers) -> None:
    """Each word that a patient wrote is in one answer, and in no second one."""
    said = Counter(word for send in sends for word in TOKEN.findall(send["text"].partition("Pode me contar mais sobre")[0]))
    for word, times in said.items():
        if times > 1:
            found.blame("answered twice", word)
    for send in sends:
        if send["status"] in ("queued", "sending", "unknown"):
            found.blame("not sent", f"{send['id']}: {send['status']} {send['error_code']}")
    found.counts["given_up"] = sum(send["status"] in ("failed", "cancelled") for send in sends)
    reached = {(one.to, one.text) for one in providers.accepted}
    for send in sends:
        if (digits(send["reply_to"]), send["text"]) not in reached and send["status"] in ("sent", "delivered", "read"):
            found.blame("never reached", str(send["id"]))
    found.counts["replies"] = len(sends)


def _order(found: Found, sends: list[dict[str, Any]], providers: Providers) -> None:
    """Each patient reads what was written to them in the order it was written.

    What was written once must have arrived in its place at first. A fixed text (who answers, and by when) may be written
    several times: each is met by an arrival of its own, after what came before it.
    """
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(providers.accepted):
        places[one.to, one.text].append(number)
    written_often = {
        key for key, times in Counter((digits(one["reply_to"]), one["text"]) for one in sends).items() if times > 1
    }
    last: dict[str, int] = defaultdict(lambda: -1)
    for send in sends:
        to = digits(send["reply_to"])
        arrived = places.get((to, send["text"]))
        if not arrived:
            continue
        place = arrived[0]
        if (to, send["text"]) in written_often:
            place = next((one for one in arrived if one > last[to]), place)
        if place < last[to]:
            found.blame("out of order", f"{to}: {send['id']}")
        last[to] = max(last[to], place)
    for one in providers.accepted:
        for word in TOKEN.findall(one.text):
            written = next((p for p in providers.posted.values() if word in p.text), None)
            if written is None or written.at > one.at:
                found.blame("answered before it was asked", word)


def _copies(found: Found, plan: Plan, sends: list[dict[str, Any]], providers: Providers, board: Board) -> None:
    """A second copy is explained when the first one's sender never came to note it, and never with reconciliation."""
    noted = Counter(line.removeprefix("noted ") for line in board.notes())
    wanted = Counter((digits(send["reply_to"]), send["text"]) for send in sends)
    notes = Counter(dict.fromkeys(wanted, 0))
    for send in sends:
        notes[digits(send["reply_to"]), send["text"]] += noted[str(send["id"])]
    copies = Counter((one.to, one.text) for one in providers.accepted)
    second = 0
    for key, times in copies.items():
        extra = times - wanted[key]
        if extra <= 0:
            continue
        second += extra
        if not wanted[key] or notes[key] > wanted[key]:
            found.blame("unexplained copies", f"{key[0]}: {times} of {wanted[key]}, noted {notes[key]}")
        elif plan.reconcile:
            found.blame("copies in spite of reconciliation", f"{key[0]}: {times} of {wanted[key]}: {key[1][:60]}")
    unnoted = sum(copies.values()) - sum(min(notes[key], times) for key, times in copies.items())
    found.counts |= {"accepted": len(providers.accepted), "copies": second, "accepted_and_never_noted": unnoted}
    if second > unnoted:
        found.blame("unexplained copies", f"{second} copies, {unnoted} sends accepted and never noted")
