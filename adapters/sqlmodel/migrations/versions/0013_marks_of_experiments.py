"""What people say of an experiment: tags, a note; whether others are measured against it, whether it is archived."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("experiment", sa.Column("tags", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("experiment", sa.Column("note", sa.Text, nullable=False, server_default=""))
    op.add_column("experiment", sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("experiment", sa.Column("archived", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in ("archived", "pinned", "note", "tags"):
        op.drop_column("experiment", name)
