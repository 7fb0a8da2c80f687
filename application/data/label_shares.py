"""What the targets of a dataset version are like, batch by batch."""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from application.ports.feature_store import FeatureStore
from domain.dataset import DatasetVersion
from domain.table import Table
from domain.task import Problem, Task

REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class TargetSummary:
    """counts: rows of each label, as text; of pictures those that show it. span: least, mean and greatest target of a
    regression. pixels: of pictures, how many of all their pixels are of each label."""

    rows: int
    counts: Mapping[str, int]
    span: Mapping[str, float] | None = None
    pixels: Mapping[str, int] | None = None

    @property
    def shares(self) -> dict[str, float]:
        return {label: count / self.rows for label, count in self.counts.items()}


class LabelShares:
    """Summaries of the targets. A version never changes, so its rows are read once, for all of its batches together;
    the last few answers are kept."""

    def __init__(self, store: FeatureStore) -> None:
        self._store = store
        self._known: OrderedDict[tuple[str, str], Sequence[TargetSummary]] = OrderedDict()
        self._lock = Lock()

    def of(self, task: Task, versions: Sequence[DatasetVersion]) -> Sequence[TargetSummary]:
        """versions: all versions of the task, oldest first. Returns: a summary of each version's own batch."""
        if not versions:
            return []
        key = (task.name, versions[-1].fingerprint)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = [_summary(task, targets) for targets in self._targets(task, versions)]
            with self._lock:
                self._known[key] = known
                while len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        return known

    def _targets(self, task: Task, versions: Sequence[DatasetVersion]) -> Iterator[np.ndarray]:
        """Of each batch: the targets as numbers."""
        name = task.schema.target.name
        tables = self._store.read(task, versions[-1].version, columns=[name])
        parts = _cut(tables, [version.rows_added for version in versions])
        return (task.targets(np.concatenate([table[name] for table in tables])) for tables in parts)


def _cut(tables: Iterator[Table], sizes: Sequence[int]) -> Iterator[list[Table]]:
    """The rows of all tables, parted into runs of these sizes."""
    rest: list[Table] = []
    for size in sizes:
        run, wanted = [], size
        while wanted:
            table = rest.pop() if rest else next(tables)
            run.append(table.take(slice(0, wanted)))
            if table.n_rows > wanted:
                rest.append(table.take(slice(wanted, None)))
            wanted -= run[-1].n_rows
        yield run


def _summary(task: Task, targets: np.ndarray) -> TargetSummary:
    if task.problem is Problem.REGRESSION:
        span = {"min": float(targets.min()), "mean": float(targets.mean()), "max": float(targets.max())}
        return TargetSummary(len(targets), {}, span)
    if task.problem is Problem.SEGMENTATION:
        pixels = np.array([np.bincount(mask.ravel(), minlength=len(task.labels)) for mask in targets])
        return TargetSummary(len(targets), _named(task, (pixels > 0).sum(axis=0)),
                             pixels=_named(task, pixels.sum(axis=0)))
    return TargetSummary(len(targets), _named(task, np.bincount(targets, minlength=len(task.labels))))


def _named(task: Task, counts: np.ndarray) -> dict[str, int]:
    return dict(zip(map(str, task.labels), counts.tolist(), strict=True))
