"""A task that begins with its model."""
from __future__ import annotations

from collections.abc import Callable, Iterable

from application.ports.task_catalog import TaskCatalog, UnknownTask
from application.serving.wanted import to_its_end
from application.use_cases.create_task import CreateTask
from application.use_cases.delete_task import DeleteTask
from application.use_cases.import_model import ImportModel, ImportRequest
from domain.experiment import Experiment
from domain.rows import Rows
from domain.task import Task


class BeginWithModel:
    """Makes a task of a table and a model that was made elsewhere its first experiment. Where the model is refused, the
    task is gone again, but for one that was there before."""

    def __init__(self, tasks: TaskCatalog, create_task: CreateTask, import_model: ImportModel,
                 delete_task: DeleteTask) -> None:
        self._tasks, self._create_task = tasks, create_task
        self._import_model, self._delete_task = import_model, delete_task

    def execute(self, task: Task, open_rows: Callable[[], Iterable[Rows]], read: Callable[[Task], ImportRequest],
                by: str | None = None) -> Experiment:
        """open_rows: as CreateTask takes it. read: what is asked of the import, given the task as it was made. by: who
        asks. Raises: what either of both raises."""
        is_new = self._is_new(task.name)
        made = self._create_task.execute(task, open_rows).task
        try:
            return self._import_model.execute(read(made))
        except BaseException:
            with to_its_end():
                if is_new:
                    self._delete_task.execute(made.name, made.name, by)
            raise

    def _is_new(self, name: str) -> bool:
        try:
            self._tasks.get(name)
        except UnknownTask:
            return True
        return False
