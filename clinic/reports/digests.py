"""Whether a report of the source is still the one that was taken. Pure."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from hashlib import sha256

from clinic.reports.models import SourceReport


def source_digest(report: SourceReport) -> str:
    """sha256 of all that could change what a family reads; the same wherever it was read and in whatever order.

    The instant of closing is left out: a report opened and closed again with nothing changed is the same report.
    """
    said = {
        "external_id": report.external_id,
        "subject_id": report.subject_id,
        "subject_name": report.subject_name,
        "caregiver": report.caregiver,
        "began_at": _at(report.began_at),
        "body": report.body,
        "shift": report.shift or "",
        "vitals": sorted([one.name, one.value, one.unit, _at(one.at)] for one in report.vitals),
        "medications": sorted(
            [one.name, one.dose, _at(one.at), "" if one.given is None else str(one.given), one.note]
            for one in report.medications
        ),
    }
    written = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(unicodedata.normalize("NFC", written).encode("utf-8", "replace")).hexdigest()


def _at(instant: datetime | None) -> str:
    return instant.astimezone(UTC).isoformat() if instant else ""
