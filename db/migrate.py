"""Bringing a database to the newest schema. Forward only; run by `carol db upgrade` before a deploy, never by an app."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

SCRIPTS = Path(__file__).parent / "migrations"


def _config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("sqlalchemy.url", driver_url(owner_url).replace("%", "%%"))
    return config


def driver_url(url: str) -> str:
    """A postgresql:// URL as SQLAlchemy wants it: over psycopg 3."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def upgrade(owner_url: str) -> None:
    """Applies every missing revision. Needs the owner role; the extensions must exist already."""
    command.upgrade(_config(owner_url), "head")


def head() -> str:
    """The newest revision this code knows."""
    return ScriptDirectory.from_config(_config("")).get_current_head() or ""


def current(owner_url: str) -> str | None:
    """The revision the database is at, or None before the first."""
    engine = create_engine(driver_url(owner_url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
