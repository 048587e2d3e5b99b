"""Files on disk and in a bucket: kept, read, listed, forgotten; by their owner alone and with the right key alone."""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store

from kit.blobs import Blobs, NoBlob, OtherOwner, open_blobs
from kit.clock import utc_now
from kit.errors import Unavailable
from kit.ids import new_id
from kit.settings import load_settings
from tests.emulators.s3 import S3Emulator


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Emulator]:
    with S3Emulator(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(params=["disk", "s3"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    if request.param == "disk":
        yield open_blobs(load_settings(home=tmp_path))
    else:
        running: S3Emulator = request.getfixturevalue("s3")
        yield open_blobs(running.settings(media_store=f"s3://{running.bucket}/{new_id()}"))


async def test_what_is_kept_is_read_until_it_is_forgotten(blobs: Blobs) -> None:
    owner, name, data = new_id(), new_id(), bytes(range(256)) * 4_000
    key = await blobs.put(owner, name, data)
    assert key == f"{owner}/{name}" and await blobs.get(owner, key) == data
    await blobs.put(owner, name, b"later")
    assert await blobs.get(owner, key) == b"later"
    await blobs.delete(owner, key)
    await blobs.delete(owner, key)
    with pytest.raises(NoBlob):
        await blobs.get(owner, key)


async def test_a_file_is_its_owners_alone(blobs: Blobs) -> None:
    owner, other = new_id(), new_id()
    key = await blobs.put(owner, new_id(), b"exame")
    for stolen in (key, f"{other}/../{key}", f"{other}/{key}", f"{other}", f"{other}/", f"../{key}", f"{other}/..%2f{key}"):
        with pytest.raises(OtherOwner):
            await blobs.get(other, stolen)
        with pytest.raises(OtherOwner):
            await blobs.delete(other, stolen)
    assert await blobs.get(owner, key) == b"exame"


async def test_files_are_listed_by_key_a_page_at_a_time(blobs: Blobs) -> None:
    assert await blobs.listed(most=5) == []
    keys = sorted([await blobs.put(new_id(), new_id(), b"x") for _ in range(7)])
    first = await blobs.listed(most=4)
    rest = await blobs.listed(after=first[-1].key, most=10)
    assert [blob.key for blob in (*first, *rest)] == keys
    assert all(f"{blob.owner}/{blob.name}" == blob.key for blob in first)
    assert all(abs(utc_now() - blob.at) < timedelta(minutes=5) for blob in first)


async def test_keys_that_are_not_ours_say_so(s3: S3Emulator) -> None:
    store = S3Store(
        s3.bucket, prefix="alheio", endpoint=s3.base_url, region="us-east-1", access_key_id=s3.access_key,
        secret_access_key=s3.secret_key, client_options={"allow_http": True},
    )  # fmt: skip
    await obstore.put_async(store, "backup/clinica.sql", b"x")
    [found] = await Blobs(lambda: store).listed(most=5)
    assert (found.owner, found.name) == (None, None)


@pytest.mark.parametrize("wrong", [{"s3_secret_key": "0" * 32}, {"s3_access_key": "AKnobody"}])
async def test_a_wrong_key_opens_nothing(s3: S3Emulator, wrong: dict[str, str]) -> None:
    owner = new_id()
    key = await open_blobs(s3.settings()).put(owner, new_id(), b"exame")
    stranger = open_blobs(s3.settings(**wrong))
    with pytest.raises(Unavailable):
        await stranger.get(owner, key)
    with pytest.raises(Unavailable):
        await stranger.put(owner, new_id(), b"x")
    with pytest.raises(Unavailable):
        await stranger.listed(most=1)
    assert await open_blobs(s3.settings()).get(owner, key) == b"exame"


async def test_nothing_is_open_to_whoever_does_not_sign(s3: S3Emulator) -> None:
    owner = new_id()
    key = await open_blobs(s3.settings()).put(owner, new_id(), b"exame")
    with pytest.raises(urllib.error.HTTPError) as refused:
        await asyncio.to_thread(urllib.request.urlopen, f"{s3.base_url}/{s3.bucket}/teste/{key}")
    assert refused.value.code == 403


async def test_a_signature_is_over_after_its_time(s3: S3Emulator) -> None:
    store = S3Store(
        s3.bucket, endpoint=s3.base_url, region="us-east-1", access_key_id=s3.access_key,
        secret_access_key=s3.secret_key, client_options={"allow_http": True},
    )  # fmt: skip
    await obstore.put_async(store, "a", b"exame")
    url = obstore.sign(store, "GET", "a", timedelta(seconds=1))
    assert (await asyncio.to_thread(urllib.request.urlopen, url)).read() == b"exame"
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            (await asyncio.to_thread(urllib.request.urlopen, url)).close()
        except urllib.error.HTTPError:
            return
        await asyncio.sleep(0.2)
    raise AssertionError("the signature never ended")


async def test_a_store_that_is_away_says_so_and_comes_back(tmp_path: Path) -> None:
    with S3Emulator(tmp_path / "s3") as running:
        blobs, owner = open_blobs(running.settings()), new_id()
        key = await blobs.put(owner, new_id(), b"exame")
        running.stop()
        with pytest.raises(Unavailable):
            await blobs.put(owner, new_id(), b"x")
        with pytest.raises(Unavailable):
            await blobs.get(owner, key)
        running.start()
        assert await blobs.get(owner, key) == b"exame"


async def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    blobs, owner = open_blobs(load_settings(home=tmp_path)), new_id()
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / str(owner)).write_text("in the way")
    with pytest.raises(Unavailable):
        await blobs.put(owner, new_id(), b"x")
