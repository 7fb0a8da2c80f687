"""What an experiment that tries several settings has tried, and whose trial one is."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("experiment", sa.Column("search", sa.JSON, nullable=False, server_default="{}"))
    op.add_column("experiment", sa.Column("parent", sa.Integer, nullable=True))


def downgrade() -> None:
    op.drop_column("experiment", "parent")
    op.drop_column("experiment", "search")
