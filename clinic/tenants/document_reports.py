"""The part of a clinic document that says where shift reports come from and which families read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from clinic.tenants.document_fields import Clock, Key, Name, Part, Phone, Text
from clinic.tenants.policies import Reports, Thresholds

Percent = Annotated[float, Field(ge=0, le=100)]


class RecipientPart(Part):
    """Somebody of the family who reads."""

    name: Name
    """As the clinic calls them."""
    phone: Phone
    """Their WhatsApp."""
    kind: Literal["self", "child", "parent", "spouse", "relative", "caregiver", "other"] = "relative"
    """What the person cared for is to them: of a daughter who reads about her mother, `parent`."""
    agreed: bool = False
    """true: they agreed to receive reports, and the clinic keeps that on paper. Once taken back it stays taken back."""


class RangePart(Part):
    """Limits of one measure, themselves in range; what is not said stays as it is."""

    low: float | None = None
    """Below it, it stands out."""
    high: float | None = None
    """Above it, it stands out."""
    urgent_low: float | None = None
    """Below it, it is urgent."""
    urgent_high: float | None = None
    """Above it, it is urgent."""


Measure = Literal["systolic", "diastolic", "temperature", "pulse", "breathing", "glucose", "saturation"]
Group = Literal["newborn", "infant", "toddler", "preschool", "school", "teen", "adult", "elderly"]


class FamilyPart(Part):
    """Somebody whose shifts are reported."""

    subject: Annotated[str, Field(min_length=1, max_length=200)]
    """Their id where reports come from."""
    person: Key
    """Who that is among the people of this document."""
    recipients: tuple[RecipientPart, ...] = ()
    """Who of the family reads."""
    ranges: dict[Measure, RangePart] = {}
    """Limits that their own doctor set; they come before the clinic's and before those of their age."""


class ThresholdsPart(Part):
    """When somebody is told that reports do not go well."""

    approval: Percent = Thresholds().approval
    """Percent of a day's reports that the reviewer approved: told when fewer are."""
    fallback: Percent = Thresholds().fallback
    """Percent of a day's reports that went as the fallback text: told when more are."""
    review_stuck_minutes: Annotated[int, Field(ge=1, le=10_080)] = Thresholds().review_stuck_minutes
    """Minutes that a report waits for a person."""
    send_failed: Percent = Thresholds().send_failed
    """Percent of a day's messages that did not leave: told when more do not."""
    silent_hours: Annotated[int, Field(ge=1, le=720)] = Thresholds().silent_hours
    """Hours without a report from the source."""


class ReportsPart(Part):
    """Shift reports as messages to families. Without a source none are sent."""

    source: dict[Name, Any] | None = None
    """Where closed reports are read: docs/guides/report-source.md. A value env:NAME is read from the environment when used."""
    hours: Annotated[tuple[Clock, ...], Field(max_length=24)] = Reports().hours
    """When they are read, local time."""
    review_minutes: Annotated[int, Field(ge=5, le=2880)] = Reports().review_minutes
    """How long one that the reviewer refused, or that is urgent, waits for a person; then the fallback text goes."""
    urgent: Literal["person", "alone"] = Reports().urgent
    """What is urgent (a fall, an ambulance): `person`, somebody of the team reads it before the family; `alone`, it goes
    as all others, the team being told where the quiet hours hold it."""
    fallback: Annotated[Text, Field(max_length=2000)] = ""
    """That text, with {person}, {shift}, {day} and {clinic}. Empty: a text of Carol's. It says nothing of how anybody is."""
    admin_phone: Phone | None = None
    """Who is told at once of what cannot wait."""
    thresholds: ThresholdsPart = ThresholdsPart()
    """From which figures on an alert is opened."""
    ranges: dict[Group, dict[Measure, RangePart]] = {}
    """The clinic's own limits of measures by group of age, in the place of the house's. Whose age is not known is an adult."""
    families: tuple[FamilyPart, ...] = ()
    """Whose reports go to whom."""


def reports(part: ReportsPart) -> Reports:
    """The policy this part describes; families are rows of their own."""
    return Reports(
        source=part.source,
        hours=part.hours,
        review_minutes=part.review_minutes,
        urgent=part.urgent,
        fallback=part.fallback,
        admin_phone=part.admin_phone,
        thresholds=Thresholds(**dict(part.thresholds)),
        ranges={group: limits(of) for group, of in part.ranges.items()},
    )


def limits(part: Mapping[Measure, RangePart]) -> dict[str, dict[str, float]]:
    """Limits by measure, those that are said."""
    return {measure: one.model_dump(exclude_none=True) for measure, one in part.items()}
