"""Where an experiment's model comes from."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("experiment", sa.Column("origin", sa.Text, nullable=False, server_default="trained"))
    op.add_column("experiment", sa.Column("source", sa.JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("experiment", "source")
    op.drop_column("experiment", "origin")
