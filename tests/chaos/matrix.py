"""The fault matrix: each fault, what is expected, and who proves it. Figures are written in by the command that measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. `measured` is a template over the storms' figures; `proof` the file that asserts it on every run."""

    number: str
    what: str
    expected: str
    measured: str
    proof: tuple[str, ...]


MATRIX = (
    Fault(
        "F1", "a webhook delivered 2–5 times, also at once", "one row, one answer, always 200",
        "{crash.duplicated} webhooks delivered twice among {crash.messages} messages: {crash.rows} rows",
        ("tests/flows/test_chaos.py", "tests/db/test_inbox.py"),
    ),
    Fault(
        "F2", "kill -9 before the inbox commits", "no 200, so the provider tries again; stored once",
        "{crash.at[inbox.uncommitted]} kills: lost {crash.lost}", ("tests/flows/test_chaos.py",),
    ),
    Fault(
        "F3", "kill -9 after the commit, before the 200", "the second delivery is absorbed",
        "{crash.at[inbox.committed]} kills: {crash.rows} rows of {crash.messages} messages", ("tests/flows/test_chaos.py",),
    ),
    Fault(
        "F4", "kill -9 after the claim, or after the model", "the lease runs out, the turn is taken again, effects once",
        "{crash.at[lane.claimed]} + {crash.at[turn.thought]} kills: unanswered {crash.unanswered}, effects wrong "
        "{crash.effects}",
        ("tests/flows/test_chaos.py", "tests/flows/test_crash.py"),
    ),
    Fault(
        "F5", "kill -9 inside a tool's transaction, or after it", "all of it or nothing, and once",
        "{crash.at[effects.inside]} + {crash.at[effects.done]} kills: {crash.visits} visits of {crash.visits_agreed} agreed, "
        "half effects {crash.halves}",
        ("tests/flows/test_chaos.py", "tests/flows/test_crash.py"),
    ),
    Fault(
        "F6", "kill -9 after an outbox row is claimed, before the provider is asked", "sent after the lease",
        "{crash.at[send.claimed]} + {crash.at[send.unsent]} kills: replies never sent and nobody told {crash.silent}",
        ("tests/flows/test_chaos.py",),
    ),
    Fault(
        "F7", "kill -9 after the provider accepted", "the wire is asked, or tells, before anything is said twice",
        "{crash.at[send.accepted]} kills, {crash.unnoted} sends accepted and never noted: {crash.copies} copies; "
        "with wires that tell nothing: {blind.copies} copies of {blind.unnoted} such sends",
        ("tests/flows/test_chaos.py", "tests/flows/test_unanswered.py"),
    ),
    Fault(
        "F8", "Postgres killed (`-m immediate`) again and again", "5xx while it is away; nothing lost, nothing twice",
        "{store.restarts} restarts: lost {store.lost}, copies {store.copies}, out of order {store.disorder}",
        ("tests/flows/test_chaos.py",),
    ),
    Fault(
        "F9", "a provider answers 503, 429, 131056", "later again, in order, once",
        "{crash.refusals} refusals of {crash.accepted} accepted sends: out of order {crash.disorder}",
        ("tests/flows/test_chaos.py", "tests/flows/test_delivery.py"),
    ),
    Fault(
        "F10", "a provider takes a message and never answers", "as F7",
        "{crash.hushed} such sends: {crash.copies} copies", ("tests/flows/test_chaos.py", "tests/flows/test_delivery.py"),
    ),
    Fault(
        "F11", "every provider down", "the queue grows, then drains in order; nothing is dropped in silence",
        "{store.outage} s down, {store.queued} waiting at its end: out of order {store.disorder}, dropped in silence "
        "{store.silent}",
        ("tests/flows/test_delivery.py", "tests/flows/test_pacing.py"),
    ),
    Fault(
        "F12", "a poison message, which fails or kills its process each time",
        "a dead letter, an alarm, a person; other conversations feel nothing",
        "{crash.dead} lanes set aside by innocent kills, each with a case", ("tests/flows/test_lanes.py",),
    ),
    Fault(
        "F13", "a file cannot be fetched or heard", "its message is kept; the file is tried apart, then a person has it", "",
        ("tests/flows/test_voice.py",),
    ),
    Fault(
        "F14", "ten messages in three seconds", "one answer to all of them", "",
        ("tests/flows/test_desks.py", "tests/db/test_inbox.py"),
    ),
    Fault("F15", "an album of a new contact, all at once", "one contact, one conversation", "", ("tests/db/test_inbox.py",)),
    Fault(
        "F16", "a process stopped for longer than its lease, then let go on", "its commit is refused",
        "{store.pauses} pauses, {store.fenced} turns refused by the fence: overlapping turns {store.overlaps}, "
        "answered twice {store.twice}",
        ("tests/flows/test_chaos.py", "tests/flows/test_desks.py"),
    ),
    Fault(
        "F17", "no model answers, or it hangs", "red flags are answered at once; others get a holding text and a case",
        "{minds.flags} red flags answered with 192 of {minds.flagged}; {minds.holding} of {minds.asked} others held, "
        "{minds.cases} cases; slowest red flag {minds.slowest} s",
        ("tests/flows/test_turns.py",),
    ),
    Fault(
        "F18", "Valkey flushed and killed", "later, never lost",
        "{store.flushed} times flushed, {store.queue_killed} times killed: lost {store.lost}",
        ("tests/db/test_embedded_valkey.py",),
    ),
    Fault(
        "F19", "two beats; none for an hour; no bell at all", "rows say what is due: a sweep twice changes nothing", "",
        ("tests/flows/test_desks.py", "tests/db/test_lanes.py"),
    ),
    Fault(
        "F20", "a release: SIGTERM in the middle of work", "running turns end, the rest is taken up by the next process",
        "{store.releases} releases: lost {store.lost}, copies {store.copies}",
        ("tests/flows/test_chaos.py", "tests/flows/test_up.py"),
    ),
    Fault(
        "F21", "an old webhook again, rightly signed", "absorbed by its id", "",
        ("tests/db/test_inbox.py", "tests/api/test_webhooks.py"),
    ),
    Fault(
        "F22", "it cannot be stored: no disk, no connection, no Postgres", "5xx, so that it comes again; never 200",
        "Postgres away: {full.away}; disk full: {full.disk}; every connection taken: {full.pool}",
        ("tests/api/test_webhooks.py",),
    ),
)  # fmt: skip
