"""What the settings say about models becomes the models that are asked, and no key travels where it was not meant to."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.choices import FAILING, OFFLINE, choices, may_ask_for
from agent.models import Role, brains, model_configs
from agent.pricing import Price
from agent.thoughts import ModelUnavailable, Outcome
from kit.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # away from any .env
    for name in [name for name in os.environ if name.startswith(("CAROL_", "OPENAI_"))]:
        monkeypatch.delenv(name)


def settings(**more: Any) -> Settings:
    given: dict[str, Any] = {"model": "gpt-x", "model_api_key": "sk-um", "model_timeout_seconds": 12.0, "brl_per_usd": "5.40"}
    return load_settings(**{**given, "model_price_in": "0.40", "model_price_out": "1.60", **more})


def test_one_model_with_its_price_in_dollars() -> None:
    (config,) = model_configs(settings())
    assert (config.model, config.api_key, config.mode, config.timeout_seconds) == ("gpt-x", "sk-um", "tools", 12.0)
    assert config.price == Price(Decimal("0.40"), Decimal("1.60"), Decimal("5.40"))
    assert "sk-um" not in repr(config)


def test_prices_may_be_in_reais_and_half_a_price_is_none() -> None:
    in_reais, unknown = settings(model_price_currency="BRL"), settings(model_price_out=None)
    assert model_configs(in_reais)[0].price == Price(Decimal("0.40"), Decimal("1.60"), Decimal(1))
    assert model_configs(unknown)[0].price is None


def test_a_second_model_shares_the_endpoint_but_never_lends_its_key_to_another() -> None:
    same = settings(fallback_model="gpt-y")
    elsewhere = {"fallback_model": "gpt-y", "fallback_base_url": "http://127.0.0.1:11434/v1"}
    assert [(each.model, each.base_url, each.api_key) for each in model_configs(same)] == [
        ("gpt-x", "", "sk-um"),
        ("gpt-y", "", "sk-um"),
    ]
    assert model_configs(settings(**elsewhere))[1].api_key == ""
    assert model_configs(settings(**elsewhere, fallback_api_key="sk-dois"))[1].api_key == "sk-dois"


def test_every_role_is_played_by_the_conversation_until_it_has_its_own(tmp_path: Path) -> None:
    made = brains(settings(fallback_model="gpt-y", home=tmp_path))
    assert not made.offline
    assert [model.config.model for model in made.conversation.models] == ["gpt-x", "gpt-y"]
    assert made.role(Role.JUDGE) is made.conversation


def test_no_model_means_the_offline_one() -> None:
    assert model_configs(settings(model="")) == ()


def test_a_rehearsal_may_name_every_model_of_the_settings_and_the_offline_one() -> None:
    both, none = settings(fallback_model="gpt-y"), settings(model="")
    assert [(choice.name, choice.default) for choice in choices(both)] == [("gpt-x", True), ("gpt-y", False), (OFFLINE, False)]
    assert [(choice.name, choice.default) for choice in choices(none)] == [(OFFLINE, True)]
    assert all(may_ask_for(both, name) for name in ("gpt-x", "gpt-y", OFFLINE, FAILING))
    assert not any(may_ask_for(none, name) for name in ("gpt-x", "", "Offline"))


async def test_what_a_rehearsal_names_speaks(tmp_path: Path) -> None:
    made = brains(settings(fallback_model="gpt-y", home=tmp_path))
    for default in (None, "gpt-x", "gpt-99"):
        assert await made.asked_for(default) == (made.conversation, False)
    second, offline = await made.asked_for("gpt-y")
    assert ([model.config.model for model in second.models], offline) == (["gpt-y"], False)
    demo, offline = await made.asked_for(OFFLINE)
    assert ([model.config.model for model in demo.models], offline) == (["offline"], True)
    assert (await made.asked_for(OFFLINE))[0] is demo  # made once


@pytest.mark.parametrize(("model", "names"), [("gpt-x", ["gpt-x", "gpt-y"]), ("", ["offline"])])
async def test_failing_models_are_the_real_ones_that_do_not_answer(tmp_path: Path, model: str, names: list[str]) -> None:
    made = brains(settings(model=model, fallback_model="gpt-y", home=tmp_path))
    dead, offline = await made.asked_for(FAILING)
    assert offline is made.offline
    with pytest.raises(ModelUnavailable) as raised:
        await dead.think([], ())
    assert {attempt.outcome for attempt in raised.value.attempts} == {Outcome.SERVER_ERROR}
    assert list(dict.fromkeys(attempt.model for attempt in raised.value.attempts)) == names
