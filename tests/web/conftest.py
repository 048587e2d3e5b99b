"""The door of the browser: one Carol for the run, as `carol up` starts her, and what this machine lacks to open it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.running import ROOT, up

WEB = ROOT / "web"


def chromium() -> str | None:
    """Debian's browser, or the one CHROMIUM names."""
    return shutil.which(os.environ.get("CHROMIUM") or "chromium")


def closed() -> str | None:
    """Why no browser can walk here, or None."""
    if not shutil.which("node"):
        return "Node is not installed: apt-get install nodejs npm"
    if not chromium():
        return "Chromium is not installed: apt-get install chromium"
    if not (WEB / "node_modules/@playwright/test/cli.js").exists() or not (WEB / "dist/index.html").exists():
        return "the console is not built: make console"
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    why = closed()
    if why and any(report.nodeid.startswith("tests/web/") for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(f"Door closed: web ({why})", yellow=True)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where she serves: her own Postgres, the demonstration clinic and model, desk and delivery on."""
    if why := closed():
        pytest.skip(why)
    home = Path(tempfile.mkdtemp(dir=os.environ["CAROL_TESTS_HOME"]))
    home.chmod(0o755)  # as root, the database runs as an account that must enter
    with up(home) as (running, url):
        yield url
        assert running.end(signal.SIGTERM) == 0
    shutil.rmtree(home, ignore_errors=True)


def walk(spec: Path, address: str) -> subprocess.CompletedProcess[str]:
    """Playwright over one spec."""
    command = ["node", "node_modules/@playwright/test/cli.js", "test", str(spec.relative_to(WEB))]
    environment = {**os.environ, "CAROL_URL": address, "CHROMIUM": chromium() or "", "FORCE_COLOR": "0"}
    return subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, check=False)
