"""The house: clinics, agenda, conversations, knowledge, all under row-level security. See 0001_house.sql."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    sql = Path(__file__).with_suffix(".sql").read_text("utf-8")
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # we are inside its transaction
    driver.execute(sql)  # the driver itself: no parameters, so % and several statements pass as they are
