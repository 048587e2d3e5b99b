"""Files from both wires: stored with their message, fetched apart from it, checked, cleaned, heard, kept, served, forgotten."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic.conversations.files import media
from db.embedded import Urls
from db.system import waiting_media
from jobs import sweeps
from jobs.base import Ground
from jobs.media import Keeper, forget_orphans, keep_late, limits_of
from jobs.senders import Senders
from kit.blobs import open_blobs
from kit.ids import new_id
from tests.emulators.s3 import S3Emulator
from tests.emulators.transcription import TranscriptionEmulator
from tests.flows.served import Served, serve, settings_for
from tests.unit.test_file_types import CANARY, DOCX, packed, picture

PHONE = "5531988880001"
OGG = b"OggS" + b"\0" * 24 + b"OpusHead" + b"v" * 400
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
Serve = Callable[..., Awaitable[Served]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "again_in", lambda attempts: timedelta(milliseconds=50))


@pytest.fixture
def endpoint() -> Iterator[TranscriptionEmulator]:
    with TranscriptionEmulator() as running:
        yield running


@pytest.fixture
async def served(database: Urls, tmp_path: Path, endpoint: TranscriptionEmulator) -> AsyncIterator[Served]:
    async with serve(database, home=tmp_path, **endpoint.values) as running:
        yield running


async def send(served: Served, wire: str, kind: str, data: bytes, media_type: str, **more: Any) -> None:
    """A patient sends a file over that wire, now."""
    more = {"at": int(time.time()), **more}
    if wire == "cloud":
        answer = await served.from_cloud(served.cloud.file(kind, data, media_type, number=PHONE, **more))
    else:
        answer = await served.from_evolution(served.evolution.file(kind, data, media_type, number=PHONE, **more))
    assert answer.status_code == 200


async def settled(served: Served, count: int = 1) -> list[dict[str, Any]]:
    """The files, once nothing more happens to them."""
    found: list[dict[str, Any]] = []
    for _ in range(800):
        found = await served.rows("SELECT * FROM media ORDER BY id")
        if len(found) == count and all(row["status"] != "waiting" for row in found):
            break
        await asyncio.sleep(0.05)
    return found


async def got(served: Served, row: dict[str, Any]) -> Any:
    return await served.http.get(f"/api/media/{row['id']}", params={"clinic": "clinica"})


@pytest.mark.parametrize("wire", ["cloud", "evolution"])
async def test_a_picture_is_kept_clean_and_shown(served: Served, tmp_path: Path, wire: str) -> None:
    whole = picture("JPEG")
    await send(served, wire, "image", whole, "image/jpeg", caption="é este o pedido")
    [message] = await served.rows("SELECT text, kind FROM messages")
    assert message == {"text": "é este o pedido", "kind": "image"}
    [row] = await settled(served)
    assert (row["status"], row["kind"], row["media_type"], row["data"]) == ("ready", "image", "image/jpeg", None)
    assert row["store_key"] == f"{served.clinic}/{row['id']}"
    kept = (tmp_path / "media" / row["store_key"]).read_bytes()
    assert CANARY in whole and CANARY not in kept and b"Exif" not in kept and len(kept) == row["bytes"]
    answer = await got(served, row)
    assert answer.content == kept and answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["content-disposition"].startswith("inline")
    [conversation] = await served.rows("SELECT id FROM conversations")
    shown = (await served.http.get(f"/api/conversations/{conversation['id']}")).json()["messages"][0]["media"]
    assert (shown["status"], shown["kind"], shown["bytes"], shown["problem"]) == ("ready", "image", len(kept), None)


@pytest.mark.parametrize("wire", ["cloud", "evolution"])
async def test_a_voice_note_becomes_words(served: Served, endpoint: TranscriptionEmulator, wire: str) -> None:
    endpoint.says("quero marcar uma consulta")
    await send(served, wire, "audio", OGG, "audio/ogg; codecs=opus")
    [row] = await settled(served)
    assert (row["transcript"], row["problem"], row["media_type"]) == ("quero marcar uma consulta", None, "audio/ogg")
    assert endpoint.heard[0].data == OGG and "Clínica clinica" in endpoint.heard[0].prompt
    [message] = await served.rows("SELECT text, payload FROM messages")
    assert message["text"] == "quero marcar uma consulta" and message["payload"]["heard"] is True
    [lane] = await served.rows("SELECT due_at IS NOT NULL AS due, hears_until FROM conversations")
    assert lane == {"due": True, "hears_until": None}
    assert (await got(served, row)).headers["content-type"] == "audio/ogg"


async def test_a_note_of_the_day_before_yesterday_is_heard_and_answered_by_a_person(
    served: Served, endpoint: TranscriptionEmulator
) -> None:
    await send(served, "cloud", "audio", OGG, "audio/ogg", at=int(time.time()) - 48 * 3600)
    await settled(served)
    [message] = await served.rows("SELECT text FROM messages")
    [lane] = await served.rows("SELECT due_at, coalesce(hears_until > now(), false) AS hears FROM conversations")
    assert message["text"] == endpoint.default and lane == {"due_at": None, "hears": False}
    assert [row["reason"] for row in await served.rows("SELECT reason FROM cases")] == ["late_message"]


async def test_a_spoken_emergency_is_read_as_one(served: Served, endpoint: TranscriptionEmulator) -> None:
    endpoint.says("socorro, meu pai desmaiou e não está respirando")
    await send(served, "cloud", "audio", OGG, "audio/ogg")
    await settled(served)
    [message] = await served.rows("SELECT red_flag FROM messages")
    [lane] = await served.rows("SELECT due_at <= now() AS due FROM conversations")
    assert message["red_flag"].startswith("emergency") and lane["due"]


async def test_the_same_webhook_twice_is_one_file(served: Served) -> None:
    body = served.cloud.file("document", PDF, "application/pdf", number=PHONE, name="../guia é.pdf")
    await served.from_cloud(body)
    await served.from_cloud(body)
    [row] = await settled(served)
    answer = await got(served, row)
    assert answer.content == PDF and "attachment" in answer.headers["content-disposition"]
    assert "guia%20%C3%A9.pdf" in answer.headers["content-disposition"] and ".." not in row["name"]


@pytest.mark.parametrize(
    ("kind", "data", "claimed", "problem"),
    [
        ("document", b"<html><script>alert(1)</script></html>", "application/pdf", "not_taken"),
        ("image", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "image/png", "not_taken"),
        ("image", b"\xff\xd8\xff\xe0" + b"<?php" * 30, "image/jpeg", "broken"),
        ("document", packed(**DOCX, **{"word/vbaProject.bin": b"x"}), "application/msword", "not_taken"),
        ("audio", picture("PNG"), "audio/ogg", "not_taken"),
        ("image", picture("PNG", size=(900, 900)) + b"x" * 300_000, "image/png", "too_large"),
    ],
)
async def test_what_is_refused_is_never_kept(
    database: Urls, tmp_path: Path, kind: str, data: bytes, claimed: str, problem: str
) -> None:
    async with serve(database, home=tmp_path, media_max_image_mb=0.2) as served:
        await send(served, "cloud", kind, data, claimed)
        [row] = await settled(served)
        assert (row["status"], row["problem"], row["store_key"]) == ("refused", problem, None)
        assert (await got(served, row)).status_code == 404
        assert await open_blobs(settings_for(database, home=tmp_path)).listed(most=9) == []
        assert await served.count("messages") == 1


async def test_a_wire_that_stumbles_is_asked_again(served: Served) -> None:
    served.cloud.faults.unavailable(times=2, on="media")
    served.cloud.faults.drop(on="download")
    await send(served, "cloud", "document", PDF, "application/pdf")
    [message] = await served.rows("SELECT kind FROM messages")
    assert message["kind"] == "document"  # the message did not wait for its file
    [row] = await settled(served)
    assert (row["status"], row["problem"]) == ("ready", None)


async def test_a_file_the_wire_has_no_more_is_not_asked_for_again(served: Served) -> None:
    body = served.cloud.file("document", PDF, "application/pdf", number=PHONE)
    served.cloud.media.clear()
    await served.from_cloud(body)
    [row] = await settled(served)
    assert (row["status"], row["problem"], row["attempts"]) == ("failed", "gone", 1)


async def test_a_store_that_is_away_loses_nothing_and_keeps_nobody_waiting(
    database: Urls, tmp_path: Path, endpoint: TranscriptionEmulator
) -> None:
    endpoint.says("quero remarcar")
    with S3Emulator(tmp_path / "s3") as s3:
        async with serve(database, home=tmp_path / "home", **endpoint.values, **s3.values) as served:
            s3.stop()
            await send(served, "cloud", "audio", OGG, "audio/ogg")
            for _ in range(800):
                [message] = await served.rows("SELECT text FROM messages")
                if message["text"]:
                    break
                await asyncio.sleep(0.05)
            assert message["text"] == "quero remarcar"  # heard, although it could not be kept yet
            [row] = await served.rows("SELECT status, store_key FROM media")
            assert row == {"status": "waiting", "store_key": None}
            s3.start()
            [row] = await settled(served)
            assert row["status"] == "ready" and (await got(served, row)).content == OGG
            s3.stop()
            assert (await got(served, row)).status_code == 503
    assert len(endpoint.heard) == 1


async def test_when_every_worker_is_down_a_sweep_does_it(served: Served, database: Urls, tmp_path: Path) -> None:
    keeping = Keeper(
        pool=served.pool,
        senders=Senders(),
        blobs=open_blobs(settings_for(database, home=tmp_path)),
        ears=None,
        limits=limits_of(settings_for(database)),
    )
    await send(served, "evolution", "document", PDF, "application/pdf")
    await settled(served)
    await served.rows("UPDATE media SET status = 'waiting', due_at = now() + interval '1 hour', store_key = NULL RETURNING id")
    assert await waiting_media(served.pool, limit=9) == []
    assert await keep_late(keeping, late=60) == 0
    async with keeping.senders:
        # As if it had been due for long: the workers of this process see it too, and one of us gets it.
        await served.rows("UPDATE media SET due_at = now() - interval '2 minutes' RETURNING id")
        await keep_late(keeping, late=60)
        [row] = await settled(served)
    assert row["status"] == "ready"


async def test_files_that_nothing_names_are_forgotten(served: Served, database: Urls, tmp_path: Path) -> None:
    blobs = open_blobs(settings_for(database, home=tmp_path))
    await send(served, "cloud", "document", PDF, "application/pdf")
    [row] = await settled(served)
    gone = await blobs.put(new_id(), new_id(), b"of a clinic that is no more")
    left = await blobs.put(served.clinic, new_id(), b"of a message that is no more")
    stranger = tmp_path / "media" / "LEIAME.txt"
    stranger.write_text("not ours")
    assert (await forget_orphans(served.pool, blobs, older_than=timedelta(hours=24)))[0] == 0  # its row may be on its way
    deleted, after = await forget_orphans(served.pool, blobs, older_than=timedelta(0))
    assert (deleted, after) == (2, "") and stranger.exists()
    assert [blob.key for blob in await blobs.listed(most=9) if blob.owner] == [row["store_key"]]
    assert gone and left and (await got(served, row)).content == PDF
    # A page at a time, all of it is looked at.
    keys = [await blobs.put(served.clinic, new_id(), b"x") for _ in range(7)]
    after, deleted = "", 0
    for _ in range(9):
        some, after = await forget_orphans(served.pool, blobs, after=after, older_than=timedelta(0), most=3)
        deleted += some
        if not after:
            break
    assert deleted == len(keys)


async def test_nothing_personal_is_logged(
    served: Served, capfd: pytest.CaptureFixture[str], endpoint: TranscriptionEmulator
) -> None:
    endpoint.says("meu cpf é segredo-falado")
    served.cloud.faults.unavailable(on="media")
    await send(served, "cloud", "audio", OGG, "audio/ogg")
    await send(served, "cloud", "document", PDF, "application/pdf", name="laudo-de-maria.pdf")
    await settled(served, 2)
    told = "".join(capfd.readouterr())
    assert "media_kept" in told
    assert not [word for word in ("segredo-falado", "laudo-de-maria", PHONE, "lookaside") if word in told]


async def test_a_sweep_leaves_another_machines_disk_alone(served: Served, database: Urls, tmp_path: Path) -> None:
    await send(served, "cloud", "document", PDF, "application/pdf")
    await settled(served)
    elsewhere = tmp_path / "worker"
    (elsewhere / "media").mkdir(parents=True)  # as the image has it, and nobody ever wrote there
    async with Senders() as senders:
        ground = Ground(settings_for(database, home=elsewhere), served.pool, senders)
        assert not sweeps._files_here(ground.settings)
        assert (await sweeps.late_media(ground), await sweeps.orphaned_files(ground)) == (0, 0)
    assert list((elsewhere / "media").iterdir()) == []


async def test_the_sweeps_work_where_the_files_are(served: Served, database: Urls, tmp_path: Path) -> None:
    await send(served, "cloud", "document", PDF, "application/pdf")
    [row] = await settled(served)
    async with Senders() as senders:
        ground = Ground(settings_for(database, home=tmp_path), served.pool, senders)
        assert sweeps._files_here(ground.settings) and await sweeps.late_media(ground) == 0
        orphan = await open_blobs(ground.settings).put(served.clinic, new_id(), b"x")
        old = time.time() - 25 * 3600
        for key in (orphan, row["store_key"]):
            os.utime(tmp_path / "media" / key, (old, old))
        assert await sweeps.orphaned_files(ground) == 1
    assert (await got(served, row)).content == PDF and not (tmp_path / "media" / orphan).exists()
