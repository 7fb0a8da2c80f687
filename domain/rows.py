"""Rows on their way to a model, in whatever form they came."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.cells import text_of
from domain.coercion import coerce, coerce_row
from domain.columns.rules import Form
from domain.schema import Column
from domain.table import Table


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
class TextRows(Rows):
    """Rows of a CSV: name -> n_rows texts. first_row: the number of the first one, counted from 1 in its file."""

    cells: Mapping[str, Sequence[str]]
    first_row: int = 1

    @property
    def names(self) -> Collection[str]:
        return self.cells.keys()

    @property
    def n_rows(self) -> int:
        return next((len(texts) for texts in self.cells.values()), 0)

    def without(self, names: Collection[str]) -> TextRows:
        """Without these columns."""
        return TextRows({name: cells for name, cells in self.cells.items() if name not in names}, self.first_row)

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        return coerce(columns, self.cells, text=True, first_row=self.first_row, optional=optional)


@dataclass(frozen=True, eq=False, slots=True)
class ValueRows(Rows):
    """Rows with typed cells: name -> n_rows values as JSON gives them. first_row: as of TextRows.

    In a column of texts a number or a boolean is its text, as another file of the same rows would have it.
    """

    cells: Mapping[str, Sequence[object]]
    first_row: int = 1

    @property
    def names(self) -> Collection[str]:
        return self.cells.keys()

    @property
    def n_rows(self) -> int:
        return next((len(values) for values in self.cells.values()), 0)

    def without(self, names: Collection[str]) -> ValueRows:
        """Without these columns."""
        return ValueRows({name: cells for name, cells in self.cells.items() if name not in names}, self.first_row)

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
