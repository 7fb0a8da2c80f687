"""Which task a model answers."""
from __future__ import annotations

from application.ports.task_catalog import TaskCatalog
from domain.prediction import ModelCard
from domain.provenance import schema_version
from domain.task import Task
from domain.task_changes import as_trained


def trained_task(tasks: TaskCatalog, name: str, card: ModelCard) -> Task:
    """With the columns and labels of the schema version that the model was trained with. Raises: UnknownTask."""
    newest, version = tasks.get(name), schema_version(card.metadata)
    return as_trained(newest, newest if version == newest.schema_version else tasks.get(name, version))
