"""The clinic's documents over HTTP: uploaded, read, asked, forgotten; and what is refused, with words for staff."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.embedded import Urls
from tests.flows.served import Served, add_clinic, serve
from tests.unit.test_extract import pdf

BASE = "/api/knowledge"
PARKING = "# Estacionamento\n\nTemos convênio com o estacionamento ao lado.\n\n## Preço\n\nPacientes pagam dez reais.".encode()
TEXT = {"Content-Type": "application/octet-stream"}


@pytest.fixture
async def served(database: Urls) -> AsyncIterator[Served]:
    async with serve(database) as served:
        yield served


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
