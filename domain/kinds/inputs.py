"""The halves of kinds of task that say what comes in."""
from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from domain.arrays import Array
from domain.errors import Fault
from domain.kinds.kind import Kind, TaskRules
from domain.picture import made_pictures, schema_faults
from domain.table import Table

if TYPE_CHECKING:
    from domain.schema import Column
    from domain.task import Task

_MADE_ROWS = 512


class FromTables(TaskRules, ABC):
    kind = Kind.TABULAR
    # As many as a runner gives a model at once, and one more.
    trial_rows, step_rows, rows_are_small = 513, 65_536, True

    def column_faults(self, task: Task) -> list[Fault]:
        return [Fault(f"column {column.name}", f"a {column.type} belongs in a task of the kind image")
                for column in task.schema.columns if column.rules.from_files]

    def made_rows(self, columns: Sequence[Column], sample: Table, borders: Mapping[str, Array],
                  seed: int = 0) -> Table:
        """Missing numbers, values exactly on a border and just beside it, very large ones, unseen categories and empty
        texts; each in every column, alone and mixed."""
        random = np.random.default_rng(seed)
        rows = random.integers(0, sample.n_rows, _MADE_ROWS)
        made = {}
        for column in columns:
            values = sample[column.name][rows].copy()
            changed = np.flatnonzero(random.random(_MADE_ROWS) < 0.5)
            odd = column.rules.odd_values(borders.get(column.name, np.empty(0, np.float32)))
            values[changed] = random.choice(odd, len(changed))
            made[column.name] = values
        return Table(made)


class FromPictures(TaskRules, ABC):
    kind = Kind.IMAGE
    trial_rows, step_rows, rows_are_small = 16, 16, False

    def column_faults(self, task: Task) -> list[Fault]:
        return schema_faults(task.schema, self.target_type, len(task.labels))

    def made_rows(self, columns: Sequence[Column], sample: Table, borders: Mapping[str, Array],
                  seed: int = 0) -> Table:
        random = np.random.default_rng(seed)
        return Table({column.name: made_pictures(column, sample[column.name][0], random) for column in columns})
