"""What the targets of a dataset version are like, batch by batch."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from threading import Lock

import numpy as np

from application.ports.feature_store import FeatureStore
from domain.dataset import DatasetVersion
from domain.picture import class_counts
from domain.table import Table
from domain.task import Problem, Task


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
    """Summaries of the targets. A batch never changes, so its rows are read once; those who ask for the same while it
    is read wait for it."""

    def __init__(self, store: FeatureStore) -> None:
        self._store = store
        # By task, batch by batch: no more than one answer holds.
        self._known: dict[str, list[TargetSummary]] = {}
        self._reading: dict[str, Lock] = {}

    def of(self, task: Task, versions: Sequence[DatasetVersion]) -> Sequence[TargetSummary]:
        """versions: all versions of the task, oldest first. Returns: a summary of each version's own batch."""
        with self._reading.setdefault(task.name, Lock()):
            known = self._known.setdefault(task.name, [])
            if new := versions[len(known):]:
                known.extend(self._read(task, new, len(known)))
            return known[:len(versions)]

    def _read(self, task: Task, versions: Sequence[DatasetVersion], after: int) -> Iterator[TargetSummary]:
        """versions: those that follow the version `after`."""
        name = task.schema.target.name
        tables = self._store.read(task, versions[-1].version, columns=[name], after=after)
        for batch in _cut(tables, [version.rows_added for version in versions]):
            yield reduce(_joined, (_summary(task, task.targets(table[name])) for table in batch))


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


def _summary(task: Task, targets: np.ndarray) -> TargetSummary:
    if task.problem is Problem.REGRESSION:
        span = {"min": float(targets.min()), "mean": float(targets.mean()), "max": float(targets.max())}
        return TargetSummary(len(targets), {}, span)
    if task.problem is Problem.SEGMENTATION:
        pixels = np.array([class_counts(mask, len(task.labels)) for mask in targets])
        return TargetSummary(len(targets), _named(task, (pixels > 0).sum(axis=0)),
                             pixels=_named(task, pixels.sum(axis=0)))
    return TargetSummary(len(targets), _named(task, np.bincount(targets, minlength=len(task.labels))))


def _joined(one: TargetSummary, other: TargetSummary) -> TargetSummary:
    """Of the rows of both."""
    return TargetSummary(one.rows + other.rows, _added(one.counts, other.counts), _spanned(one, other),
                         _added(one.pixels, other.pixels))


def _added(one: Mapping[str, int] | None, other: Mapping[str, int] | None) -> dict[str, int] | None:
    return None if one is None else {label: count + other[label] for label, count in one.items()}


def _spanned(one: TargetSummary, other: TargetSummary) -> dict[str, float] | None:
    if one.span is None:
        return None
    total = one.span["mean"] * one.rows + other.span["mean"] * other.rows
    return {"min": min(one.span["min"], other.span["min"]), "mean": total / (one.rows + other.rows),
            "max": max(one.span["max"], other.span["max"])}


def _named(task: Task, counts: np.ndarray) -> dict[str, int]:
    return dict(zip(map(str, task.labels), counts.tolist(), strict=True))
