"""Rows on their way to a model, in whatever form they came."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar

from domain.cells import text_of
from domain.coercion import coerce, coerce_row
from domain.columns.rules import Form
from domain.schema import Column
from domain.table import Table

Cell = TypeVar("Cell")


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

    @abstractmethod
    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        """As `coerce` of domain.coercion."""


@dataclass(frozen=True, eq=False, slots=True)
class JsonRow(Rows):
    """One row, a JSON object."""

    cells: Mapping[str, object]

    @property
    def names(self) -> Collection[str]:
        return self.cells.keys()

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        return coerce_row(columns, self.cells, optional)


@dataclass(frozen=True, eq=False, slots=True)
class _Columns(Rows, Generic[Cell]):
    """Columns of cells: name -> n_rows cells. first_row: the number of the first row, counted from 1 in its file."""

    cells: Mapping[str, Sequence[Cell]]
    first_row: int = 1

    @property
    def names(self) -> Collection[str]:
        return self.cells.keys()

    @property
    def n_rows(self) -> int:
        return next((len(cells) for cells in self.cells.values()), 0)

    def without(self, names: Collection[str]) -> Self:
        """Without these columns."""
        return replace(self, cells={name: cells for name, cells in self.cells.items() if name not in names})


class TextRows(_Columns[str]):
    """Rows of a CSV."""

    __slots__ = ()

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        return coerce(columns, self.cells, text=True, first_row=self.first_row, optional=optional)


class ValueRows(_Columns[object]):
    """Rows with typed cells, values as JSON gives them.

    In a column of texts a number or a boolean is its text, as another file of the same rows would have it.
    """

    __slots__ = ()

    @property
    def texts(self) -> TextRows:
        """The same rows as a CSV would hold them."""
        texts = {name: ["" if value is None else str(text_of(value)) for value in values]
                 for name, values in self.cells.items()}
        return TextRows(texts, self.first_row)

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        of_texts = {column.name for column in columns if column.rules.form is Form.TEXTS}
        cells = {name: list(map(text_of, values)) if name in of_texts else values
                 for name, values in self.cells.items()}
        return coerce(columns, cells, text=False, first_row=self.first_row, optional=optional)


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
