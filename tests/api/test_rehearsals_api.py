"""Rehearsals over HTTP: begun, spoken in, played, branched and ended, with a clear word for whatever cannot be."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from clinic.rehearsals import media
from db.embedded import Urls
from db.session import clinic_session
from kit.ids import new_id, new_sandbox_id
from tests.emulators.transcription import TranscriptionEmulator
from tests.flows.served import Served, serve, speak
from tests.unit.test_file_types import picture, plain_picture

PHONE = "+5531988880001"
PNG = plain_picture("PNG")
OGG = b"OggS" + b"\0" * 24 + b"OpusHead"


async def say(served: Served, begun: dict[str, Any], text: str = "oi", **more: Any) -> httpx.Response:
    words = {"person": PHONE, "text": text, "message_id": new_id().hex} | more
    return await served.http.post(f"/api/rehearsals/{begun['id']}/messages", json=words)


async def send(served: Served, begun: dict[str, Any], data: bytes, **more: str) -> httpx.Response:
    asked = {"person": PHONE, "message_id": "m1", "name": "foto.png"} | more
    return await served.http.post(
        f"/api/rehearsals/{begun['id']}/media", params=asked, content=data, headers={"Content-Type": "image/png"}
    )


async def rows(served: Served, begun: dict[str, Any], query: str, **params: Any) -> list[dict[str, Any]]:
    return await served.rows(query, UUID(begun["id"]), **params)


async def answered(served: Served, begun: dict[str, Any], *texts: str) -> str:
    """Answers what waits in the rehearsal; the turn's id."""
    clinic = UUID(begun["id"])
    [row] = await rows(served, begun, "SELECT id FROM conversations WHERE due_at IS NOT NULL")
    return str(await speak(served.pool, clinic, row["id"], *texts))


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def test_a_rehearsal_begins_is_listed_and_ends(served: Served, begun: dict[str, Any]) -> None:
    assert begun["clinic"] == "clinica" and begun["slug"].startswith("clinica-ensaio-")
    assert (begun["stale"], begun["parent"], begun["conversations"]) == (False, None, [])
    path = f"/api/rehearsals/{begun['id']}"
    assert (await served.http.get(path)).json() == begun
    assert (await served.http.get("/api/rehearsals", params={"clinic": "clinica"})).json() == [begun]
    assert (await served.http.get("/api/rehearsals", params={"clinic": begun["slug"]})).json() == [begun]
    assert [card["slug"] for card in (await served.http.get("/api/clinics")).json()] == ["clinica"]
    assert (await served.http.delete(path)).status_code == 204
    assert problem(await served.http.delete(path)) == (404, "rehearsal_over")
    assert problem(await served.http.get(path)) == (404, "rehearsal_over")
    assert (await served.http.get("/api/rehearsals", params={"clinic": "clinica"})).json() == []


async def test_of_a_clinic_that_is_not_there(served: Served) -> None:
    assert problem(await served.http.post("/api/rehearsals", json={"clinic": "outra"})) == (404, "clinic_not_found")


async def test_once_its_time_is_over_nothing_of_it_answers(served: Served, begun: dict[str, Any]) -> None:
    await rows(served, begun, "UPDATE rehearsals SET expires_at = now() - interval '1 second' RETURNING 1")
    path = f"/api/rehearsals/{begun['id']}"
    assert problem(await say(served, begun)) == (404, "rehearsal_over")
    assert problem(await send(served, begun, PNG)) == (404, "rehearsal_over")
    for answer in (
        await served.http.get(path),
        await served.http.get(f"{path}/people"),
        await served.http.post(f"{path}/plays", json={"play": "duplicate", "person": PHONE, "texts": ["oi"]}),
        await served.http.post(f"{path}/branches", json={"conversation": str(new_id()), "turn": str(new_id())}),
    ):
        assert problem(answer) == (404, "rehearsal_over")


