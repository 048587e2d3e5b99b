"""A body whose length nobody announced is stopped as soon as it is too much."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from channels.base import MediaTooLarge
from channels.whatsapp import downloads


async def test_an_endless_body_is_not_read_to_its_end() -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 1_000:
            given += 1
            yield bytes(100)

    with pytest.raises(MediaTooLarge):
        await downloads.read(httpx.Response(200, content=endless()), 1_000)
    assert given < 20


@pytest.mark.parametrize("length", ["", "abc", "-1", "٣", "5"])
async def test_a_length_that_lies_changes_nothing(length: str) -> None:
    response = httpx.Response(200, headers=[("Content-Length", length.encode())], content=_pieces())
    with pytest.raises(MediaTooLarge):
        await downloads.read(response, 10)


async def _pieces() -> AsyncIterator[bytes]:
    yield bytes(8)
    yield bytes(8)
