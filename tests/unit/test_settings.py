"""A wrong setting stops the start with one clear line; a right one needs no ceremony."""

from __future__ import annotations

import os
import re
from decimal import Decimal
from pathlib import Path

import pytest

from kit.errors import Invalid
from kit.settings import Settings, load_settings, variable

EXAMPLE = Path(__file__).parents[2] / ".env.example"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("CAROL_") or name in {"DATABASE_URL", "DATABASE_APP_URL", "REDIS_URL", "OPENAI_API_KEY"}:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def _lines(monkeypatch: pytest.MonkeyPatch, **environment: str) -> list[str]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Invalid) as caught:
        load_settings()
    return str(caught.value).splitlines()


def test_nothing_set_means_embedded_offline_and_loopback(tmp_path: Path) -> None:
    found = load_settings()
    assert found.offline
    assert found.on_loopback
    assert found.database_url is None
    assert found.redis_url is None
    assert found.home == tmp_path / ".carol"
    assert found.base_url == "http://127.0.0.1:8000"


def test_every_field_is_documented_and_nothing_else_is() -> None:
    documented = dict(re.findall(r"^#?([A-Z0-9_]+)=(.*)$", EXAMPLE.read_text(), re.M))
    expected = {variable(field) for field in Settings.model_fields}
    assert set(documented) == expected


def test_the_example_uncommented_is_accepted(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(re.sub(r"^#([A-Z0-9_]+=)", r"\1", EXAMPLE.read_text(), flags=re.M))
    found = load_settings()
    assert found.database_url == "postgresql://carol_owner:senha@localhost:5432/carol"
    assert found.brl_per_unit == Decimal("5.40")


def test_one_line_for_each_wrong_value(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _lines(monkeypatch, CAROL_PORT="abc", CAROL_LOG_FORMAT="xml", CAROL_MODEL_BASE_URL="localhost:11434")
    assert sorted(lines) == [
        "CAROL_LOG_FORMAT: \"xml\" não serve; use 'json' ou 'console'",
        'CAROL_MODEL_BASE_URL: "localhost:11434" não serve; use um endereço que comece com http:// / https://',
        'CAROL_PORT: "abc" não serve; use um número inteiro',
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u:hush-hush@x/y"),
        ("CAROL_REDIS_URL", "hush-hush"),
        ("CAROL_OPERATOR_PASSWORD", "hush"),
    ],
)
def test_a_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    [line] = _lines(monkeypatch, **{name: value})
    assert line.startswith(f"{name}: ")
    assert "hush" not in line


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "carol.local"])
def test_outside_loopback_needs_the_operator_password(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    [line] = _lines(monkeypatch, CAROL_HOST=host)
    assert line.startswith("CAROL_OPERATOR_PASSWORD: falta")
    monkeypatch.setenv("CAROL_OPERATOR_PASSWORD", "abre-te-sesamo")
    assert not load_settings().on_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_password(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("CAROL_HOST", host)
    assert load_settings().on_loopback


def test_our_name_wins_over_the_bare_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://outside/0")
    assert load_settings().redis_url == "redis://outside/0"
    monkeypatch.setenv("CAROL_REDIS_URL", "redis://ours/0")
    assert load_settings().redis_url == "redis://ours/0"


def test_a_key_alone_sends_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    assert load_settings().offline
    assert load_settings().model_api_key == "sk-x"


def test_secrets_stay_out_of_the_representation() -> None:
    found = load_settings(model_api_key="sk-hush", database_url="postgresql://u:hush@h/d", operator_password="hush-hush")
    assert "hush" not in repr(found)


def test_values_that_contradict_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    [line] = _lines(monkeypatch, CAROL_QUIET_WINDOW_SECONDS="40")
    assert line == "CAROL_QUIET_WINDOW_CAP_SECONDS: deve ser maior ou igual a CAROL_QUIET_WINDOW_SECONDS (40)"


@pytest.mark.parametrize("place", ["disk", "s3://carol-media", "s3://carol-media/clinicas/producao", "s3://balde/"])
def test_files_are_kept_in_the_home_or_in_a_bucket(place: str) -> None:
    assert load_settings(media_store=place).media_store == place


@pytest.mark.parametrize("place", ["s3://", "s3://B", "s3:/balde", "/tmp/media", "s3://balde/../outro", "https://balde"])
def test_any_other_place_is_refused(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    [line] = _lines(monkeypatch, CAROL_MEDIA_STORE=place)
    assert line == f'CAROL_MEDIA_STORE: "{place}" não serve; use disk ou s3://balde/prefixo'