async def test_a_real_clinic_is_no_rehearsal(served: Served) -> None:
    for other in (served.clinic, new_id(), new_sandbox_id()):
        assert problem(await say(served, {"id": str(other)})) == (404, "rehearsal_over")
        assert problem(await served.http.delete(f"/api/rehearsals/{other}")) == (404, "rehearsal_over")
    assert await served.count("messages") == 0


async def test_what_is_said_is_stored_once_at_its_clock(served: Served, begun: dict[str, Any]) -> None:
    first = await say(served, begun, message_id="m1", at="2026-11-29T22:30")
    assert first.status_code == 202 and first.json()["new"] is True
    again = (await say(served, begun, message_id="m1", at="2026-11-29T22:30")).json()
    assert again == first.json() | {"new": False}
    assert problem(await say(served, begun, "outra coisa", message_id="m1")) == (409, "other_words")
    [message] = await rows(served, begun, "SELECT text, at, payload FROM messages")
    assert message["at"].isoformat() == "2026-11-30T01:30:00+00:00" and message["payload"] == {}
    found = (await served.http.get(f"/api/rehearsals/{begun['id']}")).json()["conversations"]
    assert [(talk["id"], talk["person"]) for talk in found] == [(first.json()["conversation"], PHONE)]
    assert await served.count("messages") == 0


async def test_the_quiet_window_is_waited_for_only_when_asked(database: Urls) -> None:
    async with serve(database) as served:
        served.app.state.house.settings = served.app.state.house.settings.model_copy(
            update={"quiet_window_seconds": 5.0, "quiet_window_cap_seconds": 9.0}
        )
        begun = (await served.http.post("/api/rehearsals", json={"clinic": "clinica"})).json()
        wait = "SELECT extract(epoch FROM due_at - now())::float AS wait FROM conversations"
        await say(served, begun, quiet=True)
        assert (await rows(served, begun, wait))[0]["wait"] > 3
        await say(served, begun)
        assert (await rows(served, begun, wait))[0]["wait"] <= 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"text": "  "}, (422, "empty_message")),
        ({"text": "x" * 4097}, (422, "long_message")),
        ({"person": "<script>"}, (422, "bad_person")),
        ({"message_id": "a b"}, (422, "bad_message_id")),
        ({"at": "ontem"}, (422, "bad_instant")),
        ({"model": "gpt-99"}, (422, "unknown_model")),
        ({"other": 1}, (422, "invalid")),
        ({"text": "x" * 10 * 2**20}, (413, "too_large")),
    ],
)
async def test_what_cannot_be_said(served: Served, begun: dict[str, Any], words: Any, expected: Any) -> None:
    assert problem(await say(served, begun, **words)) == expected
    assert await rows(served, begun, "SELECT id FROM messages") == []


async def test_the_model_asked_for_goes_with_the_message(served: Served, begun: dict[str, Any]) -> None:
    for model in ("offline", "failing"):
        assert (await say(served, begun, model=model)).status_code == 202
    found = await rows(served, begun, "SELECT payload ->> 'mind' AS mind FROM messages ORDER BY seq")
    assert [row["mind"] for row in found] == ["offline", "failing"]


async def test_models_are_told_default_first(served: Served, database: Urls) -> None:
    [only] = (await served.http.get("/api/models")).json()
    assert only == {"name": "offline", "label": "Modelo de demonstração", "offline": True, "default": True}
    settings = served.app.state.house.settings
    served.app.state.house.settings = settings.model_copy(update={"model": "grande", "fallback_model": "pequeno"})
    found = (await served.http.get("/api/models")).json()
    assert [(one["name"], one["default"], one["offline"]) for one in found] == [
        ("grande", True, False),
        ("pequeno", False, False),
        ("offline", False, True),
    ]


