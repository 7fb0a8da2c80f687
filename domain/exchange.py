"""The one flow of rows: a stream of parts, from what came to what is known of it.

One row, a file, an evaluation, a check and data to be added are all this; they differ in how far a part gets.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from domain.arrays import Array, Flags
from domain.cells import MAX_FAULTS, in_words
from domain.errors import Fault, InvalidInput
from domain.explaining import Explanations
from domain.forms import known
from domain.label_reader import LabelReader
from domain.prediction import Predictions
from domain.rows import Rows
from domain.schema import Column, Role
from domain.table import Table
from domain.task import Task

# Given rows, their table (None if they are not fit for one) and the number of the first of them, counted from 1: what
# else is wrong with them.
Check = Callable[[Rows, Table | None, int], Sequence[Fault]]


class Unlabelled:
    """Counts rows without a target, which teach nothing and judge nothing: they are left out, and how many is told."""

    def __init__(self, task: Task) -> None:
        self._target, self.rows = task.schema.target.name, 0

    def mask(self, table: Table) -> Flags:
        """Which rows have a target."""
        labelled = known(table[self._target])
        self.rows += len(labelled) - int(np.count_nonzero(labelled))
        return labelled

    def without(self, tables: Iterable[Table]) -> Iterator[Table]:
        """The rows that have one; tables without any are left out."""
        for table in tables:
            labelled = table.take(self.mask(table))
            if labelled.n_rows:
                yield labelled


def some_labelled(parts: Iterable[Part], task: Task) -> Iterator[Part]:
    """The same parts. Raises: InvalidInput at their end, if no row of any has a target."""
    target, found = task.schema.target.name, False
    for part in parts:
        found = found or bool(known(part.table[target]).any())
        yield part
    if not found:
        raise InvalidInput(f"there are no labelled rows to evaluate on: the column {target} has no value",
                           [Fault(f"column {target}", "has no value in any row")])


def marked(parts: Iterable[Part], task: Task) -> Iterator[Table]:
    """The tables, each with what came in the columns that are ignored, by which one row is told from another."""
    ignored = [column.name for column in task.schema.of(Role.IGNORED)]
    return (Table({**part.table.columns, **part.rows.marks(ignored)}) for part in parts)


def with_lenient_target(columns: Sequence[Column]) -> list[Column]:
    """The same columns, of which the target may be missing in a row."""
    return [replace(column, nullable=True) if column.role is Role.TARGET else column for column in columns]


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Some rows.

    rows: as they came. table: what the task's columns made of them, with the target where it was asked for. targets:
    as `Task.targets` gives them, None without labels. predictions: None where no model was asked; it took `model_s`
    seconds. explanations: None where none were asked for.
    """

    rows: Rows
    table: Table
    targets: Array | None = None
    predictions: Predictions | None = None
    model_s: float = 0.0
    explanations: Explanations | None = None

    @property
    def answers(self) -> Predictions:
        """The predictions of a part that a model was asked for."""
        assert self.predictions is not None
        return self.predictions

    @property
    def truth(self) -> Array:
        """The targets of a part with labels."""
        assert self.targets is not None
        return self.targets


def read_parts(
    chunks: Iterable[Rows], columns: Sequence[Column], optional: Iterable[str] = (),
    labels: LabelReader | None = None, check: Check = lambda *_: (),
) -> Iterator[Part]:
    """Each chunk as a part, coerced to these columns. After the first faulty one no more come, but the rest is still
    looked through, so that one answer names the faults of the whole file, in the order of its rows: those of cells, and
    those that whoever makes the chunks meets.

    Raises: InvalidInput, at the end, with 100 faults at most.
    """
    faults: list[Fault] = []
    first_row = 1
    for chunk in _taken(chunks, faults):
        table, found = _coerced(chunk, columns, optional)
        targets, wrong = labels.read(chunk, table, first_row) if labels else (None, ())
        faults += sorted([*found, *wrong, *check(chunk, table, first_row)], key=lambda fault: fault.row)
        first_row += chunk.n_rows
        if len(faults) >= MAX_FAULTS:
            break
        if table is not None and not faults:
            yield Part(chunk, table, targets)
    if faults:
        faults.sort(key=lambda fault: fault.row)
        raise InvalidInput(in_words(faults), faults[:MAX_FAULTS])


def _taken(chunks: Iterable[Rows], faults: list[Fault]) -> Iterator[Rows]:
    """What makes them fail joins the faults of earlier rows, of which it must hide none."""
    try:
        yield from chunks
    except InvalidInput as failure:
        if not (faults and failure.faults):
            raise
        faults += failure.faults


def _coerced(
    chunk: Rows, columns: Sequence[Column], optional: Iterable[str],
) -> tuple[Table | None, Sequence[Fault]]:
    try:
        return chunk.coerce(columns, optional), ()
    except InvalidInput as failure:
        if not failure.faults or any(fault.where.startswith("column ") for fault in failure.faults):
            raise  # the columns themselves are wrong, which every further chunk would only repeat
        return None, failure.faults
