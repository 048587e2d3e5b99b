"""What the storm and its processes share: a file in memory with switches, counts and a book of notes. No locks needed.

Each process slot counts in cells of its own, and a slot has one process at a time.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path

SLOTS = 8
MODES = ("calm", "deadly")
MINDS = ("well", "failing", "hanging")


class Board:
    """Opened by path in every process; created by the first. `points` are the names counted."""

    def __init__(self, path: Path, points: tuple[str, ...], *, create: bool = False) -> None:
        self._points = {name: number for number, name in enumerate(points)}
        cells = 2 + 2 * SLOTS * len(points)
        size = cells * 8
        if create:
            path.write_bytes(bytes(size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), size)
        self._cells = memoryview(self._map).cast("Q")
        self._book = os.open(path.with_suffix(".book"), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self.book_path = path.with_suffix(".book")

    @property
    def deadly(self) -> bool:
        return bool(self._cells[0])

    @deadly.setter
    def deadly(self, now: bool) -> None:
        self._cells[0] = int(now)

    @property
    def minds(self) -> str:
        """How the models are."""
        return MINDS[self._cells[1]]

    @minds.setter
    def minds(self, now: str) -> None:
        self._cells[1] = MINDS.index(now)

    def passed(self, slot: int, point: str) -> None:
        self._cells[2 + 2 * (slot * len(self._points) + self._points[point])] += 1

    def died(self, slot: int, point: str) -> None:
        self._cells[3 + 2 * (slot * len(self._points) + self._points[point])] += 1

    def note(self, words: str) -> None:
        """One line, whole, whoever else writes: a single append."""
        os.write(self._book, f"{words}\n".encode())

    def notes(self) -> list[str]:
        return self.book_path.read_text().splitlines()

    def counts(self) -> dict[str, tuple[int, int]]:
        """By point: how often it was passed, and how often a process died there."""
        width = len(self._points)
        return {
            name: (
                sum(self._cells[2 + 2 * (slot * width + number)] for slot in range(SLOTS)),
                sum(self._cells[3 + 2 * (slot * width + number)] for slot in range(SLOTS)),
            )
            for name, number in self._points.items()
        }

    @property
    def kills(self) -> int:
        return sum(died for _, died in self.counts().values())
