"""What a report says is found once. See 0006_findings.sql."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    sql = Path(__file__).with_suffix(".sql").read_text("utf-8")
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # we are inside its transaction
    driver.execute(sql)  # the driver itself: no parameters, so % and several statements pass as they are
