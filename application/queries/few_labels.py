"""What of a task's data keeps a model from learning or being judged."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from application.ports.feature_store import FeatureStore
from application.queries.label_shares import LabelShares
from application.queries.remembered import Remembered
from domain.dataset import DatasetVersion
from domain.errors import InvalidInput
from domain.few import columns_looked_at, may_be_few, warnings
from domain.table import Table
from domain.task import Task

REMEMBERED = 256


class FewLabels:
    """The rows of a fingerprint never change, so what was found in them is remembered; where there is plenty of each
    label none is read."""

    def __init__(self, store: FeatureStore, label_shares: LabelShares) -> None:
        self._store, self._label_shares = store, label_shares
        self._known: Remembered[tuple[object, ...], Sequence[str]] = Remembered(REMEMBERED)

    def of(self, task: Task) -> Sequence[str]:
        """Of the newest version, in words; of pictures, and where there are no data yet, nothing."""
        versions = self._store.versions(task.name)
        if not versions or task.schema.target.rules.from_files:
            return []
        key = task.name, task.labels, task.split, versions[-1].fingerprint
        if (known := self._known.get(key)) is None:
            known = self._found(task, versions)
            self._known.put(key, known)
        return known

    def of_tables(self, task: Task, found: Iterable[Table]) -> Sequence[str]:
        """Of rows that would be a first version; of pictures nothing, though each is taken. Raises: InvalidInput for
        none."""
        looked_at = () if task.schema.target.rules.from_files else columns_looked_at(task)
        n_rows, tables = 0, []
        for table in found:
            n_rows += table.n_rows
            tables += [table.select(looked_at)] if looked_at else []
        if not n_rows:
            raise InvalidInput("there are no rows with a target")
        return warnings(task, tables, [n_rows]) if tables else []

    def _found(self, task: Task, versions: Sequence[DatasetVersion]) -> Sequence[str]:
        counts: Counter[str] = Counter()
        for summary in self._label_shares.of(task, versions):
            counts.update(summary.counts)
        return warnings(task, self._read(task, versions), [version.rows for version in versions]) if may_be_few(
            task, counts) else []

    def _read(self, task: Task, versions: Sequence[DatasetVersion]) -> Iterable[Table]:
        return self._store.read(task, versions[-1].version, columns=columns_looked_at(task))
