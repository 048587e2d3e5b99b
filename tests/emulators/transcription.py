"""An OpenAI-compatible `POST /audio/transcriptions` on loopback. It refuses what the real ones refuse."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from tests.emulators.server import Answer, Call, Emulator

_TAKEN = (".flac", ".mp3", ".mp4", ".mpeg", ".mpga", ".m4a", ".ogg", ".wav", ".webm")


@dataclass(frozen=True, slots=True)
class Heard:
    """One note as the endpoint got it."""

    name: str
    media_type: str
    data: bytes
    model: str
    language: str
    prompt: str
    temperature: str


class TranscriptionEmulator(Emulator):
    """What each next note says is told by `says`; a note nobody told of says `default`."""

    prefix = "/v1"

    def __init__(self, *, api_key: str = "sk-ouvido", model: str = "whisper-1") -> None:
        super().__init__()
        self.api_key, self.model, self.default = api_key, model, "Oi, bom dia."
        self._next: deque[str] = deque()
        self.heard: list[Heard] = []

    @property
    def values(self) -> dict[str, Any]:
        """Settings of whoever hears here."""
        return {
            "transcription_base_url": self.base_url,
            "transcription_api_key": self.api_key,
            "transcription_model": self.model,
        }

    def says(self, *texts: str) -> None:
        self._next.extend(texts)

    def handle(self, call: Call) -> Answer:
        if (call.method, call.path) != ("POST", "/v1/audio/transcriptions"):
            return _error(404, "Unknown request URL", "unknown_url")
        if call.headers.get("authorization") != f"Bearer {self.api_key}":
            return _error(401, "Incorrect API key provided", "invalid_api_key")
        parts = _parts(call)
        if parts is None or "file" not in parts or "model" not in parts:
            return _error(400, "you must provide a model parameter and a file", None)
        name, media_type, data = parts["file"]
        fields = {key: value[2].decode() for key, value in parts.items() if key != "file"}
        if fields["model"] != self.model:
            return _error(404, "The model does not exist", "model_not_found")
        if not name.endswith(_TAKEN) or not data:
            return _error(400, f"Invalid file format. Supported formats: {_TAKEN}", None)
        if len(data) > 25 * 2**20:
            return _error(413, "Maximum content size limit (26214400) exceeded", None)
        known = (fields.get(key, "") for key in ("model", "language", "prompt", "temperature"))
        self.heard.append(Heard(name, media_type, data, *known))
        text = self._next.popleft() if self._next else self.default
        if fields.get("response_format", "json") == "text":
            return Answer(200, text.encode() + b"\n", {"Content-Type": "text/plain; charset=utf-8"})
        return Answer(200, {"text": text})


def _parts(call: Call) -> dict[str, tuple[str, str, bytes]] | None:
    """name → (file name, type, bytes) of a multipart body; None when it is none."""
    kind = call.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return None
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + call.raw)
    found = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        found[str(name)] = (part.get_filename() or "", part.get_content_type(), data)
    return found


def _error(status: int, message: str, code: str | None) -> Answer:
    return Answer(status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})
