"""The verbs of reports to families. Each is one transaction's work: a report's row is locked, moved, and its step written."""

from __future__ import annotations

from clinic.reports.looking import by_deadline, listed, read
from clinic.reports.reviewing import (
    approve,
    edit,
    no_use_writing,
    regenerate,
    reject,
    retry_send,
    signed,
    time_out,
    to_review,
)
from clinic.reports.taking import take
from clinic.reports.working import claim, finish, give_back

__all__ = [
    "approve",
    "by_deadline",
    "claim",
    "edit",
    "finish",
    "give_back",
    "listed",
    "no_use_writing",
    "read",
    "regenerate",
    "reject",
    "retry_send",
    "signed",
    "take",
    "time_out",
    "to_review",
]
