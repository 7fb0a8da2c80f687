"""Rows on their way to a model, in whatever form they came."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.coercion import coerce, coerce_row
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

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        return coerce(columns, self.cells, text=True, first_row=self.first_row, optional=optional)


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
