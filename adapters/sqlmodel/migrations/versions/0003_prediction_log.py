"""The prediction log, and late labels of single rows of a batch."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB, "postgresql")


def upgrade() -> None:
    op.create_table(
        "prediction_log",
        sa.Column("entry_id", sa.Text, nullable=False),
        sa.Column("row_no", sa.Integer, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("experiment_id", sa.Integer, nullable=False),
        sa.Column("inputs", _JSON, nullable=False),
        sa.Column("prediction", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("label", sa.Text, nullable=True),
        sa.Column("latency_s", sa.Float, nullable=False),
        sa.Column("probabilities", _JSON, nullable=True),
        sa.PrimaryKeyConstraint("entry_id", "row_no", name="pk_prediction_log"),
    )
    op.create_index("ix_prediction_log_created_at", "prediction_log", ["created_at"])
    op.create_index("ix_prediction_log_task_created_at", "prediction_log", ["task", "created_at"])
    op.create_index("ix_prediction_log_task_request_id_row_no", "prediction_log", ["task", "request_id", "row_no"])
    with op.batch_alter_table("late_label") as table:
        table.add_column(sa.Column("row_no", sa.Integer, nullable=False, server_default="1"))
        table.drop_constraint("pk_late_label", type_="primary")
        table.create_primary_key("pk_late_label", ["task", "request_id", "row_no"])


def downgrade() -> None:
    op.drop_table("prediction_log")
    op.execute("DELETE FROM late_label WHERE row_no <> 1")
    with op.batch_alter_table("late_label") as table:
        table.drop_constraint("pk_late_label", type_="primary")
        table.drop_column("row_no")
        table.create_primary_key("pk_late_label", ["task", "request_id"])
