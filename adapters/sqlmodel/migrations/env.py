"""Run by Alembic: with the connection, and in the transaction, that SqlmodelStorage.migrate gives."""
from __future__ import annotations

from alembic import context

from adapters.sqlmodel.models import Record


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The tables of the rows belong to their tasks, not to a revision."""
    return not (kind == "table" and name is not None and name.startswith("features_"))


context.configure(
    connection=context.config.attributes["connection"], target_metadata=Record.metadata, include_name=is_ours,
    render_as_batch=True, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
