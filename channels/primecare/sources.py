"""From a configuration, as it is kept, to the source it means. Values `env:NAME` are what the environment says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from channels.primecare.base import BadSource, Source
from channels.primecare.files import FilesSource
from channels.primecare.mysql import MySqlSource
from channels.primecare.schema import AnyConfig, FilesConfig, MySqlConfig

_FROM_ENVIRONMENT = "env:"
_CONFIG: TypeAdapter[MySqlConfig | FilesConfig] = TypeAdapter(AnyConfig)


def source_for(stored: Mapping[str, Any], environ: Mapping[str, str]) -> Source:
    """The source of a clinic. Raises BadSource, which names fields and variables and never a value."""
    config = config_of({name: _known(name, value, environ) for name, value in stored.items()})
    return MySqlSource(config) if isinstance(config, MySqlConfig) else FilesSource(config)


def config_of(values: Mapping[str, Any]) -> MySqlConfig | FilesConfig:
    """The configuration, whose `env:` values may still be names: for whoever keeps one. Raises BadSource."""
    try:
        return _CONFIG.validate_python(dict(values))
    except ValidationError as error:
        wrong = sorted({f"{_where(problem['loc'])} ({problem['type']})" for problem in error.errors(include_input=False)})
    raise BadSource("source of reports: " + ", ".join(wrong))


def _where(place: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in place) or "kind"


def _known(name: str, value: Any, environ: Mapping[str, str]) -> Any:
    if not isinstance(value, str) or not value.startswith(_FROM_ENVIRONMENT):
        return value
    variable = value.removeprefix(_FROM_ENVIRONMENT)
    if not environ.get(variable):
        raise BadSource(f"source of reports: {name} is to come from {variable}, which the environment does not have")
    return environ[variable]
