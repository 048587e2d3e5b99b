"""The clinic's documents over HTTP: uploaded, read, asked, forgotten; and what is refused, with words for staff."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfWriter

from db.embedded import Urls
from db.session import clinic_session
from kit.ids import new_id, new_sandbox_id
from knowledge.extract import MAX_BYTES
from tests.flows.served import Served, add_clinic, serve
from tests.unit.test_docx import p, word
from tests.unit.test_extract import pdf

BASE = "/api/knowledge"
PARKING = "# Estacionamento\n\nTemos convênio com o estacionamento ao lado.\n\n## Preço\n\nPacientes pagam dez reais.".encode()
TEXT = {"Content-Type": "application/octet-stream"}


async def put(served: Served, source: str, data: bytes, clinic: str = "clinica") -> Any:
    where = {"clinic": clinic, "source": source}
    return await served.http.put(f"{BASE}/documents", params=where, content=data, headers=TEXT)


async def settled(served: Served, document_id: str, clinic: str = "clinica") -> dict[str, Any]:
    """The document once it waits no more."""
    async with asyncio.timeout(30):
        while True:
            got = await served.http.get(f"{BASE}/documents/{document_id}", params={"clinic": clinic})
            told: dict[str, Any] = got.json()
            if told["status"] in ("ready", "refused"):
                return told
            await asyncio.sleep(0.05)


async def test_a_document_is_uploaded_read_asked_and_forgotten(served: Served) -> None:
    answer = await put(served, "estacionamento.md", PARKING)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["status"], told["passages"], told["kept"], told["current"]) == ("waiting", 0, True, True)
    read = await settled(served, told["id"])
    assert (read["status"], read["title"], read["problem"], read["current"]) == ("ready", "Estacionamento", None, True)
    assert [piece["heading"] for piece in read["pieces"]] == ["Estacionamento", "Estacionamento › Preço"]

    question = {"clinic": "clinica", "question": "qto custa o estacionamento?"}
    found = (await served.http.post(f"{BASE}/ask", json=question)).json()
    assert found["found"]
    assert found["understood"].startswith("quanto custa")
    assert found["considered"][0]["score"] >= found["threshold"]
    for one in found["considered"]:
        assert one["score"] == pytest.approx(one["dense"] + found["weight"] * one["lexical"])

    where = {"clinic": "clinica"}
    assert (await served.http.delete(f"{BASE}/documents/{told['id']}", params=where)).status_code == 204
    gone = await served.http.get(f"{BASE}/documents/{told['id']}", params=where)
    assert (gone.status_code, gone.json()["code"]) == (404, "document_not_found")
    assert (await served.http.get(BASE, params=where)).json()["documents"] == []
    assert await served.count("document_files") == await served.count("passages") == 0


async def test_what_may_be_uploaded_is_told_beside_the_list(served: Served) -> None:
    told = (await served.http.get(BASE, params={"clinic": "clinica"})).json()
    assert told["bytes_most"] == MAX_BYTES
    assert {".md", ".txt", ".pdf", ".docx"} <= set(told["extensions"])


@pytest.mark.parametrize(
    ("source", "data", "status", "code"),
    [
        ("vazio.md", b"", 422, "document_empty"),
        ("grande.txt", b"x" * (25 * 2**20), 413, "document_too_large"),
        ("foto.png", b"\x89PNG\r\n", 415, "document_unsupported"),
        ("falso.pdf", b"isto e texto", 415, "document_mismatch"),
        ("falso.docx", b"PK\x03\x04...", 415, "document_mismatch"),
        ("..", b"texto", 415, "document_unsupported"),
        ("\0\u200b.md/", b"texto", 415, "document_unsupported"),
    ],
)
async def test_what_cannot_be_kept_is_refused_at_once_in_words_for_staff(
    served: Served, source: str, data: bytes, status: int, code: str
) -> None:
    answer = await put(served, source, data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")
    assert await served.count("documents") == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/preparo.md", "preparo.md"),
        ("C:\\guias\\preparo.md", "preparo.md"),
        ("pre\0pa\u202ero.md", "preparo.md"),
        ("  preparo   2026 💉.md ", "preparo 2026 💉.md"),
        ("cafe\u0301.md", "café.md"),
        ("a" * 300 + ".md", "a" * 197 + ".md"),
        ("<img src=x onerror=1>.md", "<img src=x onerror=1>.md"),
    ],
)
async def test_a_name_is_kept_as_people_see_it_without_folders(served: Served, given: str, kept: str) -> None:
    answer = await put(served, given, PARKING)
    assert (answer.status_code, answer.json()["source"]) == (202, kept)


async def test_files_that_only_reading_can_refuse_say_why(served: Served) -> None:
    locked = BytesIO()
    writer = PdfWriter(clone_from=BytesIO(pdf(["Atendemos aos sábados."])))
    writer.encrypt(user_password="segredo", owner_password="dono", algorithm="RC4-128")
    writer.write(locked)
    bomb = word(p("a" * (20 * 2**20)))
    files = {
        "com-senha.pdf": (locked.getvalue(), "document_encrypted"),
        "scan.pdf": (pdf([]), "document_image_only"),
        "bomba.docx": (bomb, "document_too_long"),
    }
    for source, (data, code) in files.items():
        answer = await put(served, source, data)
        assert answer.status_code == 202
        told = await settled(served, answer.json()["id"])
        assert (told["status"], told["problem"]) == ("refused", code)
        assert told["problem_text"].endswith(".")


async def test_pdf_and_word_are_read_and_found(served: Served) -> None:
    heading = p("Vacinas", "Ttulo1")
    files = {"horarios.pdf": pdf(["Horários", "Atendemos aos sábados de manhã."]), "vacinas.docx": word(heading + p("Não há."))}
    for source, data in files.items():
        told = await settled(served, (await put(served, source, data)).json()["id"])
        assert (told["status"], told["passages"]) == ("ready", 1)


async def test_reading_again_and_what_was_not_kept(served: Served) -> None:
    where = {"clinic": "clinica"}
    told = await settled(served, (await put(served, "guia.md", PARKING)).json()["id"])
    one = f"{BASE}/documents/{told['id']}/again"
    assert (await served.http.post(one, params=where, json={})).status_code == 202
    assert (await settled(served, told["id"]))["ingested_at"] > told["ingested_at"]
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("DELETE FROM document_files")
    lost = await served.http.post(one, params=where, json={})
    assert (lost.status_code, lost.json()["code"]) == (409, "document_not_kept")
    nobody = await served.http.post(f"{BASE}/documents/{new_id()}/again", params=where, json={})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "document_not_found")


async def test_a_question_without_an_answer_shows_what_came_near(served: Served) -> None:
    await settled(served, (await put(served, "guia.md", PARKING)).json()["id"])
    question = {"clinic": "clinica", "question": "vcs fazem cirurgia de catarata?"}
    found = (await served.http.post(f"{BASE}/ask", json=question)).json()
    assert not found["found"]
    assert found["considered"]
    assert all(one["score"] < found["threshold"] and not one["used"] for one in found["considered"])
    empty = (await served.http.post(f"{BASE}/ask", json=question | {"question": " ?! "})).json()
    assert (empty["found"], empty["considered"]) == (False, [])


async def test_only_what_a_turn_would_be_given_counts_as_used(served: Served) -> None:
    parts = "\n\n".join(f"## Estacionamento {n}\n\nO estacionamento {n} custa {n} reais." for n in range(10))
    await settled(served, (await put(served, "guia.md", parts.encode())).json()["id"])
    question = {"clinic": "clinica", "question": "quanto custa o estacionamento?"}
    considered = (await served.http.post(f"{BASE}/ask", json=question)).json()["considered"]
    assert len(considered) == 8
    assert [one["used"] for one in considered[4:]] == [False] * 4
    assert considered[0]["used"]
    assert [one["score"] for one in considered] == sorted((one["score"] for one in considered), reverse=True)


async def test_a_rehearsal_reads_the_documents_of_its_clinic_and_changes_none(served: Served) -> None:
    told = await settled(served, (await put(served, "guia.md", PARKING)).json()["id"])
    sandbox = new_sandbox_id()
    async with clinic_session(served.pool, sandbox) as s:
        await s.execute(
            """INSERT INTO clinics (id, slug, name, timezone, sandbox_of)
               VALUES (%(id)s, 'ensaio', 'Ensaio', 'America/Sao_Paulo', %(of)s)""",
            {"id": sandbox, "of": served.clinic},
        )
    where = {"clinic": "ensaio"}
    assert [one["id"] for one in (await served.http.get(BASE, params=where)).json()["documents"]] == [told["id"]]
    asked = await served.http.post(f"{BASE}/ask", json={"clinic": "ensaio", "question": "quanto custa o estacionamento?"})
    assert asked.json()["found"]
    for refused in (
        await put(served, "guia.md", b"# Outro", clinic="ensaio"),
        await served.http.delete(f"{BASE}/documents/{told['id']}", params=where),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "documents_only_read")


async def test_clinics_do_not_see_each_other_s_documents(served: Served) -> None:
    told = await settled(served, (await put(served, "guia.md", PARKING)).json()["id"])
    await add_clinic(served.pool, "outra", {})
    where = {"clinic": "outra"}
    assert (await served.http.get(BASE, params=where)).json()["documents"] == []
    assert (await served.http.delete(f"{BASE}/documents/{told['id']}", params=where)).status_code == 404
    for nobody in ("nenhuma", "clinica\0"):
        assert (await served.http.get(BASE, params={"clinic": nobody})).json()["code"] == "clinic_not_found"


async def test_nothing_of_a_document_reaches_the_logs(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    for source, data in {"prontuario-maria.md": b"Maria tem 7 gatos.", "joana.pdf": b"%PDF-1.4 Joana"}.items():
        await settled(served, (await put(served, source, data)).json()["id"])
    said = "".join(capsys.readouterr())
    assert "document_read" in said
    assert not [word for word in ("maria", "Maria", "gatos", "joana", "Joana") if word in said]


async def test_a_dead_broker_delays_nothing(database: Urls) -> None:
    async with serve(database, redis_url="redis://127.0.0.1:1/0") as served:
        told = await settled(served, (await put(served, "guia.md", PARKING)).json()["id"])
        assert told["status"] == "ready"


async def test_postgres_away_is_503(served: Served) -> None:
    await served.pool.close()
    answer = await put(served, "guia.md", PARKING)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
