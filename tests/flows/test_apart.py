"""Files read in a process of their own: the same text, the same refusals, and an end for what has none."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from time import monotonic

import pytest

from knowledge import apart
from knowledge.apart import extract_apart
from knowledge.extract import Unreadable, extract
from tests.unit.test_docx import p, word
from tests.unit.test_extract import pdf


async def test_what_is_read_apart_is_what_is_read_here() -> None:
    for name, data in {"a.pdf": pdf(["Atendemos aos sábados."]), "ç💉.docx": word(p("Não há vagas."))}.items():
        assert await extract_apart(name, data) == extract(name, data)


async def test_refusals_keep_their_reason() -> None:
    with pytest.raises(Unreadable) as caught:
        await extract_apart("a.pdf", b"%PDF-1.7\nlixo")
    assert caught.value.code == "document_broken"


async def test_a_file_that_takes_too_long_is_refused_and_its_process_ended() -> None:
    endless = pdf(*[[f"Linha {number} de muitas." for number in range(40)]] * 300)
    started = monotonic()
    with pytest.raises(Unreadable) as caught:
        await extract_apart("a.pdf", endless, seconds=0.2)
    assert caught.value.code == "document_too_heavy"
    assert monotonic() - started < 2
    assert not children()


async def test_a_cancelled_reading_leaves_no_process() -> None:
    reading = asyncio.create_task(extract_apart("a.pdf", pdf(*[["Linha."] * 40] * 300)))
    await asyncio.sleep(0.3)
    assert children()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert not children()


async def test_the_process_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://segredo")
    reading = asyncio.create_task(extract_apart("a.pdf", pdf(*[["Linha."] * 40] * 300)))
    await asyncio.sleep(0.3)
    [child] = children()
    known = environment(child)
    assert b"PATH=" in known
    assert b"segredo" not in known
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


def children() -> list[int]:
    """Processes of ours that read a file."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1]
            said = Path(f"/proc/{number}/cmdline").read_bytes()
        except OSError:
            continue
        if parent == str(os.getpid()) and apart.__name__.encode() in said:
            found.append(int(number))
    return found


def environment(process: int) -> bytes:
    return Path(f"/proc/{process}/environ").read_bytes()
