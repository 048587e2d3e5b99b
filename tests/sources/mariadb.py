"""A real MariaDB on a free port, in a folder of the run, as long as a test asks for it. Ended by its pid."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pymysql

from kit import process

START_SECONDS = 120.0
_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
_SMALL = (
    "--no-defaults",
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=8M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-use-native-aio=0",
    "--max-allowed-packet=64M",
    "--character-set-server=utf8mb4",
    "--lc-messages=en_US",
    "--default-time-zone=+00:00",
)
# The server a test starts is nobody's service: no grant is asked of root, who comes over loopback.
ROOT = {"user": "root", "password": "raiz-dos-testes"}


def closed() -> str | None:
    """Why no MariaDB can be started here, or None."""
    if shutil.which("openssl") is None:
        return "openssl is not installed: apt-get install openssl"
    if shutil.which("mariadbd", path=_PLACES) and shutil.which("mariadb-install-db", path=_PLACES):
        return None
    return "MariaDB is not installed: apt-get install mariadb-server"


_SIGNED = """basicConstraints = CA:FALSE
keyUsage = digitalSignature
subjectAltName = DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def certified(folder: Path) -> Path:
    """An authority of this run's own, `ca.pem`, and what it signed for this machine: `server.pem`, `server.key`."""
    folder.mkdir(parents=True)
    (folder / "server.ext").write_text(_SIGNED)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for asked in (
        ["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Carol tests", "-days", "2",
         "-addext", "keyUsage=critical,keyCertSign"],
        ["req", "-new", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"],
        ["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
         "-extfile", "server.ext", "-out", "server.pem"],
    ):  # fmt: skip
        done = subprocess.run(["openssl", *asked], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
    return folder


class MariaDb:
    """One server over one folder. `start` makes its data the first time."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home, self.data, self._options = home, home / "data", options
        self.port = 0
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    def start(self) -> MariaDb:
        """Raises AssertionError, with what the server said, when it does not answer in time."""
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            self._install()
        self.port = process.free_port(self.home)
        command = [
            shutil.which("mariadbd", path=_PLACES) or "",
            *_SMALL,
            f"--datadir={self.data}",
            f"--port={self.port}",
            f"--socket={self.home / 's'}",
            f"--pid-file={self.home / 'pid'}",
            f"--user={getpass.getuser()}",
            *self._options,
        ]
        with (self.home / "log").open("ab") as said:
            self._child = subprocess.Popen(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
        process.remember(self.home / "run.pid", self._child.pid)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.root().close()
                return self
            except pymysql.err.OperationalError:
                gone = self._child.poll() is not None
                assert not gone and time.monotonic() < deadline, (self.home / "log").read_text("utf-8", "replace")[-3000:]
                time.sleep(0.05)

    def stop(self) -> None:
        """Ends it at once: its data dies with the run."""
        if self._child is not None:
            process.end(self._child.pid, gently=signal.SIGKILL, patience=5.0)
            self._child.wait(5)
            self._child = None

    def root(self, database: str | None = None) -> Any:
        """A connection that may do everything, each statement for good."""
        return pymysql.connect(
            host="127.0.0.1", port=self.port, database=database, charset="utf8mb4", autocommit=True, ssl_disabled=True, **ROOT
        )

    def run(self, *statements: str, database: str | None = None, rows: Sequence[Mapping[str, Any]] = ()) -> list[Any]:
        """Each statement, the last one for each of `rows` if there are any. The rows of the last one's answer."""
        with self.root(database) as connection, connection.cursor() as cursor:
            for statement in statements[: len(statements) - bool(rows)]:
                cursor.execute(statement)
            if rows:
                cursor.executemany(statements[-1], rows)
            return list(cursor.fetchall())

    def _install(self) -> None:
        done = subprocess.run(
            [
                shutil.which("mariadb-install-db", path=_PLACES) or "",
                "--no-defaults",
                f"--datadir={self.data}",
                f"--user={getpass.getuser()}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
                "--innodb-log-file-size=8M",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        first = self.home / "first.sql"
        first.write_text(
            f"ALTER USER root@localhost IDENTIFIED BY '{ROOT['password']}';\n"
            f"CREATE USER root@127.0.0.1 IDENTIFIED BY '{ROOT['password']}';\n"
            "GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;\n"
        )
        self._options = (*self._options, f"--init-file={first}")


def end_of(home: Path) -> None:
    """Ends the servers that a run left behind in this folder."""
    for note in home.glob("mariadb-*/run.pid"):
        if pid := process.recall(note):
            process.end(pid, gently=signal.SIGKILL, patience=5.0)
