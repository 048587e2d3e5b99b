"""What is installed is named exactly, on every platform, and never where from: that is the machine's own setting."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "web" / "package-lock.json"
# Packages that are optional by name of a platform; npm leaves them out of a lock when its registry does not carry them.
PLATFORM = re.compile(r"(android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|wasm32)-")


def packages() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(LOCK.read_text("utf-8"))["packages"]
    return found


def test_the_consoles_lock_has_every_platforms_binaries() -> None:
    known = packages()
    missing = [
        name
        for path, entry in known.items()
        for name in entry.get("optionalDependencies", {})
        if PLATFORM.search(name) and f"{path}/node_modules/{name}" not in known and f"node_modules/{name}" not in known
    ]
    assert not missing, "run `npm run lock` in web/"


def test_locks_name_no_place_to_download_from() -> None:
    assert not [path for path, entry in packages().items() if "resolved" in entry]
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in re.sub(r"#.*", "", lock.read_text("utf-8")), lock.name


@pytest.mark.parametrize(("extra", "with_"), [("voice.txt", "numpy"), ("inspect.txt", "openai"), ("small.txt", "openai")])
def test_an_optional_part_fits_into_the_environment(extra: str, with_: str) -> None:
    """`make voice`, `inspect` and `small` add to what the lock installed and change none of it; files are known by hash."""
    pins = {
        name: dict(re.findall(r"^([\w.-]+)==([^\s;]+) ;? ?(?:[^\\]*< '3\.12')?", _text(name), re.M))
        for name in ("lock.txt", extra)
    }
    shared = pins["lock.txt"].keys() & pins[extra].keys()
    assert with_ in shared and not [name for name in shared if pins["lock.txt"][name] != pins[extra][name]]
    entries = re.split(r"\n(?=[\w.-]+==)", _text(extra))
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)


def _text(name: str) -> str:
    return re.sub(r"#.*", "", (ROOT / "requirements" / name).read_text("utf-8"))


def test_what_runs_here_is_pinned_by_digest() -> None:
    """Binaries of other platforms may come without one: the registry at hand did not carry them."""
    loose = [path for path, entry in packages().items() if path and not entry.get("integrity") and "os" not in entry]
    assert all("wasm32" in path for path in loose), loose
