"""All that happens by the clock, on one page. Seconds. Whoever misses a beat catches up at the next: rows say what is due."""

from __future__ import annotations

from typing import Any


def _every(seconds: float, task: str) -> dict[str, Any]:
    # A beat that nobody took in time is worth nothing: the next one does the same.
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


EVERY: dict[str, dict[str, Any]] = {
    "say that the clock goes (jobs/clockwork.py looks)": _every(15.0, "clockwork.beats"),
    "send what is due, should every desk be down": _every(10.0, "delivery.due"),
    "tell the team, should every desk be down": _every(10.0, "notices.due"),
    "tell patients whose promised answer slips": _every(30.0, "promises.slipping"),
    "give back to Carol what the team left, where the clinic wants it": _every(60.0, "conversations.left"),
    "notice lanes that nobody takes": _every(60.0, "lanes.late"),
    "find answers that are owed and due at no time": _every(60.0, "lanes.lost"),
    "free what expired holds keep": _every(120.0, "holds.expired"),
    "erase rehearsals whose time is over": _every(600.0, "rehearsals.expired"),
    "fetch files that no worker takes": _every(60.0, "media.late"),
    "forget files that no message names": _every(3600.0, "media.orphans"),
    "ask wires how they are": _every(60.0, "wires.watched"),
    "ask wires what they heard that we did not": _every(60.0, "wires.audited"),
    "compare what was said with what is, once a night": _every(900.0, "ledger.reconcile"),
    "notice runs of scenarios whose process died": _every(30.0, "evals.lost"),
    "begin runs of reports that are due, and see to what waits between them": _every(60.0, "reports.tick"),
    "let the fallback text stand in for what nobody decided about": _every(300.0, "reports.timeouts"),
    "look for what is wrong with reports": _every(300.0, "reports.alerts"),
    "close the days of reports that a clinic's midnight ended": _every(300.0, "reports.close_day"),
    "forget old webhooks": _every(3600.0, "events.old"),
}
