"""The door of the browser: one Carol for the run, as `carol up` starts her, and what this machine lacks to open it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flows.running import ROOT, up
from tests.web.phone import Phone

WEB = ROOT / "web"
RUN = ("sh", str(WEB / "scripts" / "run.sh"))
# What a walk would only wait for: other doors test how long each of these is.
HURRIED = {
    "CAROL_QUIET_WINDOW_SECONDS": "1",
    "CAROL_QUIET_WINDOW_FINISHED_SECONDS": "0.5",
    "CAROL_QUIET_WINDOW_CAP_SECONDS": "5",
    "CAROL_LEASE_SECONDS": "15",
    "CAROL_DELIVERY_GRACE_SECONDS": "15",
    "CAROL_DELIVERY_PACE": "0",
}


def chromium() -> str | None:
    """Debian's browser, or the one CHROMIUM names."""
    return shutil.which(os.environ.get("CHROMIUM") or "chromium")


def closed() -> str | None:
    """Why no browser can walk here, or None."""
    if subprocess.run([*RUN, "can"], check=False).returncode:
        return "Node 20.19 or newer is not installed: apt-get install nodejs npm"
    if not chromium():
        return "Chromium is not installed: apt-get install chromium"
    return None


@dataclass(frozen=True, slots=True)
class Served:
    """A Carol that runs: where she answers, the home that holds her processes, where patients' phones are told what to do."""

    url: str
    home: Path
    phone: str


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """For the whole run: her own Postgres, the demonstration clinic and model, desk and delivery on."""
    if why := closed():
        pytest.skip(why)
    built = subprocess.run([*RUN, "build"], capture_output=True, text=True, check=False)  # nothing, where it is fresh
    assert built.returncode == 0, built.stdout + built.stderr
    home = Path(tempfile.mkdtemp(dir=os.environ["CAROL_TESTS_HOME"]))
    home.chmod(0o755)  # as root, the database runs as an account that must enter
    with up(home, HURRIED) as (running, url), Phone(url, home) as phone:
        yield Served(url, home, phone.base_url)
        assert running.end(signal.SIGTERM) == 0
    shutil.rmtree(home, ignore_errors=True)


def walk(spec: Path, served: Served) -> subprocess.CompletedProcess[str]:
    """Playwright over one spec."""
    command = ["node", "node_modules/@playwright/test/cli.js", "test", str(spec.relative_to(WEB))]
    ours = {"CAROL_URL": served.url, "CAROL_WALK_HOME": str(served.home), "CAROL_WALK_PHONE": served.phone}
    ours |= {"CHROMIUM": chromium() or "", "FORCE_COLOR": "0"}
    environment = {**os.environ, **ours}
    return subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, check=False)
