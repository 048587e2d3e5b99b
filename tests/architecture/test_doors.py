"""Every door has tests, and no test steps aside: what is absent fails instead of passing unseen."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import LONG

TESTS = Path(__file__).parents[1]
DOORS = ("unit", "db", "sources", "api", "flows", "web", "architecture")
# A machine may have no browser, or no MariaDB: the door then closes, the end of the run names it, and .ci/run refuses.
MAY_CLOSE = [TESTS / door / "conftest.py" for door in ("web", "sources")]
STEPS_ASIDE = {"skip", "skipif", "xfail", "importorskip"}


def count_tests(path: Path) -> int:
    tree = ast.parse(path.read_text("utf-8"))
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return sum(node.name.startswith("test_") for node in found)


def asides(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in STEPS_ASIDE
            and ast.unparse(node.value) in ("pytest", "pytest.mark")
        ):
            yield f"{path.relative_to(TESTS)}:{node.lineno}"


@pytest.mark.parametrize("door", DOORS)
def test_the_door_has_tests(door: str) -> None:
    assert sum(count_tests(path) for path in (TESTS / door).rglob("test_*.py"))


def test_no_door_is_unknown() -> None:
    assert {path.parent.relative_to(TESTS).parts[0] for path in TESTS.rglob("test_*.py")} <= set(DOORS)


def test_what_is_said_to_take_long_is_there() -> None:
    assert [name for name in LONG if not (TESTS / name).is_file()] == []


def test_no_test_steps_aside() -> None:
    assert not [place for path in TESTS.rglob("*.py") if path not in (Path(__file__), *MAY_CLOSE) for place in asides(path)]
