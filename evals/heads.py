"""What a run is of, written down before it begins, so that two runs can be compared and no figure stands without its model."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from clinic.scenarios.schema import Scenario
from evals.judging.calibration import standings
from evals.judging.judge import names_of
from evals.runs import Head
from evals.scoring import judging
from evals.tiers import TIERS, due
from kit.clock import utc_now
from kit.errors import Invalid
from kit.ids import new_id
from kit.settings import Settings

OFFLINE = "offline"


class WrongTier(Invalid):
    """T0 is of the offline model, T1 and T2 of any other."""

    code = "wrong_tier"


_PROMPTS = (("agent", "prompts"), ("tools", "."), ("agent", "guardrails"))


def head_of(
    settings: Settings, scenarios: Sequence[Scenario], *, trials: int | None = None, noise: tuple[str, ...] = (), tier: str = ""
) -> Head:
    """The head of a new run. Without a tier: T0 of the offline model, T1 of any other. Raises WrongTier."""
    model = settings.model or OFFLINE
    offline = model == OFFLINE
    tier = tier or ("T0" if offline else "T1")
    if tier not in TIERS or (tier == "T0") is not offline:
        raise WrongTier(f"{tier}: {model}")
    began, sha = utc_now(), commit()
    return Head(
        id=f"{began:%Y%m%d-%H%M%S}-{new_id().hex[-6:]}",
        began_at=began.isoformat(timespec="seconds"),
        tier=tier,
        model=model,
        offline=offline,
        noise=noise,
        patients=settings.patient_model if any(one.patient.mode == "model" for one in scenarios) else "",
        judge=_judge(settings, scenarios),
        commit=sha,
        prompts=_prompts(),
        scenarios={one.id: one.digest for one in scenarios},
        played={one.id: one.played for one in scenarios},
        graded=(judging(began, sha),),
        trials=due(scenarios, tier, offline=offline, trials=trials),
    )


def _judge(settings: Settings, scenarios: Sequence[Scenario]) -> str:
    """Who judges, by which rubrics in which version, and what its word is worth: `gpt-x default@1#3f2a90c1 gates`."""
    if not settings.judge_model:
        return ""
    worth = standings(settings)
    return " ".join(
        [settings.judge_model, *(f"{name} {worth.get(name.partition('@')[0], 'unfit')}" for name in names_of(scenarios))]
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
