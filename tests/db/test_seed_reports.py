"""What a clinic document says of families: added, kept, and never given back to who took it back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from channels.primecare.schema import FilesConfig
from channels.primecare.sources import config_of
from clinic.tenants import reading
from clinic.tenants.document import ClinicDocument
from clinic.tenants.reading import DocumentError
from clinic.tenants.service import clinic_for, seed
from db.pool import Pool
from db.session import clinic_session
from kit.clock import utc_now
from kit.ids import new_id

DEMO = Path(__file__).parents[2] / "seeds" / "demo" / "clinic.yaml"


@dataclass(frozen=True, slots=True)
class Reader:
    person: str
    phone: str
    revoked: bool
    agreed: bool


async def readers(pool: Pool, clinic: Any) -> list[Reader]:
    async with clinic_session(pool, clinic) as s:
        rows = await s.all(
            """SELECT p.name AS person, a.value AS phone, r.revoked_at IS NOT NULL AS revoked,
                      r.consented_at IS NOT NULL AS agreed
               FROM report_recipients r JOIN people p ON p.id = r.person_id
               JOIN contact_aliases a ON a.contact_id = r.contact_id
               ORDER BY p.name, a.value"""
        )
    return [Reader(**row) for row in rows]


def demo() -> ClinicDocument:
    return reading.read(DEMO.read_text("utf-8"))


async def test_the_demonstrations_families_are_loaded_once(pool: Pool) -> None:
    report = await seed(pool, demo(), now=utc_now())
    first = await readers(pool, report.clinic_id)
    assert len(first) == 7 and sum(one.agreed for one in first) == 6
    policy = (await clinic_for(pool, report.clinic_id)).policies.reports
    config = config_of(policy.source or {})  # every value of a document is text
    assert isinstance(config, FilesConfig) and config.repeat_days == 5
    await seed(pool, demo(), now=utc_now())
    assert await readers(pool, report.clinic_id) == first
    async with clinic_session(pool, report.clinic_id) as s:
        assert len(await s.all("SELECT FROM report_desks")) == 1
        assert len(await s.all("SELECT FROM report_subjects")) == 6


async def test_what_somebody_took_back_no_document_gives_again(pool: Pool) -> None:
    clinic = (await seed(pool, demo(), now=utc_now())).clinic_id
    async with clinic_session(pool, clinic) as s:
        await s.execute("UPDATE report_recipients SET revoked_at = now(), revoked_by = 'said'")
    await seed(pool, demo(), now=utc_now())
    assert all(one.revoked for one in await readers(pool, clinic))


async def test_a_phone_that_wrote_before_is_that_contacts(pool: Pool) -> None:
    document = demo()
    clinic = (await seed(pool, document.model_copy(update={"reports": type(document.reports)()}), now=utc_now())).clinic_id
    known = new_id()
    async with clinic_session(pool, clinic) as s:
        assert await s.all("SELECT FROM report_desks") == []
        await s.execute("INSERT INTO contacts (clinic_id, id) VALUES (current_clinic(), %(id)s)", {"id": known})
        await s.execute(
            """INSERT INTO contact_aliases (clinic_id, kind, value, contact_id)
               VALUES (current_clinic(), 'phone', '+5531900000203', %(id)s)""",
            {"id": known},
        )
    await seed(pool, document, now=utc_now())
    async with clinic_session(pool, clinic) as s:
        rows = await s.all("SELECT contact_id FROM report_recipients WHERE name = 'Marlene Ramos'")
    assert [row["contact_id"] for row in rows] == [known]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("person: zilda", "person: zilds"), "reports.families.jc-01.person"),
        (("subject: jc-02", "subject: jc-01"), "reports.families"),
        (("kind: spouse, agreed: true", "kind: esposa, agreed: true"), "kind"),
        (("+55 31 90000-0203", "zero"), "phone"),
        (("  source: {kind: files", "  hours: [meio-dia]\n  source: {kind: files"), "hours"),
    ],
)
def test_a_family_that_is_written_wrong_is_told_where(change: tuple[str, str], said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        reading.read(DEMO.read_text("utf-8").replace(*change))
    assert any(said in problem for problem in caught.value.problems)
