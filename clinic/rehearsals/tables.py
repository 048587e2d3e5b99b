"""What a rehearsal copies of a clinic, table by table in the order of their references. A test holds it against the catalogue.

A table's key is (clinic_id, …): rows keep their ids and only the clinic changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString


@dataclass(frozen=True, slots=True)
class Table:
    """`key`: what tells rows of one clinic apart."""

    name: LiteralString
    key: tuple[str, ...] = ("id",)


CONFIGURATION = (
    Table("units"),
    Table("unit_hours"),
    Table("rooms"),
    Table("equipment"),
    Table("professionals"),
    Table("services"),
    Table("service_professionals", ("service_id", "professional_id")),
    Table("service_rooms", ("service_id", "room_id")),
    Table("service_equipment", ("service_id", "equipment_id")),
    Table("convenios"),
    Table("convenio_services", ("convenio_id", "service_id")),
    Table("weekly_hours"),
    Table("holidays"),
)
PEOPLE = (
    Table("contacts"),
    Table("contact_aliases", ("kind", "value")),
    Table("people"),
    Table("relationships", ("contact_id", "person_id")),
)
# Holds stay behind with the conversations they belong to.
AGENDA = (Table("appointments"), Table("blocks"), Table("claims"))
COPIED = (*CONFIGURATION, *PEOPLE, *AGENDA)

# What a branch takes over from a rehearsal: all it was copied with, as it is, and all that was said and done since.
CHANGING = (
    *PEOPLE,
    Table("conversations"),
    Table("turns"),
    Table("messages"),
    Table("outbox"),
    Table("tool_receipts"),
    Table("cases"),
    Table("dead_letters"),
    Table("commitments"),
    Table("step_ups"),
    Table("appointments"),
    Table("holds"),
    Table("blocks"),
    Table("claims"),
    Table("offers", ("conversation_id", "handle")),
    Table("proposals", ("conversation_id", "handle")),
    Table("checkpoints", ("thread_id", "checkpoint_ns", "checkpoint_id")),
    Table("checkpoint_blobs", ("thread_id", "checkpoint_ns", "channel", "version")),
    Table("checkpoint_writes", ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx")),
)
MEDIA = Table("media")  # copied file by file, by the messages that name them: too large for one statement and for a journal
ACCOUNTS = Table("channel_accounts")  # a rehearsal's console has its own name
JOURNAL = Table("sandbox_journal", ("seq",))
BRANCHED = (*CONFIGURATION, ACCOUNTS, *CHANGING, JOURNAL)

LEFT_OUT = {
    "documents": "read in place: a rehearsal searches the clinic's own",
    "document_files": "with their documents",
    "passages": "with their documents",
    "early_statuses": "the console tells no statuses",
    "webhook_events": "no wire leads into a rehearsal",
    "rehearsals": "each rehearsal writes its own",
    "notices": "a rehearsal tells nobody",
    "reconciliations": "what is rehearsed promises nothing",
    "contact_merges": "who is who is settled in the clinic itself",
    "gaps": "no wire leads into a rehearsal",
    "template_states": "no wire leads into a rehearsal",
    "scenarios": "what is asked of Carol is the clinic's own; it is played in rehearsals",
    "eval_runs": "a rehearsal proves nothing by itself",
    "eval_trials": "with their runs",
    **dict.fromkeys(
        (
            "report_desks",
            "report_subjects",
            "report_recipients",
            "reports",
            "report_drafts",
            "report_steps",
            "detected_patterns",
            "report_sends",
            "pipeline_runs",
            "daily_metrics",
            "alerts",
        ),
        "no family is written to from a rehearsal",
    ),
}
