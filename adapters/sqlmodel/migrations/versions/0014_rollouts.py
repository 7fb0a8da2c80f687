"""Thresholds and candidates of deployments; which answers were given to nobody."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BY_TIME = "ix_prediction_log_task_created_at"
_COUNTED = f"{_BY_TIME}_shadow_experiment_id"


def upgrade() -> None:
    op.add_column("deployment", sa.Column("threshold", sa.Float))
    op.add_column("deployment", sa.Column("rollout", sa.JSON, nullable=False, server_default="{}"))
    op.add_column("prediction_log", sa.Column("shadow", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index(_COUNTED, "prediction_log", ["task", "created_at", "shadow", "experiment_id"])
    op.drop_index(_BY_TIME, "prediction_log")


def downgrade() -> None:
    op.create_index(_BY_TIME, "prediction_log", ["task", "created_at"])
    op.drop_index(_COUNTED, "prediction_log")
    # Before, every row was one that was given to somebody.
    op.execute("DELETE FROM prediction_log WHERE shadow")
    op.drop_column("prediction_log", "shadow")
    op.drop_column("deployment", "rollout")
    op.drop_column("deployment", "threshold")
