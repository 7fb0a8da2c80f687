"""The history: each entry's digest follows that of the one before."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("history", sa.Column("digest", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("history", "digest")
