"""A new task, with its first data or without any."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from application.ports.feature_store import FeatureStore
from application.ports.task_catalog import TaskCatalog, TaskExists, UnknownTask
from application.training.known_trainers import KnownTrainers
from domain.dataset import DatasetVersion
from domain.errors import InvalidInput
from domain.exchange import Unlabelled, marked, read_parts, with_lenient_target
from domain.label_reader import LabelReader
from domain.rows import Rows
from domain.table import Table
from domain.task import Task


@dataclass(frozen=True, slots=True)
class CreatedTask:
    """version: what its first data became; None for a task that has none yet."""

    task: Task
    version: DatasetVersion | None


class CreateTask:
    """Stores a task and, if rows come with it, makes them its dataset version 1.

    Rows without a value in the target teach nothing and are left out. A row that the task cannot take is named, and
    then there is no task either. The same task with the same rows again changes nothing; another task of a name that
    is taken is a conflict.
    """

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, trainers: KnownTrainers) -> None:
        self._tasks, self._store, self._trainers = tasks, store, trainers

    def execute(self, task: Task, open_rows: Callable[[], Iterable[Rows]] | None = None,
                dry_run: bool = False) -> CreatedTask:
        """open_rows: gives all rows from the first one each time it is called. dry_run: the task itself is looked at,
        and nothing is stored. Raises: TaskExists, InvalidInput."""
        self._trainers.check(task)
        if dry_run:
            self._refuse_another(task)
            return CreatedTask(task, None)
        if open_rows is None:
            return CreatedTask(self._tasks.add(task), None)
        self._refuse_another(task)
        # The task goes first, as it decides what the store's tables are; so nothing may be wrong with the rows then.
        digest = self._store.digest(task, _some(with_targets(task, open_rows())))
        task = self._tasks.add(task)
        if versions := self._store.versions(task.name):
            if versions[0].digest != digest:
                raise TaskExists(f"the task {task.name} is there and has other data; more of them can be added to it")
            return CreatedTask(task, versions[0])
        return CreatedTask(task, self._store.append(task, with_targets(task, open_rows())).version)

    def _refuse_another(self, task: Task) -> None:
        """Before the rows are looked at, which may take long."""
        try:
            known = self._tasks.get(task.name)
        except UnknownTask:
            return
        if known != task:
            raise TaskExists(f"there is another task {task.name}")


def _some(tables: Iterable[Table]) -> Iterator[Table]:
    n_rows = 0
    for table in tables:
        n_rows += table.n_rows
        yield table
    if not n_rows:
        raise InvalidInput("there are no rows with a target")


def with_targets(task: Task, rows: Iterable[Rows]) -> Iterator[Table]:
    """The rows to store, without those that lack the target. Raises: InvalidInput naming faulty rows and columns."""
    columns = with_lenient_target(task.schema.stored)
    parts = read_parts(rows, columns, task.schema.spare_names, LabelReader(task))
    return Unlabelled(task).without(marked(parts, task))
