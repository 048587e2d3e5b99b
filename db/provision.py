"""What a server needs before migrations: the database, three roles and the extensions. Idempotent.

`carol_owner` owns the database and migrates; `carol_app` serves and owns nothing; `carol_porter` is a nologin role
that the app takes by SET ROLE for the few questions asked across clinics.
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from dataclasses import dataclass
from typing import LiteralString
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import errors, sql

from kit.errors import Unavailable

EXTENSIONS = ("vector", "btree_gist", "unaccent", "pg_trgm", "pg_stat_statements")
OPTIONAL = frozenset({"pg_stat_statements"})  # nice to measure with; some providers keep it for themselves


@dataclass(frozen=True, slots=True)
class Urls:
    """The three ways in: `owner` migrates, `app` serves and owns nothing, `superuser` provisions (empty outside)."""

    owner: str
    app: str
    superuser: str


def provision_server(admin_url: str, urls: Urls, *, database: str) -> None:
    """Everything that makes `urls` work, on a server where `admin_url` is superuser."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        _provide_role(admin, "carol_owner", "LOGIN", _password(urls.owner))
        _provide_role(admin, "carol_app", "LOGIN NOINHERIT", _password(urls.app))
        _provide_role(admin, "carol_porter", "NOLOGIN", None)
        admin.execute("GRANT carol_porter TO carol_app")
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            name = sql.Identifier(database)
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER carol_owner").format(name))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
            admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO carol_app").format(name))
    with psycopg.connect(urls.superuser, autocommit=True) as admin:
        _provide_extensions(admin)


def provision_outside(database_url: str, app_url: str | None = None) -> Urls:
    """Roles and extensions in a database that exists elsewhere, as far as its user may.

    Without `app_url` the role `carol_app` gets a password derived from the user's own, so that every process that
    knows DATABASE_URL finds the same. Raises Unavailable, saying which variable or extension is missing.
    """
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=10) as admin:
            _provide_extensions(admin)
            if app_url is None:
                app_url = app_url_of(database_url)
                if not _opens(app_url):
                    _provide_app(admin, _password(app_url))
                # A process started with DATABASE_URL alone logs in as its user and becomes carol_app.
                with suppress(errors.InsufficientPrivilege):
                    admin.execute("GRANT carol_app TO CURRENT_USER")
    except psycopg.OperationalError as error:
        raise Unavailable(f"DATABASE_URL: {str(error).strip().splitlines()[-1]}") from error
    return Urls(owner=database_url, app=app_url, superuser="")


def app_url_of(database_url: str) -> str:
    """The URL of `carol_app` in that database, with the password derived from its user's own."""
    parts = urlsplit(database_url)
    if not parts.password:
        raise Unavailable("DATABASE_APP_URL is needed: DATABASE_URL has no password to derive one from")
    word = hmac.digest(unquote(parts.password).encode(), b"carol_app", "sha256").hex()
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"carol_app:{quote(word)}@{place}"))


def _password(url: str) -> str:
    return unquote(urlsplit(url).password or "")


def _opens(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=10):
            return True
    except psycopg.OperationalError:
        return False


def _provide_app(admin: psycopg.Connection, password: str) -> None:
    try:
        _provide_role(admin, "carol_porter", "NOLOGIN", None)
        _provide_role(admin, "carol_app", "LOGIN NOINHERIT", password)
        admin.execute("GRANT carol_porter TO carol_app")
        admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO carol_app").format(sql.Identifier(admin.info.dbname)))
    except errors.InsufficientPrivilege:
        raise Unavailable(
            "the user of DATABASE_URL may not create roles: create carol_app and carol_porter and set DATABASE_APP_URL"
        ) from None


def _provide_role(admin: psycopg.Connection, name: str, attributes: LiteralString, password: str | None) -> None:
    known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    verb: LiteralString = "ALTER" if known else "CREATE"
    word = sql.SQL("") if password is None else sql.SQL("PASSWORD {}").format(sql.Literal(password))
    admin.execute(sql.SQL(verb + " ROLE {} " + attributes + " {}").format(sql.Identifier(name), word))


def _provide_extensions(admin: psycopg.Connection) -> None:
    known = {name for (name,) in admin.execute("SELECT extname FROM pg_extension").fetchall()}
    for extension in EXTENSIONS:
        if extension in known:
            continue
        try:
            admin.execute(sql.SQL("CREATE EXTENSION {} SCHEMA public").format(sql.Identifier(extension)))
        except errors.DuplicateObject:
            continue  # another process was quicker
        except (errors.InsufficientPrivilege, errors.FeatureNotSupported, errors.UndefinedFile) as error:
            if extension not in OPTIONAL:
                raise Unavailable(f"Postgres lacks the extension {extension}: {error.diag.message_primary}") from None
