"""What a run is of, written down before it begins, so that two runs can be compared and no figure stands without its model."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from clinic.scenarios.schema import Scenario
from evals.runs import Head
from kit.clock import utc_now
from kit.ids import new_id
from kit.settings import Settings

OFFLINE = "offline"
_PROMPTS = (("agent", "prompts"), ("tools", "."), ("agent", "guardrails"))


def head_of(
    settings: Settings, scenarios: Sequence[Scenario], *, trials: int | None = None, noise: tuple[str, ...] = ()
) -> Head:
    """The head of a new run. The offline model answers the same every time: one trial says it all."""
    model = settings.model or OFFLINE
    offline = model == OFFLINE
    began = utc_now()
    return Head(
        id=f"{began:%Y%m%d-%H%M%S}-{new_id().hex[-6:]}",
        began_at=began.isoformat(timespec="seconds"),
        tier="T0" if offline else "T1",
        model=model,
        offline=offline,
        noise=noise,
        commit=commit(),
        prompts=_prompts(),
        scenarios={one.id: one.digest for one in scenarios},
        trials={one.id: trials or (1 if offline else one.trials) for one in scenarios},
    )


def _prompts() -> str:
    """A digest of every word that shapes what the model says."""
    digest = hashlib.sha256()
    for package, folder in _PROMPTS:
        root = Path(str(files(package))) / folder
        for path in sorted([*root.glob("*.md"), *root.glob("*.yaml")]):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def commit() -> str:
    """The commit that runs, when this is a checkout."""
    try:
        said = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=Path(__file__).parent, capture_output=True, text=True, timeout=5, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.strip()
