"""Rows on their way to a model, in whatever form they came."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

import numpy as np

from domain.arrays import Array
from domain.cells import text_of
from domain.coercion import coerce, coerce_row
from domain.columns.category import texts_of
from domain.columns.rules import Form
from domain.schema import Column
from domain.table import FewRows, Table

Cells = TypeVar("Cells", bound=Sized)


class Rows(ABC):
    """Some rows of a task, not looked at yet."""

    @property
    def name(self) -> str:
        """Of the file that they came as; empty for rows of a table."""
        return ""

    @property
    @abstractmethod
    def names(self) -> Collection[str]:
        """The columns that came."""

    @property
    def n_rows(self) -> int:
        """One, unless a class says otherwise."""
        return 1

    def tolerant(self) -> Rows:
        """The same, whatever columns came beside those that are asked for: none of them is unknown to `coerce`."""
        return self

    def marks(self, names: Collection[str]) -> Mapping[str, Array]:
        """What stands in those of these columns that came, as object[n_rows] of str: what tells rows apart of which
        nothing else is kept."""
        return {}

    @abstractmethod
    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        """As `coerce` of domain.coercion."""


@dataclass(frozen=True, eq=False, slots=True)
class JsonRow(Rows):
    """One row, a JSON object. takes_any: see `tolerant`."""

    cells: Mapping[str, object]
    takes_any: bool = False

    @property
    def names(self) -> Collection[str]:
        return self.cells.keys()

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        return coerce_row(columns, self.cells, (*optional, *self.cells) if self.takes_any else optional)

    def marks(self, names: Collection[str]) -> Mapping[str, Array]:
        return {name: texts_of(["" if (value := self.cells[name]) is None else str(text_of(value)).strip()])
                for name in names if name in self.cells}

    def tolerant(self) -> JsonRow:
        return replace(self, takes_any=True)


@dataclass(frozen=True, eq=False, slots=True)
class ColumnRows(Rows, Generic[Cells]):
    """Columns of cells: name -> n_rows cells. first_row: the number of the first row, counted from 1 in its file.
    takes_any: see `tolerant`."""

    cells: Mapping[str, Cells]
    first_row: int = 1
    takes_any: bool = False

    @property
    def names(self) -> Collection[str]:
        return self.cells.keys()

    @property
    def n_rows(self) -> int:
        return next((len(cells) for cells in self.cells.values()), 0)

    @property
    @abstractmethod
    def texts(self) -> TextRows:
        """The same rows as a CSV would hold them."""

    def marks(self, names: Collection[str]) -> Mapping[str, Array]:
        wanted = replace(self, cells={name: self.cells[name] for name in names if name in self.cells})
        return {name: texts_of(list(map(str.strip, cells))) for name, cells in wanted.texts.cells.items()}

    def renamed(self, names: Mapping[str, str]) -> Self:
        """names: old -> new, of some columns."""
        return replace(self, cells={names.get(name, name): cells for name, cells in self.cells.items()})

    def tolerant(self) -> Self:
        return replace(self, takes_any=True)

    def _accepted(self, optional: Iterable[str]) -> Iterable[str]:
        return (*optional, *self.cells) if self.takes_any else optional

    def without(self, names: Collection[str]) -> Self:
        """Without these columns."""
        return replace(self, cells={name: cells for name, cells in self.cells.items() if name not in names})


class TextRows(ColumnRows[Sequence[str]]):
    """Rows of a CSV."""

    __slots__ = ()

    @property
    def texts(self) -> TextRows:
        return self

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        return coerce(columns, self.cells, text=True, first_row=self.first_row, optional=self._accepted(optional))


class ValueRows(ColumnRows[Sequence[object]]):
    """Rows with typed cells, values as JSON gives them.

    In a column of texts a number or a boolean is its text, as another file of the same rows would have it.
    """

    __slots__ = ()

    @property
    def texts(self) -> TextRows:
        return TextRows({name: _texts(values) for name, values in self.cells.items()}, self.first_row)

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        of_texts = {column.name for column in columns if column.rules.form is Form.TEXTS}
        cells = {name: list(map(text_of, values)) if name in of_texts else values
                 for name, values in self.cells.items()}
        return coerce(columns, cells, text=False, first_row=self.first_row, optional=self._accepted(optional))


class ArrayRows(ColumnRows[Array]):
    """Rows as arrays: name -> [n_rows] of booleans, integers, floats (NaN for missing) or Python values as JSON gives
    them. An array that is what its column wants is taken as a whole."""

    __slots__ = ()

    @property
    def texts(self) -> TextRows:
        return TextRows({name: _texts(_plain(cells)) for name, cells in self.cells.items()}, self.first_row)

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        found = ((column, self._whole(column, self.cells[column.name]))
                 for column in columns if column.name in self.cells)
        whole = {column.name: array for column, array in found if array is not None}
        values = {name: _plain(cells) for name, cells in self.cells.items() if name not in whole}
        others = ValueRows(values, self.first_row).coerce(
            [column for column in columns if column.name not in whole], self._accepted(optional))
        made = whole | dict(others.columns)
        return Table({column.name: made[column.name] for column in columns})

    def _whole(self, column: Column, cells: Array) -> Array | None:
        return column.rules.whole(column, cells)


class AskedArrays(ArrayRows):
    """Rows of which nothing is wanted but answers: finite numbers that came as float32 stay so, as models take them."""

    __slots__ = ()

    def _whole(self, column: Column, cells: Array) -> Array | None:
        if cells.dtype == np.float32 and column.rules.form is Form.NUMBERS and np.isfinite(cells).all():
            return cells
        return super()._whole(column, cells)


def _texts(values: Sequence[object]) -> list[str]:
    return ["" if value is None else str(text_of(value)) for value in values]


def _plain(cells: Array) -> list[Any]:
    """As JSON gives them."""
    values: list[Any] = cells.tolist()
    return [None if value != value else value for value in values] if cells.dtype.kind == "f" else values


@dataclass(frozen=True, eq=False, slots=True)
class CoercedRows(Rows):
    """Rows that went through coercion once, before they were stored."""

    table: Table

    @property
    def names(self) -> Collection[str]:
        return self.table.columns.keys()

    @property
    def n_rows(self) -> int:
        return self.table.n_rows

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        return self.table.select(column.name for column in columns)


@dataclass(frozen=True, eq=False, slots=True)
class ReadRows(Rows):
    """Rows that came as what the columns of their task make of them; they are for these columns alone."""

    table: FewRows

    @property
    def names(self) -> Collection[str]:
        return self.table.rows[0].keys()

    @property
    def n_rows(self) -> int:
        return self.table.n_rows

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        return self.table
