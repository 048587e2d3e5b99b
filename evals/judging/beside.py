"""The models beside Carol in an evaluation: who judges what was said, who plays the patients."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent.brain import Brain
from agent.endpoint import Mode, ModelConfig, OpenAIEndpoint
from agent.thoughts import ModelUnavailable
from clinic.scenarios.schema import Scenario
from evals.evidence import Evidence
from evals.judging.calibration import standings
from evals.judging.judge import Judge, judged
from evals.patients.users import Ask, NoPatient
from kit.settings import Settings

_DEADLINE = 120.0  # seconds for one answer: nobody waits for it
_FAMILIES = (
    (re.compile(r"^(gpt|chatgpt|o\d)"), "gpt"),
    (re.compile(r"^(qwen|qwq)"), "qwen"),
    (re.compile(r"^(mis|minis|codes|pix|mix)tral"), "mistral"),
)


def judge_brain(settings: Settings) -> Brain | None:
    """Who judges; None without a judge in the settings. Cold: the same question should get the same answer."""
    mode: Mode = "form" if settings.judge_mode == "schema" else "tools"
    return _brain(settings, settings.judge_model, settings.judge_base_url, settings.judge_api_key, mode, temperature=0.0)


def patient_brain(settings: Settings) -> Brain | None:
    """Who plays patients; None without one in the settings."""
    return _brain(
        settings, settings.patient_model, settings.patient_base_url, settings.patient_api_key, "tools", temperature=0.7
    )


def _brain(
    settings: Settings, model: str, base_url: str, api_key: str, mode: Mode, *, temperature: float
) -> Brain | None:  # fmt: skip
    if not model:
        return None
    elsewhere = base_url not in ("", settings.model_base_url)
    # Carol's key never travels to another host.
    config = ModelConfig(
        model=model,
        base_url=base_url or settings.model_base_url,
        api_key=api_key or ("" if elsewhere else settings.model_api_key),
        mode=mode,
        timeout_seconds=settings.model_timeout_seconds,
        temperature=temperature,
    )
    return Brain((OpenAIEndpoint(config),), deadline_seconds=_DEADLINE)


def asking(brain: Brain) -> Ask:
    """What plays a patient: roles are turned around, so that Carol's words are what the model answers."""

    async def ask(rules: str, talk: Sequence[tuple[str, str]]) -> str:
        sent: list[BaseMessage] = [SystemMessage(rules)]
        sent += [AIMessage(words) if who == "patient" else HumanMessage(words) for who, words in talk]
        try:
            thought = await brain.think(sent, ())
        except ModelUnavailable as failed:
            raise NoPatient(str(failed)) from failed
        return thought.message.text

    return ask


Judged = Callable[[Scenario, Evidence], Awaitable[dict[str, Any]]]


@asynccontextmanager
async def seated(settings: Settings) -> AsyncIterator[tuple[Ask | None, Judged | None]]:
    """Who plays patients and who judges, of these settings; None where there is nobody."""
    patients, judges = patient_brain(settings), judge_brain(settings)
    worth = standings(settings) if judges else {}

    async def about(scenario: Scenario, evidence: Evidence) -> dict[str, Any]:
        assert judges is not None
        return await judged(Judge(judges, settings.judge_model), scenario, evidence, worth)

    try:
        yield asking(patients) if patients else None, about if judges else None
    finally:
        for brain in (patients, judges):
            if brain is not None:
                await brain.aclose()


def family(model: str) -> str:
    """The family of a model by its name: `gpt-4.1-mini` and `o3` are of one, `meta-llama/Llama-3-70b` is a llama."""
    name = model.lower().rpartition("/")[2]
    known = next((called for pattern, called in _FAMILIES if pattern.match(name)), None)
    letters = re.match(r"[a-z]+", name)
    return known or (letters.group() if letters else name)


def kin(model: str, *, patients: str, judge: str) -> list[str]:
    """Which of `patients` and `judge` are of the family of the model they meet: they flatter it, or know its tricks."""
    beside = {"patients": patients, "judge": judge.partition(" ")[0]}
    return [role for role, other in beside.items() if other and family(other) == family(model)]
