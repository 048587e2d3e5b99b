"""A small model behind an OpenAI-compatible endpoint of this machine: `python -m evals.proving.llama MODEL [PORT]`.

A process of its own, niced and held in memory and time, that ends when whoever started it lets go of its input. The only
file that knows llama.cpp (`make small`). It says its address in one line, and nothing else on its output.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import Any

from xllamacpp import CommonParams, Server

_NICE = 15
_MEMORY = 3 << 30  # bytes of addresses; it asks for 1.3
_SECONDS = 6 * 3600
_CONTEXT = 16_384  # tokens; a talk of Carol's is below 6,000


def main(model: str, port: int = 0) -> None:
    """Serves until the input ends."""
    os.setpriority(os.PRIO_PROCESS, 0, max(_NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.alarm(_SECONDS)
    server = Server(_params(model, port))
    print(server.listening_address, flush=True)  # noqa: T201 (this is what it is asked for)
    sys.stdin.buffer.read()
    os._exit(0)  # its threads have no end of their own


def _params(model: str, port: int) -> Any:
    asked = CommonParams()
    asked.model.path = model
    asked.hostnames, asked.port = ["127.0.0.1"], port
    asked.offline, asked.ui, asked.warmup = True, False, False
    asked.n_ctx, asked.n_parallel = _CONTEXT, 1
    asked.cache_ram_mib = 0  # by default 8 GB of former prompts; the last one stays in its place anyway
    for threads in (asked.cpuparams, asked.cpuparams_batch):
        threads.n_threads, threads.poll = _threads(), 0
    return asked


def _threads() -> int:
    """Two; one where others want the machine, because two that wait for each other are ten times slower there."""
    return 2 if os.getloadavg()[0] < 1 else 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
