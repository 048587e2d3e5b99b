"""The embedded Valkey keeps what it was given, and survives whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from jobs.embedded import EmbeddedValkey


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    found = EmbeddedValkey(tmp_path / "valkey")
    yield found
    found.stop()


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


def _pid(url: str) -> int:
    return int(_client(url).info("server")["process_id"])


def test_starts_durable_and_never_evicts(server: EmbeddedValkey) -> None:
    client = _client(server.start())
    kept = client.config_get("append*") | client.config_get("maxmemory-policy") | client.config_get("bind")
    assert kept["appendonly"] == "yes"
    assert kept["appendfsync"] == "everysec"
    assert kept["maxmemory-policy"] == "noeviction"
    assert kept["bind"] == "127.0.0.1"


def test_keys_survive_a_killed_server_on_the_same_port(server: EmbeddedValkey) -> None:
    url = server.start()
    _client(url).rpush("celery", "tarefa")
    _client(url).waitaof(1, 0, 5000)
    os.kill(_pid(url), signal.SIGKILL)
    again = server.start()
    assert again == url
    assert _client(again).lrange("celery", 0, -1) == ["tarefa"]


def test_a_stopped_server_is_gone_and_starts_again_with_its_keys(server: EmbeddedValkey) -> None:
    url = server.start()
    _client(url).set("k", "v")
    server.stop()
    assert server.attach() is None
    assert _client(server.start()).get("k") == "v"


def test_an_orphan_is_adopted_not_fought(server: EmbeddedValkey) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from jobs.embedded import EmbeddedValkey;"
        "print(EmbeddedValkey(Path(sys.argv[1])).start(), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(server.data_dir)], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    url = done.stdout.strip()
    pid = _pid(url)
    assert server.attach() == url
    assert server.start() == url
    assert _pid(url) == pid


def test_a_note_of_another_process_is_not_trusted_nor_killed(server: EmbeddedValkey) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        server.data_dir.mkdir(parents=True)
        (server.data_dir / "server.json").write_text(f'{{"pid": {stranger.pid}, "started": "1", "port": 1}}')
        assert server.attach() is None
        assert _client(server.start()).ping()
        server.stop()
        assert stranger.poll() is None
        stranger.kill()


def test_two_starters_meet_the_same_server(server: EmbeddedValkey) -> None:
    script = (
        "import sys; from pathlib import Path; from jobs.embedded import EmbeddedValkey;"
        "print(EmbeddedValkey(Path(sys.argv[1])).start())"
    )
    racers = [
        subprocess.Popen([sys.executable, "-c", script, str(server.data_dir)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert len({racer.communicate()[0] for racer in racers}) == 1
