"""What is worth a warning before anything is trained on first data."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from application.ports.feature_store import FeatureStore
from application.queries.few_labels import FewLabels
from application.use_cases.create_task import with_targets
from domain.even_sample import EvenSample
from domain.leaks import MAX_ROWS, leaks, lopsided
from domain.rows import Rows
from domain.table import Table
from domain.task import Task


class FirstLook:
    """Labels that are too few, columns that give the target away, a label that nearly all rows have."""

    def __init__(self, store: FeatureStore, few: FewLabels) -> None:
        self._store, self._few = store, few

    def of(self, task: Task) -> Sequence[str]:
        """Of the newest version, in words; of pictures, and where there are no data yet, nothing."""
        versions = self._store.versions(task.name)
        if not versions or _of_files(task):
            return []
        step = -(-versions[-1].rows // MAX_ROWS)
        sample = EvenSample(MAX_ROWS, step)
        for table in self._store.read(task, versions[-1].version):
            sample.add(table)
        return _told(task, self._few.of(task), sample)

    def of_rows(self, task: Task, rows: Iterable[Rows]) -> Sequence[str]:
        """Of rows that would be a first version; of pictures nothing, though each is looked at.

        Raises: InvalidInput for rows that the task cannot take.
        """
        sample = EvenSample(MAX_ROWS)
        tables = with_targets(task, rows)
        few = self._few.of_tables(task, tables if _of_files(task) else _watched(tables, sample))
        return few if _of_files(task) else _told(task, few, sample)


def _of_files(task: Task) -> bool:
    return task.schema.target.rules.from_files or any(column.rules.from_files for column in task.schema.features)


def _watched(tables: Iterable[Table], sample: EvenSample) -> Iterator[Table]:
    for table in tables:
        sample.add(table)
        yield table


def _told(task: Task, few: Sequence[str], sample: EvenSample) -> list[str]:
    """Of labels that are too few, that there is plenty of another one says nothing new."""
    return [*few, *leaks(task, sample.table), *([] if few else lopsided(task, sample.table))]
