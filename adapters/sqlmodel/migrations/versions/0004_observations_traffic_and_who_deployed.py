"""What was seen of the models that serve, requests by minute, and who deployed."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LABELLED = sa.text("label IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "observation",
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("experiment_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("task", name="pk_observation"),
    )
    op.create_table(
        "traffic",
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("task", "at", name="pk_traffic"),
    )
    op.create_index("ix_traffic_at", "traffic", ["at"])
    # Live quality looks for the few rows whose label is known.
    op.create_index("ix_prediction_log_labelled", "prediction_log", ["task", "experiment_id", "created_at"],
                    sqlite_where=_LABELLED, postgresql_where=_LABELLED)
    op.add_column("deployment", sa.Column("deployed_by", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("deployment", "deployed_by")
    op.drop_index("ix_prediction_log_labelled", "prediction_log")
    op.drop_table("traffic")
    op.drop_table("observation")
