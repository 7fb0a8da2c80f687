"""The workers that serve, and labels that come after the answer they judge."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "serving_worker",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("generations", sa.JSON, nullable=False),
        sa.Column("failures", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_serving_worker"),
    )
    op.create_index("ix_serving_worker_seen_at", "serving_worker", ["seen_at"])
    op.create_table(
        "late_label",
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("task", "request_id", name="pk_late_label"),
    )


def downgrade() -> None:
    op.drop_table("late_label")
    op.drop_table("serving_worker")
