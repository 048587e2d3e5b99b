"""What no page of ours sends: every door of the console answers it with a clear refusal, never with a defect."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from kit.ids import new_id
from tests.flows.served import Served

PHONE = "+5531988880001"
JSON = {"Content-Type": "application/json"}
NOBODY = "00000000-0000-0000-0000-000000000000"


async def say(served: Served, begun: dict[str, Any], **more: str) -> httpx.Response:
    words = {"person": PHONE, "text": "oi", "message_id": new_id().hex} | more
    return await served.http.post(f"/api/rehearsals/{begun['id']}/messages", json=words)


def clear(answer: httpx.Response) -> bool:
    """Taken, or refused with a code of ours."""
    return answer.status_code < 300 or (
        answer.status_code < 500
        and answer.headers["content-type"] == "application/problem+json"
        and bool(answer.json()["code"])
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/rehearsals", r'{"clinic": "\ud800"}'),
        ("/api/rehearsals", r'{"clinic": "a\u0000b"}'),
        ("/api/rehearsals", r'{"clinic": "clinica", "\ud800": 1}'),
        ("/api/chat/messages", r'{"clinic": "\ud800", "as": "x", "text": "oi"}'),
        ("/api/knowledge/ask", r'{"clinic": "clinica", "question": "a\u0000b"}'),
        ("/api/knowledge/ask", r'{"clinic": "clinica", "question": "\ud800"}'),
        ("/api/knowledge/ask", r'{"clinic": "clinica", "question": "   "}'),
    ],
)
async def test_words_that_cannot_be_stored(served: Served, path: str, body: str) -> None:
    assert clear(await served.http.post(path, content=body, headers=JSON))


@pytest.mark.parametrize(
    "at",
    [
        "2026-01-01T00:00:00+00:00:00.000001",
        "2026-01-01T00:00:00+23:59",
        "2026-01-01T00:00:00+99:99",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2000-01-01T00:00:00+23:59",
        "2099-12-31T23:59:59-23:59",
        "2026-W01",
        "24:00",
        "",
    ],
)
async def test_a_clock_that_is_taken_can_be_lived_with(served: Served, begun: dict[str, Any], at: str) -> None:
    """Whatever instant a message may be said at, every page can show."""
    said = await say(served, begun, at=at)
    shown = await served.http.get("/api/agenda", params={"clinic": begun["slug"], "at": at})
    assert (said.status_code, shown.status_code) in ((202, 200), (422, 422)), (said.text, shown.text)
    if said.status_code == 202:
        where = f"/api/conversations/{said.json()['conversation']}"
        assert (await served.http.get(where)).status_code == (await served.http.get(f"{where}/export")).status_code == 200


@pytest.mark.parametrize("more", [{"model": "\0"}, {"person": "a\0"}, {"person": "\u202e"}, {"message_id": "ú"}])
async def test_who_speaks_and_how_that_cannot_be(served: Served, begun: dict[str, Any], more: dict[str, str]) -> None:
    assert (await say(served, begun, **more)).status_code == 422


@pytest.mark.parametrize("asked", ["%00", "%ED%A0%80", "%25_", "9" * 100, "(" * 100])
async def test_people_are_looked_for_by_anything(served: Served, begun: dict[str, Any], asked: str) -> None:
    assert (await served.http.get(f"/api/rehearsals/{begun['id']}/people?q={asked}")).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        "conversations?clinic=clinica&q=%00",
        "conversations?clinic=clinica&q=%5C",
        "conversations?clinic=clinica&before=9.x",
        f"conversations?clinic=clinica&before=-1.{NOBODY}",
        f"conversations?clinic=clinica&before={'9' * 30}.{NOBODY}",
        f"conversations?clinic=clinica&limit={'9' * 5000}",
        "agenda?clinic=clinica&day=0001-01-01",
        "agenda?clinic=clinica&day=9999-12-31",
        "agenda?clinic=clinica&day=2099-12-31",
        "agenda?clinic=clinica&day=-99999999999999999",
        "agenda?clinic=%00",
        "agenda?clinic=",
        "events?clinic=%00",
        "knowledge?clinic=%00",
        f"media/{NOBODY}?clinic=clinica",
        f"agenda/visit/{NOBODY}?clinic=clinica",
    ],
)
async def test_what_is_asked_for_and_cannot_be(served: Served, asked: str) -> None:
    assert clear(await served.http.get(f"/api/{asked}"))


@pytest.mark.parametrize("by", [r"a\u0000b", r"\ud800", r"\u202e", r"x\ud800y"])
async def test_names_that_cannot_be_signed_with(served: Served, begun: dict[str, Any], by: str) -> None:
    where = f"/api/conversations/{(await say(served, begun)).json()['conversation']}"
    for verb, more in (("take", ""), ("reply", r', "text": "oi\u0000", "message_id": "m"'), ("give-back", "")):
        assert clear(await served.http.post(f"{where}/{verb}", content=f'{{"by": "{by}"{more}}}', headers=JSON))
    assert (await served.http.get(where)).status_code == 200


async def test_a_burst_is_said_whole_or_not_at_all(served: Served, begun: dict[str, Any]) -> None:
    asked = {"play": "burst", "person": PHONE, "texts": ["oi", "x" * 4097]}
    answer = await served.http.post(f"/api/rehearsals/{begun['id']}/plays", json=asked)
    assert answer.json()["code"] == "long_message"
    assert (await served.http.get(f"/api/rehearsals/{begun['id']}")).json()["conversations"] == []


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("POST", "/api/rehearsals/{id}/media", b"person=x&message_id=m1"),
        ("PUT", "/api/knowledge/documents", b"clinic=clinica&source=a.md"),
        ("POST", "/webhooks/cloud", b""),
        ("POST", "/api/rehearsals", b""),
    ],
)
async def test_whoever_leaves_in_the_middle_of_an_upload_is_no_defect(
    served: Served, begun: dict[str, Any], method: str, path: str, query: bytes
) -> None:
    coming: list[Any] = [{"type": "http.request", "body": b"# o", "more_body": True}, {"type": "http.disconnect"}]
    answer: list[Any] = []

    async def receive() -> Any:
        return coming.pop(0)

    async def send(message: Any) -> None:
        answer.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path.format(id=begun["id"]),
        "query_string": query,
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
    }
    with capture_logs() as logs:
        await served.app(scope, receive, send)
    assert answer[0]["status"] in (400, 408)
    assert "request_broke" not in {one["event"] for one in logs}
