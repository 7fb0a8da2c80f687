"""Numbers of stored rows as doubles: earlier versions kept 32-bit floats, and so would every row added to them."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite has doubles alone, whatever a column is said to be.
    if op.get_bind().dialect.name == "postgresql":
        _widen()


def downgrade() -> None:
    """What is a double stays one: nothing else would keep the rows."""


def _widen() -> None:
    connection = op.get_bind()
    inspector = sa.inspect(connection)
    for table in filter(_holds_rows, inspector.get_table_names()):
        narrow = [column["name"] for column in inspector.get_columns(table) if isinstance(column["type"], sa.REAL)]
        if narrow:
            changes = ", ".join(f'ALTER COLUMN "{name}" TYPE DOUBLE PRECISION' for name in narrow)
            connection.exec_driver_sql(f'ALTER TABLE "{table}" {changes}'.replace("%", "%%"))


def _holds_rows(table: str) -> bool:
    return table.startswith("features_")
