"""Questions about a database as a whole, for whoever runs it: never about what a clinic keeps in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg

from db.provision import EXTENSIONS, OPTIONAL


@dataclass(frozen=True, slots=True)
class Server:
    """Version as "18.6"; installed extensions with versions; required ones that are missing."""

    version: str
    extensions: dict[str, str]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppRole:
    """What the serving role may do, of which all but `is_porter` must be false."""

    name: str
    is_superuser: bool
    bypasses_rls: bool
    owns: int
    is_porter: bool


def server(url: str) -> Server:
    """What runs behind `url`. Raises psycopg.OperationalError when nothing answers within 5 seconds."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        [version] = connection.execute("SHOW server_version").fetchone() or ("?",)
        rows = connection.execute("SELECT extname, extversion FROM pg_extension").fetchall()
    found: dict[str, str] = dict(rows)
    missing = tuple(name for name in EXTENSIONS if name not in found and name not in OPTIONAL)
    return Server(str(version).split()[0], found, missing)


def app_role(app_url: str) -> AppRole:
    """The role of `app_url`, as the server sees it."""
    with psycopg.connect(app_url, connect_timeout=5) as connection:
        row = connection.execute(
            """
            SELECT rolname, rolsuper, rolbypassrls,
                   (SELECT count(*) FROM pg_class WHERE relowner = r.oid),
                   EXISTS (SELECT FROM pg_roles WHERE rolname = 'carol_porter')
                     AND pg_has_role(r.oid, (SELECT oid FROM pg_roles WHERE rolname = 'carol_porter'), 'MEMBER')
            FROM pg_roles r WHERE rolname = current_user
            """
        ).fetchone()
    assert row is not None  # current_user always has a row
    return AppRole(*row)


@dataclass(frozen=True, slots=True)
class Clockwork:
    """`at`: when the clock last gave a sign of life, `silent` seconds ago. `overdue`: clinics whose run of reports was due
    longer than a quarter of an hour ago and was not begun."""

    at: datetime
    silent: float
    overdue: int


def clockwork(app_url: str) -> Clockwork | None:
    """How the clock goes; None: it never went. Needs the schema."""
    with psycopg.connect(app_url, connect_timeout=5) as connection:
        beat = connection.execute(
            "SELECT at, extract(epoch FROM clock_timestamp() - at)::float FROM beats WHERE name = 'clockwork'"
        ).fetchone()
        connection.execute("SET LOCAL ROLE carol_porter")
        due = connection.execute(
            "SELECT count(*) FROM report_desks WHERE next_run_at < now() - interval '15 minutes'"
        ).fetchone()
    return Clockwork(beat[0], max(0.0, beat[1]), int(due[0]) if due else 0) if beat else None


def clinic_count(app_url: str) -> int:
    """How many clinics there are, asked as the porter. Needs the schema."""
    with psycopg.connect(app_url, connect_timeout=5) as connection:
        connection.execute("SET LOCAL ROLE carol_porter")
        row = connection.execute("SELECT count(id) FROM clinics").fetchone()
    return int(row[0]) if row else 0
