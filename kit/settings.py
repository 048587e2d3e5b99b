"""What can be set from outside: `CAROL_…` variables and a `.env` file, checked once, at the start.

Every variable is explained in `.env.example`. Values marked `repr=False` are secret: never printed, not even in errors.
"""

from __future__ import annotations

import ipaddress
import os
import re
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kit import fast_yaml
from kit.errors import Invalid

PREFIX = "CAROL_"


def _spelt(*schemes: str) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, str) and value and not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise PydanticCustomError("url_scheme", "url", {"schemes": " / ".join(f"{s}://" for s in schemes)})
        return value

    return BeforeValidator(check)


def _either(bare: str) -> AliasChoices:
    """The name with our prefix first, then the bare one that hosting providers set by themselves."""
    return AliasChoices(PREFIX + bare, bare)


def _store(value: object) -> object:
    if isinstance(value, str) and value != "disk" and not _BUCKET.fullmatch(value):
        raise PydanticCustomError("media_store", "place")
    return value


_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w-][\w.-]*)*/?", re.ASCII)

WebUrl = Annotated[str, _spelt("http", "https")]
PostgresUrl = Annotated[str, _spelt("postgresql", "postgres")]
RedisUrl = Annotated[str, _spelt("redis", "rediss")]


class Settings(BaseSettings):
    """Frozen. Durations are seconds, prices are per million tokens."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        protected_namespaces=(),
    )

    home: Path = Path(".carol")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: WebUrl = ""
    operator_password: SecretStr | None = Field(default=None, repr=False, min_length=8)
    environment: Literal["development", "production", "test"] = "development"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    database_url: PostgresUrl | None = Field(default=None, repr=False, validation_alias=_either("DATABASE_URL"))
    database_app_url: PostgresUrl | None = Field(default=None, repr=False, validation_alias=_either("DATABASE_APP_URL"))
    redis_url: RedisUrl | None = Field(default=None, repr=False, validation_alias=_either("REDIS_URL"))
    worker_concurrency: int = Field(default=2, ge=1, le=64)

    model: str = ""
    model_base_url: WebUrl = ""
    model_api_key: str = Field(default="", repr=False, validation_alias=AliasChoices("CAROL_MODEL_API_KEY", "OPENAI_API_KEY"))
    model_mode: Literal["tools", "schema"] = "tools"
    model_timeout_seconds: float = Field(default=20.0, gt=0, le=300)
    model_price_in: Decimal | None = Field(default=None, ge=0)
    model_price_out: Decimal | None = Field(default=None, ge=0)
    model_price_currency: Literal["BRL", "USD"] = "USD"
    brl_per_usd: Decimal = Field(default=Decimal("5.40"), gt=0)
    fallback_model: str = ""
    fallback_base_url: WebUrl = ""
    fallback_api_key: str = Field(default="", repr=False)
    reviewer_model: str = ""
    reviewer_base_url: WebUrl = ""
    reviewer_api_key: str = Field(default="", repr=False)
    judge_model: str = ""
    judge_base_url: WebUrl = ""
    judge_api_key: str = Field(default="", repr=False)
    judge_mode: Literal["schema", "tools"] = "schema"
    patient_model: str = ""
    patient_base_url: WebUrl = ""
    patient_api_key: str = Field(default="", repr=False)
    embeddings_model: str | None = None
    embeddings_base_url: WebUrl = ""
    embeddings_api_key: str = Field(default="", repr=False)

    transcription_model: str = ""
    transcription_base_url: WebUrl = ""
    transcription_api_key: str = Field(default="", repr=False)
    transcription_timeout_seconds: float = Field(default=30.0, gt=0, le=300)
    transcription_max_minutes: float = Field(default=10.0, gt=0, le=120)
    hearing_cap_seconds: float = Field(default=45.0, ge=0, le=600)

    media_store: Annotated[str, BeforeValidator(_store)] = "disk"
    s3_endpoint: WebUrl = ""
    s3_access_key: str = Field(default="", repr=False)
    s3_secret_key: str = Field(default="", repr=False)
    s3_region: str = "us-east-1"
    s3_path_style: bool = True
    media_max_image_mb: float = Field(default=10.0, gt=0, le=100)
    media_max_audio_mb: float = Field(default=16.0, gt=0, le=100)
    media_max_video_mb: float = Field(default=32.0, gt=0, le=100)
    media_max_document_mb: float = Field(default=32.0, gt=0, le=100)

    max_tool_calls: int = Field(default=6, ge=1, le=50)
    max_writes: int = Field(default=2, ge=1, le=10)
    recursion_limit: int = Field(default=25, ge=5, le=200)
    max_tokens_turn: int = Field(default=60_000, ge=1_000)

    quiet_window_seconds: float = Field(default=6.0, ge=0, le=120)
    quiet_window_finished_seconds: float = Field(default=2.5, ge=0, le=120)
    quiet_window_cap_seconds: float = Field(default=30.0, ge=0, le=600)
    lease_seconds: float = Field(default=60.0, ge=5, le=3600)
    delivery_timeout_seconds: float = Field(default=15.0, gt=0, le=120)
    delivery_max_attempts: int = Field(default=5, ge=1, le=20)
    delivery_grace_seconds: float = Field(default=60.0, ge=0, le=3600)
    delivery_poll_seconds: float = Field(default=2.0, gt=0, le=60)
    delivery_pace: float = Field(default=1.0, ge=0, le=10)
    delivery_fail_over_seconds: float = Field(default=120.0, ge=0, le=3600)
    delivery_marks: bool = True

    reports_run_seconds: float = Field(default=300.0, ge=10, le=3600)

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the API."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def offline(self) -> bool:
        """Whether the demonstration model speaks. A key alone never sends a patient's words out: a model must be named."""
        return not self.model

    @property
    def brl_per_unit(self) -> Decimal:
        """How many reais one unit of the price's currency is worth."""
        return Decimal(1) if self.model_price_currency == "BRL" else self.brl_per_usd

    @property
    def base_url(self) -> str:
        """Where people reach the pages, without a final slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        if not self.on_loopback and self.operator_password is None:
            raise PydanticCustomError("operator_password_missing", "missing", {"host": self.host})
        if self.quiet_window_cap_seconds < self.quiet_window_seconds:
            raise PydanticCustomError("quiet_window_cap", "cap", {"window": self.quiet_window_seconds})
        if self.database_app_url and not self.database_url:
            raise PydanticCustomError("database_url_missing", "missing")
        return self


def load_settings(**values: Any) -> Settings:
    """The settings of this process; `values` by field name win over the environment.

    Raises Invalid whose message has one line per wrong variable: its name, what was given unless it is secret, and
    what is accepted.
    """
    try:
        found = Settings(**values)
    except ValidationError as error:
        raise Invalid("\n".join(_line(problem) for problem in error.errors())) from None
    return found.model_copy(update={"home": found.home.expanduser().absolute()})


def variable(field: str) -> str:
    """The environment variable of a field, the one `.env.example` documents."""
    return _names(field)[-1]


def _names(field: str) -> list[str]:
    alias = Settings.model_fields[field].validation_alias
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else [PREFIX + field.upper()]


def _line(problem: ErrorDetails) -> str:

    words: dict[str, Any] = fast_yaml.load(files("kit").joinpath("settings.yaml").read_text("utf-8"))
    kind = problem["type"]
    accepted = str(words["accepted"].get(kind, words["accepted"]["other"])).format(**problem.get("ctx", {}))
    if kind in words["whole"]:
        return f"{words['whole'][kind]}: {accepted}"
    place = str(problem["loc"][0])
    field = next(field for field in Settings.model_fields if place == field or place in _names(field))
    name = next((name for name in _names(field) if name in os.environ), variable(field))
    form = "wrong" if Settings.model_fields[field].repr else "wrong_secret"
    return str(words[form]).format(name=name, given=problem.get("input"), accepted=accepted.replace(" or ", " ou "))
