"""Tasks, dataset versions, experiments and deployments."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_task"),
    )
    op.create_table(
        "dataset_version",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("batch_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("digest", sa.Text),
        sa.Column("fingerprint", sa.Text),
        sa.Column("rows_added", sa.Integer, nullable=False),
        sa.Column("total_rows", sa.Integer),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dataset_version"),
        sa.UniqueConstraint("batch_id", name="uq_dataset_version_batch_id"),
        sa.UniqueConstraint("task", "version", name="uq_dataset_version_task_version"),
        sa.UniqueConstraint("task", "digest", name="uq_dataset_version_task_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dataset_version_state", "dataset_version", ["state"])
    op.create_table(
        "experiment",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dataset_version", sa.Integer, nullable=False),
        sa.Column("commit_hash", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("params", sa.JSON, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True)),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("metrics", sa.JSON, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("from_cache", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_experiment"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_experiment_task", "experiment", ["task"])
    op.create_index("ix_experiment_status", "experiment", ["status"])
    op.create_table(
        "deployment",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("experiment_id", sa.Integer, nullable=False),
        sa.Column("previous_experiment_id", sa.Integer),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deployment"),
        sa.UniqueConstraint("task", "generation", name="uq_deployment_task_generation"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("deployment", "experiment", "dataset_version", "task"):
        op.drop_table(table)
