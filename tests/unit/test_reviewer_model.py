"""Who reads a report before a family does may be another model than the one that wrote it."""

from __future__ import annotations

from typing import Any

import pytest

from agent.models import Role, brains, reviewer_configs
from kit.settings import Settings


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **{"model": "writes", "model_api_key": "sk-ours", **given})


def test_without_one_of_its_own_the_writers_models_review() -> None:
    assert [one.model for one in reviewer_configs(settings(fallback_model="second"))] == ["writes", "second"]


def test_a_reviewer_of_its_own_is_asked_alone_cold_and_by_a_form() -> None:
    given = settings(fallback_model="second", reviewer_model="reads")
    (asked,) = brains(given).role(Role.REVIEWER).models
    assert (asked.config.model, asked.config.mode, asked.config.temperature) == ("reads", "form", 0.0)
    assert [one.config.model for one in brains(given).role(Role.WRITER).models] == ["writes", "second"]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, "sk-ours"),
        ({"reviewer_base_url": "https://elsewhere.example/v1"}, ""),
        ({"reviewer_base_url": "https://elsewhere.example/v1", "reviewer_api_key": "sk-theirs"}, "sk-theirs"),
    ],
)
def test_our_key_never_travels_to_another_host(given: dict[str, str], key: str) -> None:
    (asked,) = reviewer_configs(settings(reviewer_model="reads", **given))
    assert asked.api_key == key


def test_without_a_model_nobody_reviews() -> None:
    assert reviewer_configs(settings(model="", reviewer_model="reads")) == ()