@pytest.mark.parametrize(
    ("data", "kind", "media_type"),
    [
        (plain_picture("JPEG"), "image", "image/jpeg"),
        (PNG, "image", "image/png"),
        (plain_picture("GIF"), "image", "image/gif"),
        (plain_picture("WEBP"), "image", "image/webp"),
        (OGG, "audio", "audio/ogg"),
        (b"\xff\xfb\x90\x44" + b"x" * 50, "audio", "audio/mpeg"),
        (b"\xff\xf1\x50\x80" + b"x" * 50, "audio", "audio/aac"),
        (b"\x00\x00\x00\x1cftypM4A hdlr\0\0\0\0\0\0\0\0soun", "audio", "audio/mp4"),
        (b"RIFF\x18\x00\x00\x00WAVEfmt \x04\x00\x00\x00abcddata\x00\x00\x00\x00", "audio", "audio/wav"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81webmA_OPUS", "audio", "audio/webm"),
    ],
)
async def test_images_and_audios_are_kept_with_their_message(
    served: Served, begun: dict[str, Any], data: bytes, kind: str, media_type: str
) -> None:
    answer = await send(served, begun, data, name="../../pasta/arquivo é.bin", model="offline")
    assert answer.status_code == 202 and answer.json()["new"] is True
    [row] = await rows(
        served,
        begun,
        """SELECT m.kind, m.text, m.payload, f.id::text, f.media_type, f.name, f.data FROM messages m
           JOIN media f ON f.message_id = m.id""",
    )
    assert (row["kind"], row["text"], row["media_type"], row["name"]) == (kind, "", media_type, "arquivo é.bin")
    assert bytes(row["data"]) == data and row["payload"] == {"media": [row["id"]], "mind": "offline"}
    # Sent again it is the same message; another file under its id is not.
    assert (await send(served, begun, data)).json() == answer.json() | {"new": False}
    assert problem(await send(served, begun, data + b"!")) == (409, "other_words")
    assert len(await rows(served, begun, "SELECT id FROM media")) == 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", (422, "empty_message")),
        (b"%PDF-1.7 x", (415, "media_unsupported")),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, (415, "media_unsupported")),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", (415, "media_unsupported")),
        (b"\x00\x00\x00\x1cftypisom....hdlr\0\0\0\0\0\0\0\0vide", (415, "media_unsupported")),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81webmV_VP9", (415, "media_unsupported")),
        (PNG + b"x" * media.MOST, (413, "too_large")),
    ],
)
async def test_files_that_are_refused(served: Served, begun: dict[str, Any], data: bytes, expected: Any) -> None:
    assert problem(await send(served, begun, data)) == expected
    assert await rows(served, begun, "SELECT id FROM messages") == []


async def test_a_picture_is_kept_without_what_its_camera_wrote(served: Served, begun: dict[str, Any]) -> None:
    whole = picture("JPEG")
    answer = await send(served, begun, whole)
    assert answer.status_code == 202
    [row] = await rows(served, begun, "SELECT data, kind, status FROM media")
    assert (row["kind"], row["status"]) == ("image", "ready") and b"Acacias" in whole and b"Acacias" not in bytes(row["data"])
    assert (await send(served, begun, whole)).json() == answer.json() | {"new": False}


async def test_a_note_is_heard_in_a_rehearsal_too(database: Urls) -> None:
    with TranscriptionEmulator() as endpoint:
        async with serve(database, **endpoint.values) as served:
            begun = (await served.http.post("/api/rehearsals", json={"clinic": "clinica"})).json()
            endpoint.says("quero marcar uma limpeza")
            first = await send(served, begun, OGG)
            assert first.status_code == 202
            for _ in range(600):
                if await rows(served, begun, "SELECT id FROM media WHERE status = 'ready'"):
                    break
                await asyncio.sleep(0.05)
            [row] = await rows(served, begun, "SELECT text, payload->>'heard' AS heard FROM messages")
            assert (row["text"], row["heard"]) == ("quero marcar uma limpeza", "true")
            assert (await send(served, begun, OGG)).json() == first.json() | {"new": False}
            assert problem(await send(served, begun, OGG + b"!")) == (409, "other_words")


