"""A clinic document becomes a clinic: whole or not at all, the same ids each time, nobody's visits lost."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import pytest
import typer
import yaml
from typer.testing import CliRunner

from cli.seed import load, read_file, seed
from clinic.tenants import service, store
from clinic.tenants.assembling import Ids, Keys, assemble, clinic_id_of
from clinic.tenants.reading import DocumentError, parse, read
from clinic.tenants.routing import route
from clinic.tenants.seeding_store import ChannelTaken
from clinic.tenants.store import ClinicNotFound
from db import system
from db.embedded import Urls
from db.pool import Pool
from db.session import clinic_session
from kit.settings import load_settings

SEEDS = Path(__file__).parents[2] / "seeds"
DEMO = (SEEDS / "demo" / "clinic.yaml").read_text()
ODONTO = (SEEDS / "examples" / "odonto.yaml").read_text()
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday, 9:00 in São Paulo

SMALL: dict[str, Any] = {
    "clinic": {"slug": "pequena", "name": "Pequena", "timezone": "America/Sao_Paulo"},
    "units": [
        {"key": "centro", "name": "Centro", "address": "Rua A, 1", "hours": {"seg-sex": ["08:00-18:00"]}},
        {"key": "norte", "name": "Norte", "address": "Rua B, 2", "hours": {"seg-sex": ["08:00-18:00"]}},
    ],
    "rooms": [{"key": "sala", "name": "Sala", "unit": "centro"}, {"key": "sala-2", "name": "Sala 2", "unit": "centro"}],
    "equipment": [{"key": "laser", "name": "Laser", "unit": "centro"}],
    "professionals": [
        {"key": "helena", "name": "Dra. Helena", "hours": [{"unit": "centro", "week": {"seg-sex": ["08:00-18:00"]}}]},
        {"key": "bia", "name": "Dra. Bia", "hours": [{"unit": "centro", "week": {"seg-sex": ["08:00-18:00"]}}]},
    ],
    "services": [
        {
            "key": "consulta",
            "name": "Consulta",
            "duration_minutes": 30,
            "buffer_before_minutes": 5,
            "buffer_after_minutes": 10,
            "price": 100,
            "professionals": ["helena", "bia"],
            "rooms": ["sala", "sala-2"],
            "equipment": ["laser"],
        },
        {"key": "retorno", "name": "Retorno", "duration_minutes": 30, "professionals": ["helena"]},
    ],
    "convenios": [{"key": "plano", "name": "Plano", "services": "all"}],
    "people": [{"key": "ana", "name": "Ana", "phones": ["31 98888-7777"]}, {"key": "rui", "name": "Rui"}],
}
FIXED = {"key": "fixa", "person": "ana", "service": "consulta", "professional": "helena", "starts": "2026-03-12T09:00"}


def _small(**sections: Any) -> dict[str, Any]:
    return deepcopy(SMALL) | sections


async def _seed(pool: Pool, content: dict[str, Any], now: datetime = NOW) -> service.SeedReport:
    return await service.seed(pool, parse(content), now=now)


async def _rows(pool: Pool, query: LiteralString, slug: str = "pequena") -> list[dict[str, Any]]:
    async with clinic_session(pool, clinic_id_of(slug)) as session:
        return [dict(row) for row in await session.all(query)]


async def _run(pool: Pool, statement: LiteralString, slug: str = "pequena") -> None:
    async with clinic_session(pool, clinic_id_of(slug)) as session:
        assert await session.execute(statement) > 0


@pytest.mark.parametrize("text", [DEMO, ODONTO], ids=["demo", "odonto"])
async def test_a_loaded_clinic_reads_back_as_the_document_describes_it(pool: Pool, text: str) -> None:
    document = read(text)
    report = await service.seed(pool, document, now=NOW)
    described = assemble(document, Keys.of(document, Ids(report.clinic_id)), version=report.version)
    async with clinic_session(pool, report.clinic_id) as session:
        assert await store.load(session) == described


async def test_loading_again_changes_the_version_and_nothing_else(pool: Pool) -> None:
    first = await service.seed(pool, read(DEMO), now=NOW)
    tables: LiteralString = """SELECT 'visit' AS kind, id, starts_at AS at FROM appointments
      UNION ALL SELECT resource, id, lower(during) FROM claims UNION ALL SELECT 'person', id, NULL FROM people
      UNION ALL SELECT 'contact', id, NULL FROM contacts UNION ALL SELECT 'block', id, starts_at FROM blocks
      UNION ALL SELECT 'service', id, NULL FROM services UNION ALL SELECT 'hours', id, NULL FROM weekly_hours
      UNION ALL SELECT 'wire', id, NULL FROM channel_accounts UNION ALL SELECT 'holiday', id, NULL FROM holidays
      ORDER BY kind, id"""
    before = await _rows(pool, tables, "jacaranda")
    second = await service.seed(pool, read(DEMO), now=NOW + timedelta(hours=3))
    assert await _rows(pool, tables, "jacaranda") == before
    assert (first.version, second.version) == (1, 2)
    assert (first.counts["visits_added"], second.counts["visits_added"]) == (15, 0)


async def test_two_clinics_stand_beside_each_other(pool: Pool) -> None:
    await service.seed(pool, read(DEMO), now=NOW)
    await service.seed(pool, read(ODONTO), now=NOW)
    assert [slug for _, slug, _ in await system.clinics(pool)] == ["jacaranda", "sorriso-do-rio"]
    small = await service.clinic_for(pool, clinic_id_of("sorriso-do-rio"))
    assert [professional.name for professional in small.professionals] == ["Dra. Yara Monteiro", "Dra. Nilce Barros"]
    (visit,) = await _rows(pool, "SELECT starts_at FROM appointments", "sorriso-do-rio")
    assert visit["starts_at"] == datetime(2026, 3, 12, 19, tzinfo=UTC)  # 15:00 in Manaus, four hours behind


async def test_its_wires_lead_to_it(pool: Pool) -> None:
    report = await service.seed(pool, read(DEMO), now=NOW)
    for kind, name in (("evolution", "jacaranda"), ("cloud", "100000000000001"), ("console", "jacaranda")):
        found = await route(pool, kind, name)
        assert found is not None
        assert found.clinic_id == report.clinic_id
    assert await route(pool, "evolution", "somebody-else") is None


async def test_a_wire_is_closed_when_the_document_leaves_it_and_never_taken_from_another_clinic(pool: Pool) -> None:
    wire = {"kind": "evolution", "external_id": "zap", "credentials": {"api_key": "env:KEY"}}
    await _seed(pool, _small(channels=[wire]))
    other = _small(channels=[wire]) | {"clinic": SMALL["clinic"] | {"slug": "outra"}}
    with pytest.raises(ChannelTaken, match="evolution “zap” já é de outra clínica"):
        await _seed(pool, other)
    assert await system.clinic_of_slug(pool, "outra") is None
    await _seed(pool, _small())
    assert await route(pool, "evolution", "zap") is None
    assert await route(pool, "console", "pequena") is not None
    await _seed(pool, _small(channels=[wire]))
    assert await route(pool, "evolution", "zap") is not None


async def test_a_visit_occupies_with_buffers_and_its_person_without(pool: Pool) -> None:
    await _seed(pool, _small(visits=[FIXED]))
    claims = await _rows(
        pool,
        """SELECT c.resource, lower(during) AS since, upper(during) AS until, upper_inc(during) AS closed FROM claims c
           ORDER BY resource""",
    )
    nine = datetime(2026, 3, 12, 12, tzinfo=UTC)
    wide, own = (nine - timedelta(minutes=5), nine + timedelta(minutes=40)), (nine, nine + timedelta(minutes=30))
    assert [(c["resource"], (c["since"], c["until"])) for c in claims] == [
        ("equipment", wide), ("person", own), ("professional", wide), ("room", wide),
    ]  # fmt: skip
    assert not any(claim["closed"] for claim in claims)
    (visit,) = await _rows(pool, "SELECT * FROM appointments")
    assert (visit["starts_at"], visit["ends_at"], visit["booked_by"], visit["price_cents"]) == (*own, "import", 10000)


async def test_a_cancelled_visit_stays_cancelled_and_a_moved_one_stays_moved(pool: Pool) -> None:
    other = FIXED | {"key": "outra", "starts": "2026-03-12T11:00"}
    content = _small(visits=[FIXED, other])
    await _seed(pool, content)
    await _run(pool, "UPDATE appointments SET status = 'cancelled', version = 2 WHERE starts_at = '2026-03-12 12:00Z'")
    await _run(pool, "UPDATE appointments SET starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day', "
                     "version = 2 WHERE starts_at = '2026-03-12 14:00Z'")  # fmt: skip
    report = await _seed(pool, content)
    assert report.counts["visits_added"] == 0
    rows = await _rows(pool, "SELECT status, starts_at FROM appointments ORDER BY starts_at")
    assert [(row["status"], row["starts_at"].day) for row in rows] == [("cancelled", 12), ("booked", 13)]


async def test_relative_visits_are_renewed_only_when_time_has_passed_them_untouched(pool: Pool) -> None:
    coming = {"person": "ana", "service": "retorno", "professional": "helena", "starts": {"days": 1, "time": "10:00"}}
    touched = coming | {"key": "tocada", "starts": {"days": 1, "time": "11:00"}}
    past = coming | {"key": "passada", "starts": {"days": -3, "time": "10:00"}, "status": "completed"}
    content = _small(visits=[coming, touched, past])
    await _seed(pool, content)
    await _run(pool, "UPDATE appointments SET status = 'cancelled', version = 2 WHERE extract(hour FROM starts_at) = 14")
    await _seed(pool, content, now=NOW + timedelta(days=30))
    rows = await _rows(pool, "SELECT status, starts_at FROM appointments ORDER BY starts_at")
    assert [(row["status"], row["starts_at"].date().isoformat()) for row in rows] == [
        ("completed", "2026-03-06"), ("cancelled", "2026-03-11"), ("booked", "2026-04-10"),
    ]  # fmt: skip


async def test_what_patients_booked_is_never_pushed_aside(pool: Pool) -> None:
    await _seed(pool, _small(visits=[FIXED]))
    await _run(pool, "UPDATE appointments SET booked_by = 'carol', version = 2")
    clash = FIXED | {"key": "nova", "person": "rui"}
    with pytest.raises(DocumentError) as caught:
        await _seed(pool, _small(visits=[clash]))
    assert caught.value.problems == ["visits.nova: bate com o que já está na agenda"]
    relative = clash | {"starts": {"days": 2, "time": "09:00"}}
    await _seed(pool, _small(visits=[relative]))
    rows = await _rows(pool, "SELECT starts_at FROM appointments ORDER BY starts_at")
    assert [row["starts_at"].day for row in rows] == [12, 13]  # the relative one moved on by a day


async def test_a_document_that_does_not_fit_changes_nothing(pool: Pool) -> None:
    await _seed(pool, _small())
    before = await service.clinic_for(pool, clinic_id_of("pequena"))
    content = _small(visits=[FIXED | {"starts": {"days": 1, "time": "07:00"}}])
    content["clinic"]["name"] = "Outro nome"
    with pytest.raises(DocumentError):
        await _seed(pool, content)
    async with clinic_session(pool, clinic_id_of("pequena")) as session:
        assert await store.load(session) == before


async def test_who_left_is_forgotten_unless_a_visit_names_them(pool: Pool) -> None:
    await _seed(pool, _small(visits=[FIXED | {"convenio": "plano"}]))
    content = _small(convenios=[])
    content["professionals"] = [SMALL["professionals"][1]]
    content["services"] = [
        {"key": "exame", "name": "Exame", "duration_minutes": 15, "professionals": ["bia"]},
    ]
    content["units"] = [SMALL["units"][0]]
    await _seed(pool, content)
    clinic = await service.clinic_for(pool, clinic_id_of("pequena"))
    assert [p.name for p in clinic.professionals] == ["Dra. Bia"]
    assert [p.name for p in clinic.former_professionals] == ["Dra. Helena"]
    assert [s.name for s in clinic.services] == ["Exame"]
    assert [s.name for s in clinic.former_services] == ["Consulta"]  # and Retorno, which nobody booked, is gone
    assert [c.name for c in (*clinic.convenios, *clinic.former_convenios)] == ["Plano"]
    assert clinic.convenios == ()
    assert [u.name for u in (*clinic.units, *clinic.former_units)] == ["Centro"]
    (visit,) = await _rows(pool, "SELECT professional_id, service_id FROM appointments")
    assert clinic.professional_by_id[visit["professional_id"]].name == "Dra. Helena"
    assert clinic.service_by_id[visit["service_id"]].name == "Consulta"
    await _seed(pool, _small())
    again = await service.clinic_for(pool, clinic_id_of("pequena"))
    assert again.former_professionals == ()
    assert visit["professional_id"] in {p.id for p in again.professionals}


async def test_names_may_change_hands(pool: Pool) -> None:
    await _seed(pool, _small())
    before = await service.clinic_for(pool, clinic_id_of("pequena"))
    content = _small()
    helena, bia = content["professionals"]
    helena["name"], bia["name"] = bia["name"], helena["name"]
    await _seed(pool, content)
    after = await service.clinic_for(pool, clinic_id_of("pequena"))
    assert [p.id for p in after.professionals] == [p.id for p in before.professionals]
    assert [p.name for p in after.professionals] == ["Dra. Bia", "Dra. Helena"]


async def test_a_new_key_with_an_old_name_is_the_same_person(pool: Pool) -> None:
    await _seed(pool, _small(visits=[FIXED]))
    text = yaml.safe_dump(_small()).replace("helena", "helena-prado")
    await service.seed(pool, read(text), now=NOW)
    clinic = await service.clinic_for(pool, clinic_id_of("pequena"))
    (visit,) = await _rows(pool, "SELECT professional_id FROM appointments")
    assert clinic.former_professionals == ()
    assert visit["professional_id"] in {p.id for p in clinic.professionals}


async def test_one_phone_speaks_for_the_family(pool: Pool) -> None:
    await service.seed(pool, read(DEMO), now=NOW)
    rows = await _rows(
        pool,
        """SELECT p.name, r.kind FROM contact_aliases a JOIN relationships r USING (clinic_id, contact_id)
           JOIN people p ON p.clinic_id = r.clinic_id AND p.id = r.person_id
           WHERE a.kind = 'phone' AND a.value = '+5531900000101' ORDER BY p.name""",
        "jacaranda",
    )
    assert [(row["name"], row["kind"]) for row in rows] == [
        ("Ana Paula Ribeiro", "self"), ("Lucas Ribeiro Matos", "child"), ("Sofia Ribeiro Matos", "child"),
    ]  # fmt: skip


async def test_a_phone_that_already_wrote_keeps_its_contact_and_its_person(pool: Pool) -> None:
    await _seed(pool, _small(people=[]))
    contact, person = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"
    async with clinic_session(pool, clinic_id_of("pequena")) as session:
        names = {"contact": contact, "person": person}
        await session.execute("INSERT INTO contacts (clinic_id, id) VALUES (current_clinic(), %(contact)s)", names)
        await session.execute("INSERT INTO people (clinic_id, id, name) VALUES (current_clinic(), %(person)s, 'Aninha')", names)
        await session.execute(
            """INSERT INTO contact_aliases (clinic_id, kind, value, contact_id)
               VALUES (current_clinic(), 'phone', '+5531988887777', %(contact)s)""",
            names,
        )
        await session.execute(
            """INSERT INTO relationships (clinic_id, contact_id, person_id, kind)
               VALUES (current_clinic(), %(contact)s, %(person)s, 'self')""",
            names,
        )
    await _seed(pool, _small(visits=[FIXED]))
    (visit,) = await _rows(pool, "SELECT person_id FROM appointments")
    assert str(visit["person_id"]) == person
    assert [row["name"] for row in await _rows(pool, "SELECT name FROM people ORDER BY name")] == ["Aninha", "Rui"]


async def test_time_off_follows_the_document_and_respects_visits(pool: Pool) -> None:
    off = {"professional": "helena", "from": "2026-03-13T08:00", "to": "2026-03-13T12:00", "reason": "Curso"}
    await _seed(pool, _small(blocks=[off]))
    (block,) = await _rows(pool, "SELECT lower(during) AS since, upper(during) AS until FROM claims WHERE block_id IS NOT NULL")
    assert (block["since"], block["until"]) == (datetime(2026, 3, 13, 11, tzinfo=UTC), datetime(2026, 3, 13, 15, tzinfo=UTC))
    await _run(
        pool,
        """INSERT INTO blocks (clinic_id, id, starts_at, ends_at)
           VALUES (current_clinic(), '00000000-0000-7000-8000-000000000009', '2026-04-01', '2026-04-02')""",
    )
    await _seed(pool, _small(visits=[FIXED]))
    assert len(await _rows(pool, "SELECT FROM blocks")) == 1  # the one staff made
    with pytest.raises(DocumentError) as caught:
        await _seed(pool, _small(visits=[FIXED], blocks=[off | {"from": "2026-03-12T08:00", "to": "2026-03-12T12:00"}]))
    assert any("bate com o que já está na agenda" in p or "sobrepõe" in p for p in caught.value.problems)


async def test_the_command_loads_the_clinic_and_what_it_has_written(database: Urls, pool: Pool) -> None:
    document, folder = read_file(SEEDS / "examples" / "odonto.yaml")
    _, ingested = await load(database.app, document, folder, load_settings(embeddings_model=None))
    assert ingested is not None
    assert [(file.source, file.outcome) for file in ingested.files] == [("aparelho.md", "stored"), ("combinados.md", "stored")]
    rows = await _rows(pool, "SELECT source FROM documents ORDER BY source", "sorriso-do-rio")
    assert [row["source"] for row in rows] == ["aparelho.md", "combinados.md"]


def test_the_command_says_each_problem_in_a_line_and_ends_with_2(tmp_path: Path) -> None:
    file = tmp_path / "clinica.yaml"
    file.write_text(yaml.safe_dump(_small(knowledge="nada")).replace("duration_minutes: 30", "duration_minutes: meia hora"))
    app = typer.Typer()
    app.command()(seed)
    result = CliRunner().invoke(app, [str(file)])
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"{file}: 2 a corrigir",
        "  services.consulta.duration_minutes: “meia hora” não serve; aceito: um número inteiro",
        "  services.retorno.duration_minutes: “meia hora” não serve; aceito: um número inteiro",
    ]
    missing = CliRunner().invoke(app, [str(tmp_path / "outra.yaml")])
    assert (missing.exit_code, missing.stderr.splitlines()[1]) == (2, "  o arquivo não existe ou não pode ser lido")


async def test_a_clinic_is_read_once_a_version(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    report = await _seed(pool, _small())
    loaded = 0
    real = store.load

    async def counted(session: Any) -> Any:
        nonlocal loaded
        loaded += 1
        return await real(session)

    monkeypatch.setattr(store, "load", counted)
    first = await service.clinic_for(pool, report.clinic_id)
    assert await service.clinic_for(pool, report.clinic_id) is first
    assert loaded == 1
    await _seed(pool, _small())
    assert (await service.clinic_for(pool, report.clinic_id)).version == first.version + 1
    assert loaded == 2


async def test_a_clinic_that_does_not_exist_is_said_to_be_unknown(pool: Pool) -> None:
    with pytest.raises(ClinicNotFound):
        await service.clinic_for(pool, clinic_id_of("nenhuma"))
