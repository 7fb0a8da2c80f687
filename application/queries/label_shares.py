"""What the targets of a dataset version are like, batch by batch."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from threading import Lock

from application.ports.feature_store import FeatureStore
from domain.dataset import DatasetVersion
from domain.table import Table
from domain.target_summary import TargetSummary, joined
from domain.task import Task

# A batch and what its targets are like.
Known = tuple[str, TargetSummary]


class LabelShares:
    """Summaries of the targets. A batch never changes, so its rows are read once; those who ask for the same while it
    is read wait for it."""

    def __init__(self, store: FeatureStore) -> None:
        self._store = store
        # By task, batch by batch, with the schema version that they were made with: no more than one answer holds.
        self._known: dict[str, tuple[int, list[Known]]] = {}
        self._reading: dict[str, Lock] = {}

    def of(self, task: Task, versions: Sequence[DatasetVersion]) -> Sequence[TargetSummary]:
        """versions: all versions of the task, oldest first. Returns: a summary of each version's own batch."""
        with self._reading.setdefault(task.name, Lock()):
            known = self._still_true(task, versions)
            if new := versions[len(known):]:
                after = versions[len(known) - 1].version if known else 0
                known.extend(zip((version.batch_id for version in new), self._read(task, new, after), strict=True))
            self._known[task.name] = task.schema_version, known
            return [summary for _, summary in known[:len(versions)]]

    def _still_true(self, task: Task, versions: Sequence[DatasetVersion]) -> list[Known]:
        """The newest version may have been undone, the task deleted and made anew, a label added."""
        schema_version, known = self._known.get(task.name, (0, []))
        if schema_version != task.schema_version:
            return []
        batches = [version.batch_id for version in versions]
        # An older answer may ask for fewer.
        gone = [position for position, ((batch, _), now) in enumerate(zip(known, batches)) if batch != now]
        return known[:gone[0]] if gone else known

    def _read(self, task: Task, versions: Sequence[DatasetVersion], after: int) -> Iterator[TargetSummary]:
        """versions: those that follow the version `after`."""
        name = task.schema.target.name
        tables = self._store.read(task, versions[-1].version, columns=[name], after=after)
        for batch in _cut(tables, [version.rows_added for version in versions]):
            yield reduce(joined, (task.rules.summary(task, task.targets(table[name])) for table in batch))


def _cut(tables: Iterator[Table], sizes: Sequence[int]) -> Iterator[Iterator[Table]]:
    """The rows of all tables in runs of these sizes, each to be taken before the next: the masks of a run may be more
    than memory holds."""
    rest: list[Table] = []

    def run(wanted: int) -> Iterator[Table]:
        while wanted:
            table = rest.pop() if rest else next(tables)
            if table.n_rows > wanted:
                rest.append(table.take(slice(wanted, None)))
            taken = table.take(slice(0, wanted))
            wanted -= taken.n_rows
            yield taken

    return (run(size) for size in sizes)
