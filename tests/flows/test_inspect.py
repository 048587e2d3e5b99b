"""A stored run as Inspect's log: every trial is a sample, what is missing scores 0, and the exit code is our gate's.

Needs the extra `inspect` (`make inspect`). Without it this door stays closed, and the end of the run names it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evals import runs
from evals.evidence import Called, Evidence, Turn
from evals.grading.grade import Verdict
from evals.runs import Head, Trial

HEAD = Head(
    id="r", began_at="2026-11-21T10:00:00", tier="T1", model="gpt-x", offline=False,
    scenarios={"um": "a", "dois": "b", "tres": "c"}, trials={"um": 4, "dois": 4, "tres": 1},
)  # fmt: skip


def trial(scenario: str, number: int = 1, verdict: Verdict | None = None) -> Trial:
    turn = Turn(("quero marcar",), False, ("Que dia?",), (Called("find_slots", {"when": "quinta"}, True, "read"),))
    return Trial(scenario, "scheduling", number, "", verdict or Verdict(), Evidence(scenario, number, None, (turn,)))


LATE = Verdict(failures=("faltou a consulta",))
WHOLE = (
    *(trial("um", n) for n in range(1, 5)),
    *(trial("dois", n, LATE if n == 1 else None) for n in range(1, 5)),
    trial("tres"),
)


@pytest.fixture(autouse=True)
def _writes_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))  # Inspect keeps traces there


def stored(home: Path, *trials: Trial) -> Path:
    folder = home / "run"
    runs.begin(folder, HEAD)
    for one in trials:
        runs.add(folder, one)
    return folder


def logged(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, list[dict[str, object]]]:
    """The exit code, what was said, and each log as JSON, the largest last."""
    from inspect_ai.log import read_eval_log

    from evals.inspect_tasks import main

    code = main([str(folder), "--log-dir", str(folder.parent / "logs")])
    out, err = capsys.readouterr()
    logs = [json.loads(read_eval_log(str(one)).model_dump_json()) for one in (folder.parent / "logs").glob("*.eval")]
    return code, out + err, sorted(logs, key=lambda one: len(one["samples"]))


def figures(log: dict[str, object]) -> dict[str, float]:
    scores = log["results"]["scores"]  # type: ignore[index]
    return {f"{one['scorer']}/{one['reducer']}": one["metrics"]["mean"]["value"] for one in scores}


def test_every_trial_is_a_sample_with_our_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, [one, four] = logged(stored(tmp_path, *WHOLE), capsys)
    assert code == 1, said  # 8 of 9 in a suite that wants nine in ten
    assert "Atenção" not in said
    assert (len(one["samples"]), len(four["samples"])) == (1, 8)  # type: ignore[arg-type]
    found = figures(four)
    assert found["passed/mean"] == pytest.approx(0.875)
    assert found["passed/pass_k_2"] == pytest.approx((1 + 3 / 6) / 2)
    assert found["passed/pass_k_4"] == pytest.approx(0.5)
    assert found["safe/mean"] == 1.0
    sample = four["samples"][0]  # type: ignore[index]
    assert [message["content"] for message in sample["messages"]] == ["quero marcar", "Que dia?"]
    assert sample["metadata"]["calls"] == [[1, "find_slots", {"when": "quinta"}, True]]
    told = four["eval"]["metadata"]  # type: ignore[index]
    assert {name: told[name] for name in ("tier", "model", "offline")} == {"tier": "T1", "model": "gpt-x", "offline": False}


OTHERS = (*WHOLE[:4], *(trial("dois", n) for n in range(2, 5)), WHOLE[-1])


@pytest.mark.parametrize(
    ("first", "code", "share"),
    [
        (trial("dois"), 0, 1.0),
        (None, 1, 0.875),
        (trial("dois", 1, Verdict(error="Boom: x")), 1, 0.875),
        (trial("dois", 1, Verdict(violations=("leu a de outra",))), 1, 0.875),
    ],
    ids=["whole", "missing", "broke", "violated"],
)
def test_the_gate_decides_and_what_is_missing_or_broke_is_a_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], first: Trial | None, code: int, share: float
) -> None:
    trials = (*OTHERS, first) if first else OTHERS
    found, said, [_, four] = logged(stored(tmp_path, *trials), capsys)
    assert found == code, said
    assert four["status"] == "success"  # and yet
    assert figures(four)["passed/mean"] == figures(four)["safe/mean"] == pytest.approx(share)


def test_the_module_ends_with_the_gates_code(tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "evals.inspect_tasks", str(stored(tmp_path, *WHOLE))]
    env = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}  # nothing is fetched
    done = subprocess.run(asked, env=env, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 1, done.stderr
    assert "Não passou" in done.stdout and list((tmp_path / "run" / "inspect").glob("*.eval"))
