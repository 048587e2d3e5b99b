"""Before a deploy onto a database with a single login: what provision.sql asks for, then the newest tables. Repeatable.

`python deploy/prepare.py`, with DATABASE_URL. Where an administrator made the three roles, `carol db upgrade` is enough.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

from db.migrate import upgrade
from kit.settings import load_settings

PROVISION = Path(__file__).with_name("provision.sql")


def prepare(database_url: str) -> None:
    """Raises psycopg.errors.InsufficientPrivilege when the login may create neither roles nor extensions."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(PROVISION.read_text("utf-8").encode())
    upgrade(database_url)


if __name__ == "__main__":
    url = load_settings().database_url
    if url is None:
        raise SystemExit("DATABASE_URL: not set")
    prepare(url)
