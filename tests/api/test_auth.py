"""The operator's door: by where the server listens, not by what a request says."""

from __future__ import annotations

import base64
import re
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.auth import COOKIE, OPEN, Door
from db.embedded import Urls
from kit.errors import Invalid
from kit.settings import load_settings
from tests.flows.served import settings_for

PASSWORD = "senha-de-operadora"
SHUT = (
    "/api/clinics",
    "/api/events",
    "/api/nada",
    "/openapi.json",
    "/api/chat/conversations/0190f0d0-0000-7000-8000-000000000000/messages",
)


def client(app: Any, **how: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), **{"base_url": "http://127.0.0.1", **how})


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"carol:{password}".encode()).decode()}


@pytest.fixture
def app(database: Urls) -> Any:
    return create_app(settings_for(database, host="0.0.0.0", operator_password=PASSWORD), desk=False, delivery=False)


def test_outside_the_loopback_a_password_is_a_condition_to_start() -> None:
    with pytest.raises(Invalid, match="CAROL_OPERATOR_PASSWORD"):
        load_settings(host="0.0.0.0")


@pytest.mark.parametrize("claim", [{}, {"Host": "localhost"}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Real-IP": "127.0.0.1"}])
async def test_the_api_is_shut_whatever_a_request_claims(app: Any, claim: dict[str, str]) -> None:
    async with app.router.lifespan_context(app), client(app, headers=claim) as http:
        for path in SHUT:
            assert (await http.get(path)).status_code == 401, path
        assert (await http.post("/api/chat/messages", json={})).status_code == 401


async def test_no_route_answers_a_stranger(app: Any) -> None:
    """Every route there is, whoever adds the next one."""
    paths = app.openapi()["paths"].items()
    shut = [(path, method.upper()) for path, methods in paths if not path.startswith(OPEN) for method in methods]
    assert len(shut) > 25
    async with app.router.lifespan_context(app), client(app) as http:
        for path, method in shut:
            where = re.sub(r"\{[^}]*\}", "0190f0d0-0000-7000-8000-000000000000", path)
            for asked in (method, "HEAD", "OPTIONS"):
                answer = await http.request(asked, where, json={} if asked == "POST" else None)
                assert answer.status_code == 401, (asked, path)


async def test_probes_webhooks_the_shell_and_the_door_itself_are_open(app: Any) -> None:
    async with app.router.lifespan_context(app), client(app) as http:
        assert (await http.get("/health")).status_code == 200
        assert (await http.get("/ready")).status_code == 200
        assert (await http.get("/api/session")).json() == {"locked": True, "signed_in": False}
        for path in ("/", "/entrar", "/assets/nada.js"):  # whether it is built here or not
            assert (await http.get(path)).status_code != 401, path
        refused = await http.post("/webhooks/cloud", content=b"{}")
        assert refused.json()["code"] == "not_authentic"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../api/clinics",
        "/webhooks/../api/clinics",
        "//api/clinics",
        "/api/session/",
        "/api/session/../clinics",
        "/health/../",
    ],
)
async def test_no_path_sneaks_by(app: Any, path: str) -> None:
    async with app.router.lifespan_context(app), client(app) as http:
        answer = await http.get(httpx.URL("http://127.0.0.1").copy_with(raw_path=path.encode()))
        # The console's shell is the same for whoever asks, and holds no data.
        is_shell = answer.headers["content-type"].startswith("text/html")
        assert is_shell or answer.status_code in (401, 404, 405)


async def test_a_session_by_password_and_its_end(app: Any) -> None:
    async with app.router.lifespan_context(app), client(app) as http:
        assert (await http.post("/api/session", json={"password": "errada"})).status_code == 401
        entered = await http.post("/api/session", json={"password": PASSWORD})
        assert entered.status_code == 204
        cookie = entered.headers["set-cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/"))
        assert (await http.get("/api/clinics")).status_code == 200
        session = http.cookies[COOKIE]
        for forged in (session[:-1] + ("0" if session[-1] != "0" else "1"), "9" + session, "..", "", "x.y.z"):
            shut = await http.get("/api/clinics", headers={"Cookie": f"{COOKIE}={forged}"})
            assert shut.status_code == 401, forged
        assert (await http.get("/api/session")).json() == {"locked": True, "signed_in": True}
        assert (await http.delete("/api/session")).status_code == 204
        assert (await http.get("/api/clinics")).status_code == 401


async def test_basic_works_for_scripts(app: Any) -> None:
    async with app.router.lifespan_context(app), client(app) as http:
        assert (await http.get("/api/clinics", headers=basic(PASSWORD))).status_code == 200
        shut = await http.get("/api/clinics", headers=basic("errada"))
        assert (shut.status_code, shut.headers["www-authenticate"].split()[0]) == (401, "Basic")
        assert (await http.get("/api/clinics", headers={"Authorization": "Basic ###"})).status_code == 401


async def test_guessing_is_slowed_down_and_a_session_goes_on(app: Any) -> None:
    async with app.router.lifespan_context(app), client(app) as http:
        await http.post("/api/session", json={"password": PASSWORD})
        session = {"Cookie": f"{COOKIE}={http.cookies[COOKIE]}"}
        http.cookies.clear()
        tries = [(await http.post("/api/session", json={"password": f"chute-{n}"})).status_code for n in range(7)]
        assert tries == [401] * 5 + [429] * 2
        late = await http.get("/api/clinics", headers=basic(PASSWORD))
        assert late.status_code == 429
        assert 0 < int(late.headers["retry-after"]) <= 61
        assert (await http.get("/api/clinics", headers=session)).status_code == 200


def test_the_wait_ends_and_many_addresses_share_one() -> None:
    now = [0.0]
    settings = load_settings(host="0.0.0.0", operator_password=PASSWORD)
    door = Door(settings, clock=lambda: now[0])
    for n in range(30):
        assert door.wait(f"10.0.0.{n}") == 0.0
        assert not door.knows("errada", f"10.0.0.{n}")
    assert door.wait("10.0.9.9") > 0
    now[0] = 61.0
    assert door.wait("10.0.9.9") == 0.0


def test_another_password_ends_every_session() -> None:
    before = Door(load_settings(host="0.0.0.0", operator_password=PASSWORD))
    after = Door(load_settings(host="0.0.0.0", operator_password=PASSWORD + "!"))
    assert before.admits(before.session())
    assert not after.admits(before.session())


async def test_on_the_loopback_no_password_but_no_other_host_and_no_foreign_form(database: Urls) -> None:
    """A page elsewhere may aim a browser at us: by a rebound name, or by a form."""
    app = create_app(settings_for(database), desk=False, delivery=False)
    async with app.router.lifespan_context(app), client(app) as http:
        assert (await http.get("/api/clinics")).status_code == 200
        assert (await http.get("/api/clinics", headers={"Host": "isca.example"})).status_code == 403
        for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
            form = await http.post("/api/chat/messages", content=b"{}", headers={"Content-Type": content_type})
            assert form.status_code == 415


async def test_pages_carry_safe_headers(database: Urls) -> None:
    app = create_app(settings_for(database), desk=False, delivery=False)
    async with app.router.lifespan_context(app), client(app) as http:
        for path in ("/", "/ensaio", "/assets/nada.js", "/health", "/api/nada"):
            headers = (await http.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self';" in policy
            assert "unsafe-eval" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
