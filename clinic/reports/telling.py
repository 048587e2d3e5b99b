"""What is told of reports to the team and to whoever looks after them: once each, in figures and codes; no names, no words of
a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from clinic.conversations.cases import ladder, notices_store
from clinic.conversations.cases.notices_store import BASE
from clinic.reports import alerts_store
from clinic.reports.alerts import Alert, Opened
from clinic.tenants.models import Clinic
from db.session import Session
from kit import fast_yaml, ptbr
from kit.ids import new_id

REVIEW_PAGE, DESK_PAGE = "/relatorios/revisao", "/relatorios"
_ADMIN = "admin"  # the key of whoever has no place in the team


@dataclass(frozen=True, slots=True)
class Said:
    """An alert in words: what is wrong, and what to do about it."""

    title: str
    action: str


def said(alert: Alert | Opened) -> Said:
    """What staff read of an alert."""
    words = _words()
    texts = words["alerts"].get(f"{alert.kind}:{alert.details.get('why')}") or words["alerts"][alert.kind]
    reason, following = explained(str(alert.details.get("code", "")))
    known = {
        **{key: _figure(value) for key, value in alert.details.items()},
        "span": _span(int(alert.details.get("minutes", 0))),
        "stage": words["stages"].get(alert.details.get("stage"), ""),
        "reason": reason,
        "next": following,
    }
    return Said(title=texts["title"].format(**known), action=texts["action"].format(**known))


def explained(code: str) -> tuple[str, str]:
    """What the code of a stage that failed means, and what to do about it."""
    known = code if code in _words()["reasons"] else "other"
    return str(_words()["reasons"][known]), str(_words()["next"][known])


async def tell_alerts(s: Session, clinic: Clinic) -> int:
    """Queues a notice to the admin of every critical alert that nobody was told of; how many alerts."""
    told = 0
    for one in await alerts_store.untold(s):
        words = said(one)
        text = _words()["notice"].format(title=words.title, action=words.action, link=_link(clinic, DESK_PAGE))
        key = f"report_alert:{one.id}"
        told += bool(await _queue(s, clinic, "report_alert", text, key=key, admin_first=True))
        await alerts_store.told(s, one.id)
    return told


async def tell_review(s: Session, clinic: Clinic, *, count: int, due_at: datetime | None, now: datetime) -> int:
    """Queues one notice to the team that so many reports wait for a person; how many people are told. No `due_at`: they wait
    however long.

    In the transaction that marks these reports as told: that is what makes it once.
    """
    texts = _words()["review" if due_at else "review_alone"]
    text = texts["one" if count == 1 else "many"].format(
        count=count, until=_until(clinic, due_at, now), link=_link(clinic, REVIEW_PAGE)
    )
    return await _queue(s, clinic, "report_review", text, key=f"report_review:{new_id()}", admin_first=False)


async def tell_urgent(s: Session, clinic: Clinic, report_id: UUID, *, until: datetime, now: datetime) -> int:
    """Queues a notice to the team that the family reads of something urgent only then; once for each report."""
    when = ptbr.moment(until.astimezone(clinic.zone), today=now.astimezone(clinic.zone).date())
    return await _tell_urgent(s, clinic, report_id, _words()["urgent"], when=when)


async def tell_urgent_review(s: Session, clinic: Clinic, report_id: UUID, *, due_at: datetime | None, now: datetime) -> int:
    """Queues a notice to the team that something urgent waits for a person before the family reads it, or (no `due_at`) is
    theirs alone to tell; once for each report, and then it is the only one of `tell_urgent` too."""
    words = _words()["urgent_review" if due_at else "urgent_alone"]
    return await _tell_urgent(s, clinic, report_id, words, until=_until(clinic, due_at, now))


def _until(clinic: Clinic, at: datetime | None, now: datetime) -> str:
    return ptbr.until(at.astimezone(clinic.zone), now=now.astimezone(clinic.zone)) if at else ""


async def _tell_urgent(s: Session, clinic: Clinic, report_id: UUID, words: str, **when: str) -> int:
    text = words.format(link=_link(clinic, f"{DESK_PAGE}/{report_id}"), **when)
    return await _queue(s, clinic, "report_urgent", text, key=f"report_urgent:{report_id}", admin_first=False)


def anybody(clinic: Clinic) -> bool:
    """Whether there is somebody to tell."""
    return bool(ladder.up_to(clinic.policies.team, 0) or clinic.policies.reports.admin_phone)


async def _queue(s: Session, clinic: Clinic, kind: str, text: str, *, key: str, admin_first: bool) -> int:
    members = [(one.key, one.phone) for one in ladder.up_to(clinic.policies.team, 0)]
    phone = clinic.policies.reports.admin_phone
    admin = [(_ADMIN, phone)] if phone else []
    whom: Sequence[tuple[str, str]] = (admin or members) if admin_first else (members or admin)
    new = [
        await notices_store.add(s, kind=kind, key=f"{key}:{member}", member=member, destination=destination, text=text)
        for member, destination in whom
    ]
    return sum(new)


def _span(minutes: int) -> str:
    """há 12 minutos, há 3 horas, há 2 dias"""
    unit, size = ("days", 1440) if minutes >= 2 * 1440 else ("hours", 60) if minutes >= 120 else ("minutes", 1)
    return str(_words()["spans"][unit]).format(n=minutes // size)


def _figure(value: object) -> object:
    return f"{value:g}".replace(".", ",") if isinstance(value, float) else value


def _link(clinic: Clinic, page: str) -> str:
    return f"{BASE}{page}?clinica={clinic.slug}"


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("clinic.reports").joinpath("alerts.yaml").read_text("utf-8"))
    return loaded
