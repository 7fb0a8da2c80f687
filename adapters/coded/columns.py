"""The columns of a task with numbers in the place of free texts and of dates."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adapters.coded.text_code import COUNTS, TextCode
from adapters.coded.time_code import TimeCode
from domain.arrays import Array
from domain.columns import ColumnType
from domain.kinds.kind import Problem
from domain.schema import Column, Role, Schema
from domain.table import Table
from domain.task import Task


@dataclass(frozen=True, eq=False)
class CodedColumns:
    """task: with a column of numbers for each that a code gives; names: those, by the column that they stand for."""

    task: Task
    codes: Mapping[str, TextCode | TimeCode]
    names: Mapping[str, Sequence[str]]

    def transform(self, table: Table) -> Table:
        """Also of rows without target."""
        return self.instead(table, {name: code.transform(table[name]) for name, code in self.codes.items()})

    def instead(self, table: Table, matrices: Mapping[str, Array]) -> Table:
        """matrices: by column what comes in its place."""
        made: dict[str, Array] = {}
        for name, values in table.columns.items():
            made |= dict(zip(self.names[name], matrices[name].astype(np.float64).T, strict=True)) if (
                name in matrices) else {name: values}
        return Table(made)

    def of_owners(self, shares: Mapping[str, float]) -> dict[str, float]:
        """By column of the task what its numbers have together."""
        owners = {each: name for name, each_of in self.names.items() for each in each_of}
        together: dict[str, float] = {}
        for name, share in shares.items():
            owner = owners.get(name, name)
            together[owner] = together.get(owner, 0.0) + share
        return together


def needs_code(column: Column) -> bool:
    return column.type in _CODED


def fit_columns(task: Task, rows: Table) -> tuple[CodedColumns, Table]:
    """Returns: the codes, and the rows to train on, in which no text is scored by a model that has seen its target."""
    codes: dict[str, TextCode | TimeCode] = {}
    in_training: dict[str, Array] = {}
    for column in filter(needs_code, task.schema.features):
        in_training[column.name], codes[column.name] = _CODED[column.type](task, rows, column.name)
    names = _names(task, codes)
    columns = CodedColumns(_with_numbers(task, names), codes, names)
    return columns, columns.instead(rows, in_training)


def _fit_texts(task: Task, rows: Table, column: str) -> tuple[Array, TextCode]:
    from adapters.coded.learning import fit_texts  # scikit-learn, a second of each training that has no text

    targets = task.targets(rows[task.schema.target.name])
    classes = 0 if task.problem is Problem.REGRESSION else len(task.labels)
    return fit_texts(rows[column], targets, classes, task.training.seed)


def _fit_times(task: Task, rows: Table, column: str) -> tuple[Array, TimeCode]:
    code = TimeCode.of(rows[column])
    return code.transform(rows[column]), code


_CODED: Mapping[ColumnType, Callable[[Task, Table, str], tuple[Array, TextCode | TimeCode]]] = {
    ColumnType.TEXT: _fit_texts, ColumnType.DATETIME: _fit_times}


def _names(task: Task, codes: Mapping[str, TextCode | TimeCode]) -> dict[str, list[str]]:
    """Of the numbers, each another than any column has."""
    taken = {column.name for column in task.schema.columns}
    names: dict[str, list[str]] = {}
    for column, code in codes.items():
        names[column] = []
        for what in code.parts if isinstance(code, TimeCode) else [*_scores(task), *COUNTS]:
            name = f"{column}: {what}"
            while name in taken:
                name += "'"
            taken.add(name)
            names[column].append(name)
    return names


def _scores(task: Task) -> list[str]:
    return [f"score of {label}" for label in task.labels] if len(task.labels) > 2 else ["score"]


def _with_numbers(task: Task, names: Mapping[str, Sequence[str]]) -> Task:
    columns = [made for column in task.schema.columns for made in (
        _numbers(task, column, names[column.name]) if column.role is Role.FEATURE and column.name in names
        else [column])]
    return replace(task, schema=Schema(tuple(columns)))


def _numbers(task: Task, column: Column, names: Sequence[str]) -> list[Column]:
    """The column itself is only named, where the rows are parted by it: that is not forgotten with it."""
    named = [replace(column, role=Role.SPLIT)] if column.name == task.split.column else []
    return [*named, *(Column(name, ColumnType.NUMBER) for name in names)]
