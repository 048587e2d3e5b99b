"""The documents of a scenario's clinic, cut as they are searched, without a database: what references are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from clinic.scenarios.schema import Scenario
from evals.described import described, source_of
from evals.words import folded
from knowledge import extract, ingest, split
from knowledge.models import Piece

SEPARATOR = split.SEPARATOR.strip()
Documents = Mapping[str, tuple[Piece, ...]]


def documents_of(scenario: Scenario) -> Documents:
    """Passages by document. Raises BadFixture."""
    folder = _folder(scenario)
    given = dict(_read(folder)) if folder is not None else {}
    overlay = scenario.knowledge.overlay if scenario.knowledge else {}
    return {**given, **{name: _pieces(name, text.encode()) for name, text in overlay.items()}}


def _folder(scenario: Scenario) -> Path | None:
    folder, knowledge = _written_in(source_of(scenario.fixture), scenario.fixture)
    knowledge = scenario.overlay.get("knowledge", knowledge)
    return folder / str(knowledge) if knowledge else None


@cache
def _written_in(source: Path, fixture: str) -> tuple[Path, str | None]:
    return source.parent, described(fixture)[1].get("knowledge")


@cache
def _read(folder: Path) -> tuple[tuple[str, tuple[Piece, ...]], ...]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix in (".md", ".txt")]
    return tuple((path.relative_to(folder).as_posix(), _pieces(path.name, path.read_bytes())) for path in found)


def _pieces(name: str, data: bytes) -> tuple[Piece, ...]:
    read = extract.extract(name, data)
    return tuple(split.split(read.text, title=read.title or ingest.title_of(name)))


def means(ref: str, source: str, heading: str) -> bool:
    """Whether a reference is to this passage: `file`, `file#Heading` or `file#Title › Heading`, with or without ".md"."""
    name, _, wanted = ref.partition("#")
    if name.removesuffix(".md") != source.removesuffix(".md"):
        return False
    path = [folded(one) for one in heading.split(SEPARATOR)]
    tail = [folded(one) for one in wanted.split(SEPARATOR)] if wanted else []
    return not tail or path[-len(tail) :] == tail


def wrong_refs(scenarios: Iterable[Scenario]) -> Iterator[tuple[str, str]]:
    """(scenario, reference) for each that no passage of its clinic is called. Raises BadFixture."""
    for scenario in scenarios:
        if scenario.knowledge is None or not scenario.knowledge.refs:
            continue
        known = [(source, piece.heading) for source, pieces in documents_of(scenario).items() for piece in pieces]
        for ref in scenario.knowledge.refs:
            if not any(means(ref, source, heading) for source, heading in known):
                yield scenario.id, ref
