"""Files that need a parser are read in a process of their own: one made to hang or to swell ends there, and no turn waits.

The process gets the bytes and nothing else: no database, no keys, little memory, little time, the last place in line.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from kit.errors import Unavailable
from knowledge.extract import Unreadable, extract
from knowledge.models import Extracted

SECONDS = 60.0
_MEMORY = 1024 * 1024 * 1024
_PASSED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT")


async def extract_apart(name: str, data: bytes, declared: str | None = None, *, seconds: float = SECONDS) -> Extracted:
    """What `extract` says, from a process of its own. Raises Unreadable, also when that process came to no end."""
    asked = json.dumps({"name": name, "declared": declared, "seconds": seconds}).encode() + b"\n" + data
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # parsers quote the document
            cwd=Path(__file__).parents[1],
            env={key: os.environ[key] for key in _PASSED if key in os.environ},
        )
    except OSError as error:
        raise Unavailable(f"reader: {type(error).__name__}") from error
    try:
        async with asyncio.timeout(seconds):
            answer, _ = await process.communicate(asked)
    except TimeoutError:
        raise Unreadable("document_too_heavy") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        if process.returncode < 0:  # ended by a limit, or by a machine short of memory
            raise Unreadable("document_too_heavy")
        raise RuntimeError(f"the reader ended with {process.returncode}")
    told = json.loads(answer)
    if "refused" in told:
        raise Unreadable(told["refused"])
    return Extracted(**told)


def main() -> None:
    """The other process: a line that says what comes, then the bytes; one line of JSON back."""
    head, data = sys.stdin.buffer.readline(), sys.stdin.buffer.read()
    asked = json.loads(head)
    _limit(asked["seconds"])
    try:
        found = extract(asked["name"], data, asked["declared"])
        told = {"text": found.text, "media_type": found.media_type, "title": found.title}
    except Unreadable as error:
        told = {"refused": error.code}
    sys.stdout.buffer.write(json.dumps(told).encode())


def _limit(seconds: float) -> None:
    if sys.platform == "win32":
        return
    import resource

    os.nice(10)
    # Where the system refuses a limit (macOS knows no bound of memory), time alone bounds it.
    for kind, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, int(seconds) + 1)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
