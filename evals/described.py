"""Clinics that scenarios are played in, as files: a description, a clinic's document, and what a scenario lays over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from clinic.scenarios.models import OWN
from kit import fast_yaml
from kit.errors import Invalid

FIXTURES = Path(str(files("evals"))) / "fixtures"


class BadFixture(Invalid):
    """A scenario asks for a clinic or a person that is not there."""

    code = "bad_fixture"


_own: ContextVar[tuple[Path, datetime] | None] = ContextVar("own_clinic", default=None)


@contextmanager
def own_clinic(source: Path, at: datetime) -> Iterator[None]:
    """Inside, and in tasks begun there, the fixture `clinic` is this document, as at this local instant."""
    token = _own.set((source, at))
    try:
        yield
    finally:
        _own.reset(token)


def seeded_at(name: str) -> Any:
    """The local instant for which a fixture is seeded. Raises BadFixture."""
    return _the_own()[1].replace(tzinfo=None).isoformat() if name == OWN else _description(name)["at"]


def source_of(name: str) -> Path:
    """Where the clinic document of a fixture is. Raises BadFixture."""
    return _the_own()[0] if name == OWN else (FIXTURES / _description(name)["document"]).resolve()


def _the_own() -> tuple[Path, datetime]:
    found = _own.get()
    if found is None:
        raise BadFixture("no clinic's own scenarios can be played here: nobody said of which clinic")
    return found


def described(name: str) -> tuple[Path, dict[str, Any]]:
    """The clinic document of a fixture: where it is, and what it says. Raises BadFixture."""
    source = source_of(name)
    given: dict[str, Any] = fast_yaml.load(source.read_text("utf-8"))
    return source, given


def _description(name: str) -> dict[str, Any]:
    path = FIXTURES / f"{name}.yaml"
    if not path.is_file():
        raise BadFixture(f"no such fixture: {name}")
    loaded: dict[str, Any] = fast_yaml.load(path.read_text("utf-8"))
    return loaded


def laid_over(given: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Lists grow, mappings are merged, anything else is replaced."""
    merged = dict(given)
    for name, value in overlay.items():
        before = merged.get(name)
        if isinstance(before, list) and isinstance(value, list):
            keys = {one.get("key") for one in value if isinstance(one, dict)} - {None}
            merged[name] = [one for one in before if not (isinstance(one, dict) and one.get("key") in keys)] + value
        elif isinstance(before, dict) and isinstance(value, dict):
            merged[name] = laid_over(before, value)
        else:
            merged[name] = value
    return merged
