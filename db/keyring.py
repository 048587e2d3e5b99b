"""The 0600 file beside the data where an embedded server's passwords and last port are kept."""

from __future__ import annotations

import json
import os
from pathlib import Path

from kit.ids import new_token


class Keyring:
    """Words by name, drawn at random the first time each is asked for. Written whole, atomically."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def word(self, name: str) -> str:
        """The secret of that name: the same every time, 122 random bits in hexadecimal."""
        return self.noted(name) or self.note(name, new_token().hex)

    def noted(self, name: str) -> str | None:
        """What was kept under that name."""
        return self._read().get(name)

    def note(self, name: str, value: str) -> str:
        """Keep a value under that name, and return it."""
        kept = self._read()
        if kept.get(name) != value:
            fresh = self.path.with_name(f"{self.path.name}.new")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as sink:
                json.dump({**kept, name: value}, sink, indent=1)
                sink.flush()
                os.fsync(sink.fileno())
            fresh.replace(self.path)
        return value

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self.path.read_text())
        except FileNotFoundError:
            return {}
        return {str(name): str(value) for name, value in kept.items()}
