"""What the trainers of each machine said of themselves."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trainers",
        sa.Column("machine", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cards", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("machine", name="pk_trainers"),
    )


def downgrade() -> None:
    op.drop_table("trainers")
