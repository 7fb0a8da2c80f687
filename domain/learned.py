"""What is known of a model beside its metrics: which rows it was trained on and judged by, and what to doubt."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from domain.doubtful_columns import column_warnings
from domain.doubtful_metrics import Counts, metric_warnings
from domain.experiment import Metrics
from domain.kinds.kind import Problem
from domain.moments import seconds_of
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task


@dataclass(frozen=True, slots=True)
class PartRows:
    """The rows of a part; of rows that are parted by time the first and the last moment of it, as they are stored."""

    rows: int
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What is found out where the rows are. parts: by "train", "valid", "test". counts: of these the rows of each
    label, where there are any. columns: what is to be doubted of them, in words."""

    parts: Mapping[str, PartRows]
    counts: Counts
    columns: Sequence[str]

    def to_plain(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Learned:
        """Of what `to_plain` gave."""
        parts = {name: PartRows(**values) for name, values in plain["parts"].items()}
        return cls(parts, plain["counts"], plain["columns"])

    def told(self, task: Task, metrics: Metrics) -> dict[str, object]:
        """In plain values, as an experiment keeps it: parts and warnings. metrics: of all parts."""
        return {"parts": {name: asdict(part) for name, part in self.parts.items()}, "warnings": [
            *metric_warnings(task, metrics, self.parts["test"].rows, self.counts), *self.columns]}


def look_at(task: Task, parts: Parts, importance: Mapping[str, float]) -> Learned:
    """importance: feature -> share of the whole."""
    tables = {"train": parts.train, "valid": parts.valid, "test": parts.test}
    counts = {name: _counts(task, table) for name, table in tables.items()} if _has_counts(task) else {}
    return Learned({name: _rows(task, table) for name, table in tables.items()}, counts,
                   column_warnings(task, parts, importance))


def _rows(task: Task, table: Table) -> PartRows:
    if task.split.by_time is None:
        return PartRows(table.n_rows)
    moments = table[task.split.by_time]
    seconds = seconds_of(moments)
    return PartRows(table.n_rows, str(moments[seconds.argmin()]), str(moments[seconds.argmax()]))


def _has_counts(task: Task) -> bool:
    """A pixel is no row."""
    return bool(task.labels) and task.problem is not Problem.SEGMENTATION


def _counts(task: Task, table: Table) -> Sequence[int]:
    found: list[int] = np.bincount(task.targets(table[task.schema.target.name]), minlength=len(task.labels)).tolist()
    return found
