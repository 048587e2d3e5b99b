"""What a process of minds never does: hand conversations to a tracing service because a variable was left set."""

from __future__ import annotations

import subprocess
import sys

from desk.minds import keep_to_ourselves

LEFT_ON = """
import os
os.environ.update(LANGSMITH_TRACING="true", LANGCHAIN_TRACING_V2="true", LANGSMITH_API_KEY="x")
from desk.minds import keep_to_ourselves
keep_to_ourselves(os.environ)
from langsmith.utils import tracing_is_enabled
assert not tracing_is_enabled()
"""


def test_tracing_left_on_in_the_environment_is_turned_off() -> None:
    assert subprocess.run([sys.executable, "-c", LEFT_ON], check=False).returncode == 0


def test_nothing_else_in_the_environment_changes() -> None:
    environ = {"PATH": "/bin"}
    keep_to_ourselves(environ)
    assert environ.pop("PATH") == "/bin"
    assert set(environ.values()) == {"false"}
