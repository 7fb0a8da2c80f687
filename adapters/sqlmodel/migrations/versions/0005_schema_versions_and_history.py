"""Schema versions of tasks, undone data, and the history of changes."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task_version",
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("task", "schema_version", name="pk_task_version"),
    )
    op.execute("INSERT INTO task_version (task, schema_version, document) SELECT name, 1, document FROM task")
    with op.batch_alter_table("task") as task:
        task.add_column(sa.Column("schema_version", sa.Integer, nullable=False, server_default="1"))
        task.add_column(sa.Column("leaving", sa.Boolean, nullable=False, server_default=sa.false()))
        task.drop_column("document")
    op.add_column("experiment", sa.Column("schema_version", sa.Integer, nullable=False, server_default="1"))
    op.create_table(
        "dropped_data",
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("task", name="pk_dropped_data"),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=True),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_history_task", "history", ["task"])


def downgrade() -> None:
    op.drop_index("ix_history_task", "history")
    op.drop_table("history")
    op.drop_table("dropped_data")
    op.drop_column("experiment", "schema_version")
    with op.batch_alter_table("task") as task:
        task.add_column(sa.Column("document", sa.JSON, nullable=False, server_default="{}"))
        task.drop_column("leaving")
        task.drop_column("schema_version")
    op.execute("UPDATE task SET document = (SELECT document FROM task_version WHERE task_version.task = task.name "
               "ORDER BY schema_version DESC LIMIT 1)")
    op.drop_table("task_version")
