"""Shift reports on their way to families. See 0005_reports.sql."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    sql = Path(__file__).with_suffix(".sql").read_text("utf-8")
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # we are inside its transaction
    driver.execute(sql)  # the driver itself: no parameters, so % and several statements pass as they are
