"""The console's files as a browser gets them, and what is said while there are none."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api import console, errors
from api.requests import Envelope

CHUNK = "index-Clb5dj2z.js"
SCRIPT = "const carol = 'recepção';\n" * 200


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    return tmp_path / "dist"


@pytest.fixture
async def http(dist: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    @app.post("/api/messages")
    async def say() -> None: ...

    console.install(app, dist)
    errors.install(app)
    app.add_middleware(Envelope)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


def build(dist: Path) -> None:
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<title>Carol</title>", "utf-8")
    (dist / "assets" / CHUNK).write_text(SCRIPT, "utf-8")
    (dist / "theme.js").write_text("1;", "utf-8")
    (dist / ".stamp").write_text("segredo", "utf-8")
    (dist.parent / "secret.txt").write_text("segredo", "utf-8")


@pytest.mark.parametrize("path", ["/", "/ensaio", "/conversas/123", "/entrar", "/apiario", "/healthy"])
async def test_every_page_is_the_same_file_asked_for_again_each_time(http: httpx.AsyncClient, dist: Path, path: str) -> None:
    build(dist)
    page = await http.get(path)
    assert (page.status_code, page.text) == (200, "<title>Carol</title>")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert (await http.head(path)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api", "/api/nothing", "/webhooks/nobody", "/metrics", "/ready", "/health", "/openapi.json/x", "/assets/gone.js"]
)
async def test_what_is_not_a_page_is_not_answered_with_one(http: httpx.AsyncClient, dist: Path, path: str) -> None:
    build(dist)
    refused = await http.get(path)
    assert refused.status_code == 404
    assert refused.headers["content-type"] == "application/problem+json"


async def test_only_reading_gets_a_page_and_a_wrong_method_is_still_one(http: httpx.AsyncClient, dist: Path) -> None:
    build(dist)
    assert (await http.post("/ensaio")).status_code == 404
    assert (await http.get("/api/messages")).status_code == 405


async def test_assets_stay_in_the_browser_and_travel_compressed(http: httpx.AsyncClient, dist: Path) -> None:
    build(dist)
    async with http.stream("GET", f"/assets/{CHUNK}") as chunk:
        raw = b"".join([part async for part in chunk.aiter_raw()])
    assert chunk.headers["content-encoding"] == "gzip"
    assert chunk.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(raw).decode() == SCRIPT
    fresh = await http.get(f"/assets/{CHUNK}", headers={"If-None-Match": chunk.headers["etag"]})
    assert fresh.status_code == 304


async def test_what_lies_beside_the_page_is_asked_for_again_each_time(http: httpx.AsyncClient, dist: Path) -> None:
    build(dist)
    script = await http.get("/theme.js")
    assert (script.text, script.headers["cache-control"]) == ("1;", "no-cache")
    assert "javascript" in script.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/.stamp",
    ],
)
async def test_nothing_outside_the_build_is_served(http: httpx.AsyncClient, dist: Path, path: str) -> None:
    build(dist)
    answer = await http.get(httpx.URL("http://127.0.0.1").copy_with(raw_path=path.encode()))
    assert "segredo" not in answer.text


async def test_without_a_build_a_plain_page_says_what_to_do_until_there_is_one(http: httpx.AsyncClient, dist: Path) -> None:
    page = await http.get("/ensaio")
    assert page.status_code == 503
    assert "make up" in page.text
    assert (await http.get("/theme.js")).status_code == 503
    build(dist)
    assert (await http.get("/ensaio")).status_code == 200
    assert (await http.get(f"/assets/{CHUNK}")).status_code == 200
