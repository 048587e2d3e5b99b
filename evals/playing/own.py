"""A clinic as its own scenarios find it: its configuration and its documents in a folder, and nobody's rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from clinic.tenants.describing import document_of
from clinic.tenants.models import Clinic
from knowledge.library import Library

_KNOWLEDGE = "documents"


async def laid_down(folder: Path, clinic: Clinic, library: Library) -> Path:
    """Writes the clinic into an empty folder; where its document is. People come from what each scenario lays over it."""
    return written(folder, with_documents(folder, document_of(clinic), await library.files(clinic.id)))


def with_documents(folder: Path, given: dict[str, Any], files: Sequence[tuple[str, bytes]]) -> dict[str, Any]:
    """A clinic's document that reads these files (source, bytes), which are written into the folder; none: as it is given."""
    for source, data in files:
        _put(folder / _KNOWLEDGE, source, data)
    return {**given, "knowledge": _KNOWLEDGE} if files else given


def written(folder: Path, given: dict[str, Any]) -> Path:
    """A clinic's document as a file, as fixtures are read: texts stay texts."""
    path = folder / "clinic.yaml"
    path.write_text(yaml.safe_dump(given, allow_unicode=True, sort_keys=False), "utf-8")
    return path


def _put(folder: Path, source: str, data: bytes) -> None:
    """A name that leads out of the folder, as no document of ours has, is cut to its last part."""
    path = (folder / source).resolve()
    if not path.is_relative_to(folder.resolve()):
        path = folder / Path(source).name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