async def test_the_largest_file_is_taken(served: Served, begun: dict[str, Any]) -> None:
    data = OGG + b"x" * (media.MOST - len(OGG))
    assert (await send(served, begun, data)).status_code == 202
    assert (await rows(served, begun, "SELECT length(data) AS n FROM media"))[0]["n"] == media.MOST


async def test_mishaps_are_played(served: Served, begun: dict[str, Any]) -> None:
    async def play(which: str, *texts: str) -> Any:
        return await served.http.post(
            f"/api/rehearsals/{begun['id']}/plays", json={"play": which, "person": PHONE, "texts": list(texts)}
        )

    burst = await play("burst", "oi", "tudo bem?", "quero marcar")
    assert burst.status_code == 202 and [one["new"] for one in burst.json()] == [True, True, True]
    [lane] = await rows(served, begun, "SELECT due_at > now() AS waits FROM conversations")
    assert lane["waits"]
    twice = (await play("duplicate", "oi")).json()
    assert [one["new"] for one in twice] == [True, False] and twice[0]["message"] == twice[1]["message"]
    [failing] = (await play("failing_model", "oi")).json()
    [message] = await rows(served, begun, "SELECT payload FROM messages WHERE id = %(id)s", id=UUID(failing["message"]))
    assert message["payload"] == {"mind": "failing"}
    assert problem(await play("nothing", "oi")) == (422, "invalid")
    assert problem(await play("burst")) == (422, "invalid")


async def test_people_to_rehearse_as(served: Served) -> None:
    people = [(new_id(), new_id(), f"+55319888800{n:02}", f"Pessoa {n:02}") for n in range(60)]
    async with clinic_session(served.pool, served.clinic) as s:
        for contact, person, phone, name in people:
            given = {"c": served.clinic, "k": contact, "p": person, "phone": phone, "name": name}
            await s.execute("INSERT INTO contacts (clinic_id, id) VALUES (%(c)s, %(k)s)", given)
            await s.execute("INSERT INTO people (clinic_id, id, name) VALUES (%(c)s, %(p)s, %(name)s)", given)
            await s.execute("INSERT INTO contact_aliases VALUES (%(c)s, 'phone', %(phone)s, %(k)s)", given)
            await s.execute("INSERT INTO relationships VALUES (%(c)s, %(k)s, %(p)s, 'self')", given)
    begun = (await served.http.post("/api/rehearsals", json={"clinic": "clinica"})).json()
    path = f"/api/rehearsals/{begun['id']}/people"
    assert len((await served.http.get(path)).json()) == 50
    [found] = (await served.http.get(path, params={"q": "pessoa 59"})).json()
    assert (found["person"], found["name"], found["visits"]) == ("+5531988880059", "Pessoa 59", 0)
    assert [(one["name"], one["relationship"]) for one in found["people"]] == [("Pessoa 59", "self")]


async def test_a_branch_tells_where_it_stands(served: Served, begun: dict[str, Any]) -> None:
    await say(served, begun, at="2026-11-23T09:00")
    await answered(served, begun, "Olá!")
    said = (await say(served, begun, "quero marcar", at="2026-11-23T09:05")).json()
    turn = await answered(served, begun, "Para quando?")
    asked = {"conversation": said["conversation"], "turn": turn}
    answer = await served.http.post(f"/api/rehearsals/{begun['id']}/branches", json=asked)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["person"], made["said"], made["at"]) == (PHONE, ["quero marcar"], "2026-11-23T09:05:00-03:00")
    assert made["rehearsal"]["parent"] == begun["id"] and made["conversation"] != said["conversation"]
    assert [talk["id"] for talk in made["rehearsal"]["conversations"]] == [made["conversation"]]
    texts = await rows(served, made["rehearsal"], "SELECT text FROM messages ORDER BY seq")
    assert [row["text"] for row in texts] == ["oi", "Olá!"]
    unknown = asked | {"turn": str(new_id())}
    assert problem(await served.http.post(f"/api/rehearsals/{begun['id']}/branches", json=unknown)) == (404, "no_turn")
