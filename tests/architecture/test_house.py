"""What the import linter cannot see: sizes, and things that live in one place only."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
MOST_LINES = 400
MOST_FUNCTION_LINES = 60


def sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_folder_of_code_is_a_room_the_linter_knows() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests", "bench"} == set(ROOMS)


def test_no_file_outgrows_its_decision() -> None:
    long = {name(path): lines for path in sources() if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES}
    assert not long


def test_functions_fit_a_screen() -> None:
    long = {
        f"{name(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno + 1 > MOST_FUNCTION_LINES
    }
    assert not long


def test_http_errors_are_raised_by_the_api_alone() -> None:
    outside = [name(path) for path in sources() if "HTTPException" in path.read_text("utf-8") and path.parts[-2] != "api"]
    assert not [path for path in outside if not path.startswith("api/")]


def test_yaml_is_read_by_the_library_in_c() -> None:
    slow = [path for path in [*sources(), *(ROOT / "tests").rglob("*.py")] if "yaml.safe_load" + "(" in path.read_text("utf-8")]
    assert not [name(path) for path in slow]


SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b[^\"']*\b(FROM|INTO|SET|WHERE|VALUES)\b", re.DOTALL)
# The statements of a source of reports read somebody else's tables.
KEEPS_SQL = re.compile(
    r"(^db/|_?store\.py$|/inbox\.py$|/outbox\.py$|^evals/playing/state\.py$|^channels/primecare/statements\.py$)"
)


def _saying(wanted: re.Pattern[str], path: Path) -> list[str]:
    """Where a string of this file, its docstrings apart, says what is wanted."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    return [
        f"{name(path)}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs and wanted.search(node.value)
    ]


def test_sql_lives_in_stores() -> None:
    """Docstrings apart, no statement stands outside the files that remember."""
    stray = []
    for path in sources():
        if KEEPS_SQL.search(name(path)):
            continue
        stray += _saying(SQL, path)
    assert not stray


PATIENT_WORDS = re.compile(r"\b(você|vocês|horário|consulta marcada|por favor|obrigad[oa]|desculpe)\b", re.IGNORECASE)
# Files that understand what patients write, rather than speak: their word lists are data about language.
UNDERSTANDS = re.compile(
    r"(kit/text\.py|clinic/scheduling/when.*\.py|clinic/conversations/(consent|dangers/red_flags)\.py|agent/guardrails/|agent/offline/)"
)


@pytest.mark.parametrize("room", ROOMS)
def test_what_people_read_is_in_files(room: str) -> None:
    inline = []
    for path in (ROOT / room).rglob("*.py"):
        if UNDERSTANDS.search(name(path)):
            continue
        inline += _saying(PATIENT_WORDS, path)
    assert not inline
