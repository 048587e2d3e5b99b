"""The part of a clinic document that says what may be spent, when the clinic writes first and whom it tells."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from clinic.tenants.document_fields import Clock, Key, Name, Part, Phone, Price, Text
from clinic.tenants.document_reports import ReportsPart, reports
from clinic.tenants.policies import Handoff, Identity, Limits, Member, Messaging, Policies, Team, Template

Minutes = Annotated[int, Field(ge=1, le=1440)]


class LimitsPart(Part):
    """What Carol may spend. Reaching a limit stops her before the next call, and a person is asked."""

    turns_per_hour: Annotated[int, Field(ge=1, le=1000)] = 30
    """Answers to one contact in an hour."""
    reais_per_contact_day: Price = 500
    """What models may cost for one contact in a day, in reais. null: no limit."""
    reais_per_month: Price = None
    """What models may cost for the whole clinic in a month, in reais. null: no limit."""


class TemplatePart(Part):
    """A message the platform approved beforehand, for when the 24-hour window is closed."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,512}$")]
    """Its name there."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(_[A-Z]{2})?$")] = "pt_BR"
    """Its language there."""
    purpose: Annotated[str, Field(pattern=r"^(reengage|case_late|report)$")]
    """reengage: carries on an answer that came too late; case_late: says that a promised answer takes longer; report: says
    that a report of a shift waits until they write."""
    body: Annotated[Text, Field(min_length=1, max_length=1024)]
    """Its words, with {{1}}, {{2}} for what is filled in: the contact's first name, then the matter."""


class MessagingPart(Part):
    """When and how the clinic writes first."""

    quiet_from: Clock = Messaging().quiet_from
    """From this time of the day nothing is sent that nobody asked for."""
    quiet_until: Clock = Messaging().quiet_until
    """Until this time of the day."""
    fail_over: bool = True
    """Answers may leave by the clinic's other wire when theirs is down."""
    templates: tuple[TemplatePart, ...] = ()
    """Messages approved beforehand."""


class MemberPart(Part):
    """Somebody who is told when a patient waits."""

    key: Key
    """The short name used in this document."""
    name: Name
    """Their name."""
    phone: Phone
    """Their WhatsApp."""
    level: Annotated[int, Field(ge=1, le=5)] = 1
    """1 is told first, 2 when nobody of 1 took it, and so on."""


class TeamPart(Part):
    """Who is told, and how soon the next one is."""

    members: tuple[MemberPart, ...] = ()
    """Who is told."""
    climb_minutes: Minutes = 30
    """Minutes without anybody taking a case before the next level is told. Urgent ones climb every 5."""


class IdentityPart(Part):
    """When a known number is doubted."""

    silent_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """After this many days of silence, who writes is asked before anything of theirs is told."""


class HandoffPart(Part):
    """What becomes of a conversation that a person took."""

    return_after_minutes: Annotated[int, Field(ge=10, le=1440)] | None = None
    """After so many minutes without a word of the team, Carol answers again. null: only when somebody gives it back."""


def policies(
    limits: LimitsPart,
    messaging: MessagingPart,
    team: TeamPart,
    identity: IdentityPart,
    handoff: HandoffPart,
    families: ReportsPart,
) -> Policies:
    """The policies these parts describe."""
    return Policies(
        limits=Limits(
            turns_per_hour=limits.turns_per_hour,
            reais_per_contact_day=_reais(limits.reais_per_contact_day),
            reais_per_month=_reais(limits.reais_per_month),
        ),
        messaging=Messaging(
            quiet_from=messaging.quiet_from,
            quiet_until=messaging.quiet_until,
            fail_over=messaging.fail_over,
            templates=tuple(Template(**dict(part)) for part in messaging.templates),
        ),
        team=Team(members=tuple(Member(**dict(part)) for part in team.members), climb_minutes=team.climb_minutes),
        identity=Identity(silent_days=identity.silent_days),
        handoff=Handoff(return_after_minutes=handoff.return_after_minutes),
        reports=reports(families),
    )


def _reais(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents) / 100
