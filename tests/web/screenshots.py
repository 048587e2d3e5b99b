"""`make screenshots`: a Carol with the demonstration clinic, in a home of its own, pictured into docs/images."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.flows.running import up
from tests.web.conftest import WEB, chromium, closed


def main() -> int:
    """Playwright's own exit code; what is missing is said."""
    if why := closed():
        print(why, file=sys.stderr)
        return 1
    home = Path(tempfile.mkdtemp(prefix="carol-pictures-"))
    home.chmod(0o755)  # as root, the database runs as an account that must enter
    command = ["node", "node_modules/@playwright/test/cli.js", "test", "--config", "screenshots.config.ts"]
    try:
        with up(home) as (running, url):
            environment = {**os.environ, "CAROL_HOME": str(home), "CAROL_URL": url, "CHROMIUM": chromium() or ""}
            taken = subprocess.run(command, cwd=WEB, env=environment, check=False)
            running.end(signal.SIGTERM)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return taken.returncode


if __name__ == "__main__":
    sys.exit(main())
