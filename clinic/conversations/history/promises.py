"""Which words stand on which receipt: what was done, and the message that told the patient of it. Pure.

The ledger says it. What it has no line of (a message older than the ledger, a name taken down) is found by the words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from clinic.conversations.commitments.ledger import Entry as Line
from clinic.conversations.history.story_store import Entry, Proof
from kit.text import plain

_PROMISED = frozenset({"appointment", "hold", "case", "person"})


def behind(entries: Sequence[Entry], proofs: Iterable[Proof], ledger: Iterable[Line] = ()) -> dict[UUID, list[UUID]]:
    """Receipts by the message they stand behind, in order.

    A turn may say several messages: without a line of the ledger, the receipt belongs to those that say its hour, name or
    deadline, else to all of them.
    """
    lines = list(ledger)
    said: dict[UUID, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.turn_id is not None and entry.status is not None:
            said[entry.turn_id].append(entry)
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for proof in proofs:
        if proof.entity not in _PROMISED or proof.told_by is None:
            continue
        bubbles = said.get(proof.told_by, [])
        told = {one.message_id for one in lines if _of(one, proof)}
        if told:
            for entry in (one for one in bubbles if one.id in told):
                found[entry.id].append(proof.id)
            continue
        mark = _mark(proof)
        for entry in [one for one in bubbles if mark and mark in plain(one.text)] or bubbles:
            found[entry.id].append(proof.id)
    return found


def _of(line: Line, proof: Proof) -> bool:
    """Whether a line of the ledger stands on this receipt, or on the row it made."""
    if line.receipt_id is not None:
        return line.receipt_id == proof.id
    return (
        line.turn_id == proof.told_by
        and line.entity == proof.entity
        and proof.entity_id is not None
        and line.entity_id == proof.entity_id
    )


def _mark(proof: Proof) -> str:
    """The words of a receipt that a promise repeats: the hour of "terça, 24 de novembro, às 14h30", a name, a deadline."""
    summary = proof.result.get("summary")
    label = summary.get("label") if isinstance(summary, dict) else None
    said = label.rpartition(", ")[2] if isinstance(label, str) else proof.result.get("name") or proof.result.get("until")
    return plain(said) if isinstance(said, str) else ""
