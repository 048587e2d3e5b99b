"""Rehearsals in clinics of their own, changes told as they commit, uploaded files and media. See 0002_playground.sql."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    sql = Path(__file__).with_suffix(".sql").read_text("utf-8")
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # we are inside its transaction
    driver.execute(sql)  # the driver itself: no parameters, so % and several statements pass as they are
