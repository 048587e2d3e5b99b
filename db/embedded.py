"""A Postgres of our own: starts, adopts and stops a server from any Postgres 15+ binaries, with no system service.

Crash safety rests on Postgres' own rules: the server outlives a killed parent and is adopted by the next start; a
killed server is recovered by its write-ahead log. Never deletes a `postmaster.pid` that a live server may own.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import errors

from db.binaries import Account, find_binaries, major_version, reachable_binaries, reachable_data, service_account
from db.keyring import Keyring
from db.provision import Urls, provision_server
from kit import process
from kit.errors import Unavailable

__all__ = ["EmbeddedPostgres", "Endpoint", "Urls", "provision", "urls_of"]

log = logging.getLogger(__name__)

SUPERUSER = "postgres"
START_SECONDS = 300.0  # crash recovery replays the log before it says "ready"
STOP_SECONDS = 8.0
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path is limited to ~100 bytes; TCP has no such limit
    "max_connections": "200",
    "jit": "off",
    "shared_preload_libraries": "pg_stat_statements",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a running server answers, with the superuser's password."""

    port: int
    password: str
    keyring: Keyring
    host: str = "127.0.0.1"

    def url(self, *, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """A libpq URL; without a user, the superuser's."""
        word = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{word}@{self.host}:{self.port}/{database}"


class EmbeddedPostgres:
    """One server over one data directory. `start` and `attach` may be called from any number of processes."""

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        bin_dir: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.asked_dir = data_dir.absolute()
        self.account: Account | None = service_account()
        self.data_dir = reachable_data(self.asked_dir, self.account)
        self.log_path = self.asked_dir.parent / "postgres.log"
        self._port = port
        self._bin_dir = bin_dir
        self._settings = {**SETTINGS, **(settings or {})}
        self._keyring = Keyring(self.asked_dir.parent / f"{self.asked_dir.name}.secrets.json")
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def relocated(self) -> Path | None:
        """Where the data went when the service account cannot enter `data_dir` (root with a private home), else None."""
        return self.data_dir if self.data_dir != self.asked_dir else None

    def exists(self) -> bool:
        """Whether the data was created already: a start is quick then."""
        return (self.data_dir / "PG_VERSION").exists()

    def attach(self) -> Endpoint | None:
        """The server already running over this data, whoever started it; None when none is ready."""
        running = self._running()
        if running is None or not running.ready:
            return None
        return Endpoint(running.port, self._keyring.word("superuser"), self._keyring)

    def start(self) -> Endpoint:
        """A ready server: adopts the one that runs, else starts one, creating the data the first time.

        Raises Unavailable with the end of the server's log when it cannot run.
        """
        self.asked_dir.parent.mkdir(parents=True, exist_ok=True)
        with process.locked(self.asked_dir.parent / f"{self.asked_dir.name}.lock"):
            bin_dir = reachable_binaries(self._bin_dir or find_binaries(), self.account)
            if not self.exists():
                self._create(bin_dir)
            self._own_data()
            if self._keyring.noted("superuser") is None:
                self._renew_password(bin_dir)
            return self._launch(bin_dir)

    def stop(self) -> None:
        """Stop the server over this data, whoever started it: open transactions are rolled back. Idempotent."""
        running = self._running()
        if running is not None:
            log.debug("stopping postgres %s", running.pid)
            process.end(running.pid, gently=signal.SIGINT, patience=STOP_SECONDS, firmly=signal.SIGQUIT)
        if self._child is not None:
            self._child.wait(timeout=STOP_SECONDS)
            self._child = None

    def erase(self) -> None:
        """Delete the data and its passwords. The server must be stopped."""
        if self._running() is not None:
            raise Unavailable("postgres is running")
        shutil.rmtree(self.data_dir, ignore_errors=True)
        if self.relocated is not None and self.data_dir.parent.exists():
            self.data_dir.parent.rmdir()
        self._keyring.path.unlink(missing_ok=True)

    def _launch(self, bin_dir: Path) -> Endpoint:
        deadline = time.monotonic() + START_SECONDS
        clashes = 0
        while time.monotonic() < deadline:
            running = self._running()
            if running is None:
                self._forget_dead()
                port = self._choose_port()
                mark = self.log_path.stat().st_size if self.log_path.exists() else 0
                self._child = self._spawn(bin_dir, port)
                self._wait_first_line(self._child)
            elif running.ready:
                endpoint = Endpoint(running.port, self._keyring.word("superuser"), self._keyring)
                # A server that is being killed says "ready" to its last moment: only an answer counts.
                if _answers(endpoint):
                    self._keyring.note("port", str(running.port))
                    return endpoint
            if self._child is not None and self._child.poll() is not None:
                self._child = None
                clashes += 1
                tail = self._log_since(mark)
                # Both pass: another server took the port between the probe and the bind; the backends of a killed
                # server are still leaving.
                passing = "could not bind" in tail or "shared memory block" in tail or "postmaster.pid" in tail
                if not passing or clashes > 60:
                    raise Unavailable(f"postgres did not start: {tail.strip()[-600:]}")
                time.sleep(0.25)
            time.sleep(0.01)
        raise Unavailable(f"postgres was not ready in {START_SECONDS:.0f} s; see {self.log_path}")

    def _spawn(self, bin_dir: Path, port: int) -> subprocess.Popen[bytes]:
        options = {**self._settings, "port": str(port)}
        user, group, groups = _as(self.account)
        flags = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self.log_path.open("ab") as sink:
            return subprocess.Popen(
                [str(bin_dir / "postgres"), "-D", str(self.data_dir), *flags],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=groups,
            )

    def _wait_first_line(self, child: subprocess.Popen[bytes]) -> None:
        """Until the child has taken the data directory, or died trying: a stale pid file says "ready" too."""
        while child.poll() is None:
            running = self._running()
            if running is not None and running.pid == child.pid:
                return
            time.sleep(0.01)

    def _create(self, bin_dir: Path) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if any(self.data_dir.iterdir()):
            raise Unavailable(f"{self.data_dir} holds something that is not a Postgres data directory")
        unfinished = self.data_dir.with_name(f"{self.data_dir.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = unfinished.with_name(f"{unfinished.name}.pw")
        password_file.write_text(self._keyring.word("superuser"))
        password_file.chmod(0o600)
        if self.account is not None:
            os.chown(unfinished, self.account.uid, self.account.gid)
            os.chown(password_file, self.account.uid, self.account.gid)
        locale = ["--locale=C.UTF-8"]
        if major_version(bin_dir) >= 17:
            # The same order and case rules on every system, and no need of ICU.
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        user, group, groups = _as(self.account)
        try:
            done = subprocess.run(
                [
                    *(str(bin_dir / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, "--encoding=UTF8", *locale),
                    *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256", f"--pwfile={password_file}"),
                    "--no-instructions",
                ],
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
                user=user,
                group=group,
                extra_groups=groups,
            )
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode != 0:
            raise Unavailable(f"initdb failed: {(done.stderr or done.stdout).strip()[-600:]}")
        if self.data_dir.exists():
            self.data_dir.rmdir()
        unfinished.rename(self.data_dir)

    def _renew_password(self, bin_dir: Path) -> None:
        """Someone deleted the passwords and not the data: a single-user server sets a new one, asking for none."""
        self.stop()
        self._forget_dead()
        user, group, groups = _as(self.account)
        done = subprocess.run(
            [str(bin_dir / "postgres"), "--single", "-D", str(self.data_dir), "postgres"],
            input=f"ALTER ROLE {SUPERUSER} PASSWORD '{self._keyring.word('superuser')}'\n",
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            user=user,
            group=group,
            extra_groups=groups,
        )
        if done.returncode != 0:
            self._keyring.path.unlink(missing_ok=True)
            raise Unavailable(f"could not renew the password of postgres: {done.stderr.strip()[-600:]}")

    def _own_data(self) -> None:
        """As root, give the data to the account: another account may have been the one available last time."""
        account = self.account
        if account is None or self.data_dir.stat().st_uid == account.uid:
            return
        for root, folders, files in os.walk(self.data_dir):
            for name in (".", *folders, *files):
                os.chown(Path(root, name), account.uid, account.gid, follow_symlinks=False)

    def _choose_port(self) -> int:
        if self._port is not None:
            if not process.is_free(self._port):
                raise Unavailable(f"port {self._port} is taken")
            return self._port
        last = self._keyring.noted("port")
        return process.free_port(self.data_dir, last=int(last) if last else None)

    def _running(self) -> _Postmaster | None:
        """The live server of this data directory, ready or not."""
        found = _Postmaster.read(self.data_dir)
        if found is None or process.identify(found.pid) is None:
            return None
        words = process.command_line(found.pid)
        return found if "postgres" in words and str(self.data_dir) in words else None

    def _forget_dead(self) -> None:
        """Drop a stale pid file that would stop Postgres for ever: its pid is a zombie's, or some other program's now.

        A stale file whose pid is nobody's stays: Postgres reads in it the shared memory of the dead server, and waits
        for its last backends. In the two other cases we wait for them ourselves, where the system lets us see them.
        """
        noted = _Postmaster.read(self.data_dir)
        if noted is None or not process.exists(noted.pid):
            return
        words = process.command_line(noted.pid)
        if process.identify(noted.pid) is not None and (not words or str(self.data_dir) in words):
            return  # dying, or starting: look again
        deadline = time.monotonic() + STOP_SECONDS
        while process.working_in(self.data_dir):
            if time.monotonic() > deadline:
                raise Unavailable(f"processes of a dead postgres still use {self.data_dir}")
            time.sleep(0.05)
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)

    def _log_since(self, mark: int) -> str:
        with self.log_path.open("rb") as shown:
            shown.seek(mark)
            return shown.read()[-4000:].decode(errors="replace")


def _answers(endpoint: Endpoint) -> bool:
    try:
        with psycopg.connect(endpoint.url(), connect_timeout=5):
            return True
    except errors.InvalidPassword:
        raise Unavailable(f"the password in {endpoint.keyring.path} is not this server's") from None
    except psycopg.OperationalError:
        return False


def _as(account: Account | None) -> tuple[int | None, int | None, list[int] | None]:
    return (None, None, None) if account is None else (account.uid, account.gid, [])


@dataclass(frozen=True, slots=True)
class _Postmaster:
    """What `postmaster.pid` says: line 1 the pid, line 4 the port, line 8 the state."""

    pid: int
    port: int
    ready: bool

    @classmethod
    def read(cls, data_dir: Path) -> _Postmaster | None:
        try:
            lines = (data_dir / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError, NotADirectoryError):
            return None
        if not lines or not lines[0].strip().isdigit():
            return None
        port = int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else 0
        return cls(int(lines[0]), port, len(lines) > 7 and lines[7].strip() == "ready" and port > 0)


def provision(endpoint: Endpoint, *, database: str = "carol") -> Urls:
    """The database, its roles and its extensions on the server at `endpoint`. Idempotent."""
    urls = urls_of(endpoint, database=database)
    provision_server(endpoint.url(), urls, database=database)
    return urls


def urls_of(endpoint: Endpoint, *, database: str = "carol") -> Urls:
    """The ways in to a provisioned database, touching nothing."""
    owner, app = endpoint.keyring.word("owner"), endpoint.keyring.word("app")
    return Urls(
        owner=endpoint.url(database=database, user="carol_owner", password=owner),
        app=endpoint.url(database=database, user="carol_app", password=app),
        superuser=endpoint.url(database=database),
    )
