"""An S3-compatible store on loopback that checks every signature, in a process of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kit.settings import Settings, load_settings

_START = 20.0  # seconds


class S3Emulator:
    """From `with` to its end; `stop` and `start` in between play a store that is away and comes back with its files."""

    bucket = "carol-media"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / self.bucket).mkdir(parents=True)
        self.access_key, self.secret_key = f"AK{secrets.token_hex(8)}", secrets.token_hex(16)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def settings(self, **values: Any) -> Settings:
        """Settings whose files are kept here."""
        return load_settings(**{**self.values, **values})

    @property
    def values(self) -> dict[str, Any]:
        return {
            "media_store": f"s3://{self.bucket}/teste",
            "s3_endpoint": self.base_url,
            "s3_access_key": self.access_key,
            "s3_secret_key": self.secret_key,
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "nanio", "serve", "--data-dir", str(self._folder), "--no-access-log"]
        self._process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(self._port), "--log-level", "error"],
            env={**os.environ, "NANIO_ACCESS_KEY": self.access_key, "NANIO_SECRET_KEY": self.secret_key},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _START
        while not self._answers():
            assert self._process.poll() is None and time.monotonic() < until, "the store did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.base_url, timeout=1).close()
        except urllib.error.HTTPError:
            return True  # refused: nobody signed
        except OSError:
            return False
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
