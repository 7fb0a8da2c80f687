"""Labels that are too few, or that fell where they teach nothing: told when the data come, not by a failed training."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from domain.arrays import Array
from domain.kinds.kind import Problem
from domain.splitting import TEST, TRAIN, VALID, parting, too_few
from domain.table import Table, concat
from domain.task import Task

# Of so many rows one part without any is no matter of chance where single rows are parted: 0.7^100 is below 1e-15.
ENOUGH = 100
_FEW = 5
_MAX_NAMED = 20
_ADD = "add more rows with it"


def columns_looked_at(task: Task) -> list[str]:
    """What `warnings` wants of a table."""
    return list(dict.fromkeys([task.schema.target.name, *([task.split.column] if task.split.column else [])]))


def warnings(task: Task, tables: Iterable[Table], version_rows: Sequence[int]) -> list[str]:
    """What keeps a model from learning or being judged, in words that say what to do; empty where nothing does.

    tables: the columns looked at of all rows of a version, from its first; version_rows: as `parting` has them.
    """
    table = concat(list(tables))
    parts = parting(task.split, [table], version_rows)(table, 0)
    by_part = np.bincount(parts, minlength=3)
    if 0 in by_part:
        return [too_few(table.n_rows, dict(zip(("train", "valid", "test"), by_part.tolist(), strict=True)))]
    targets = task.targets(table[task.schema.target.name])
    if task.problem is Problem.REGRESSION:
        return _of_numbers(task, targets[parts == TRAIN])
    return _of_labels(task, [np.bincount(targets[parts == part], minlength=len(task.labels)) for part in
                             (TRAIN, VALID, TEST)])


def _of_numbers(task: Task, training: Array) -> list[str]:
    if len(np.unique(training.astype(np.float32))) > 1:
        return []
    return [f"all {len(training)} training rows have the same {task.schema.target.name}, so a training will fail: add "
            "rows with other values"]


def _of_labels(task: Task, counts: Sequence[Array]) -> list[str]:
    """counts: int64[labels] in train, valid and test."""
    train, valid, test = counts
    if np.count_nonzero(train) == 1 < len(task.labels):
        only = task.labels[int(train.argmax())]
        return [f"all {train.sum()} training rows have the label {only}, so a training will fail: add rows with "
                "another", *_told(task, np.flatnonzero(train == 0), counts)]
    return _told(task, np.flatnonzero((train < _FEW) | (test == 0)), counts)


def _told(task: Task, positions: Array, counts: Sequence[Array]) -> list[str]:
    told = [_of_label(task.labels[position], *(int(count[position]) for count in counts))
            for position in positions[:_MAX_NAMED].tolist()]
    return told if len(positions) <= _MAX_NAMED else [*told, f"and {len(positions) - _MAX_NAMED} labels more"]


def _of_label(label: object, train: int, valid: int, test: int) -> str:
    rows = train + valid + test
    if not rows:
        return f"no row has the label {label}, so no model will ever answer it: add rows with it"
    if not train:
        return (f"all {rows} rows with the label {label} are held out ({valid} to stop a training, {test} to judge "
                f"it), so no model can learn it: {_ADD}")
    if not test:
        return f"no held-out row has the label {label} ({rows} rows have), so it is not judged: {_ADD}"
    return f"{train} training rows have the label {label}, too few to learn it well: {_ADD}"


def may_be_few(task: Task, counts: Mapping[str, int]) -> bool:
    """Whether it is worth a look at all rows. counts: rows by label; empty of a regression."""
    return bool(task.split.column) or not counts or min(counts.values()) < ENOUGH
