"""A table with the answers that the maker of a model gives: what `/forward_batch` leaves as CSV, made elsewhere."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import BinaryIO

import numpy as np

from domain.columns import ColumnType
from domain.errors import Fault, InvalidInput
from domain.kinds.kind import Problem
from domain.makers_answers import MakersAnswers
from domain.schema import Column
from domain.table import Table, concat
from domain.task import Task
from entrypoints.formats.table_answers import answer_names, told_names
from entrypoints.formats.table_format import TableRows
from entrypoints.formats.table_reader import TableReader

_PREDICTION = "prediction"


class Checks(ABC):
    @abstractmethod
    def read(self, task: Task, file: BinaryIO, charset: str | None = None) -> MakersAnswers:
        """Raises: InvalidInput, TooLarge."""


class ChecksByProblem(Checks):
    def __init__(self, checks: Mapping[Problem, Checks]) -> None:
        self._checks = checks

    def read(self, task: Task, file: BinaryIO, charset: str | None = None) -> MakersAnswers:
        return self._checks[task.problem].read(task, file, charset)


class CheckFiles(Checks):
    def __init__(self, reader: TableReader) -> None:
        self._reader = reader

    def read(self, task: Task, file: BinaryIO, charset: str | None = None) -> MakersAnswers:
        file.seek(0)
        table = self._reader.read(file, charset)
        columns = answer_columns(task, table.names)
        chunks = [_coerced(task, columns, chunk) for chunk in table.chunks]
        if not chunks:
            raise refused("has no rows")
        return makers_answers(concat([rows for rows, _ in chunks]), concat([answers for _, answers in chunks]), columns)


def makers_answers(rows: Table, answers: Table, columns: Sequence[Column]) -> MakersAnswers:
    """columns: as `answer_columns` gives them."""
    if columns[0].type is ColumnType.CATEGORY:
        return MakersAnswers(rows, None, answers[_PREDICTION])
    return MakersAnswers(rows, np.column_stack([answers[column.name] for column in columns]), None)


def answer_columns(task: Task, names: Collection[str]) -> Sequence[Column]:
    """Probabilities where there are some: they say more than labels."""
    of_labels = answer_names(task.labels)[1:]
    missing = [name for name in of_labels if name not in names]
    if of_labels and not missing:
        return [Column(name, ColumnType.NUMBER) for name in of_labels]
    if len(missing) < len(of_labels):
        raise refused(f"has no column {', '.join(missing)}")
    if _PREDICTION not in names:
        raise refused(f"has no column {' or '.join([_PREDICTION, *of_labels[:1]])} with the maker's answers")
    return [Column(_PREDICTION, ColumnType.CATEGORY if task.labels else ColumnType.NUMBER, nullable=False)]


def _coerced(task: Task, columns: Sequence[Column], chunk: TableRows) -> tuple[Table, Table]:
    """The features, and the answers to them. Faults of both are told together."""
    further = {name for name in chunk.names if name in told_names(task)} | task.schema.spare_names
    both = chunk.coerce([*task.schema.features, *columns], further - {column.name for column in columns})
    return both.select(column.name for column in task.schema.features), both.select(column.name for column in columns)


def refused(problem: str) -> InvalidInput:
    return InvalidInput(f"the check {problem}", [Fault("check", problem)])
