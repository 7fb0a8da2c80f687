"""Rows on their way to a model, in whatever form they came, and the one walk over all of a file's."""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from domain.coercion import MAX_FAULTS, coerce, summary
from domain.errors import Fault, InvalidInput
from domain.schema import Column
from domain.table import Table


class Rows(Protocol):
    """Some rows on their way to a model, in whatever form they came."""

    @property
    def names(self) -> Collection[str]:
        """The columns that came."""

    @property
    def n_rows(self) -> int:
        """One, unless a class says otherwise."""
        return 1

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        """As `coerce` of domain.coercion."""


AnyRows = TypeVar("AnyRows", bound=Rows)
# Given rows, their table (None if they are not fit for one) and the number of the first of them, counted from 1: what
# else is wrong with them.
Check = Callable[[AnyRows, Table | None, int], Sequence[Fault]]


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


def coerce_all(
    chunks: Iterable[AnyRows], columns: Sequence[Column], optional: Iterable[str] = (),
    check: Check[AnyRows] = lambda *_: (),
) -> Iterator[tuple[AnyRows, Table]]:
    """Each chunk with its table. After the first faulty one no more come, but the rest is still looked through, so
    that one answer names the faults of the whole file, in the order of its rows.

    Raises: InvalidInput, at the end, with 100 faults at most.
    """
    faults, first_row = [], 1
    for chunk in chunks:
        table, found = _coerced(chunk, columns, optional)
        faults += sorted([*found, *check(chunk, table, first_row)], key=lambda fault: fault.row)
        first_row += chunk.n_rows
        if len(faults) >= MAX_FAULTS:
            break
        if not faults:
            yield chunk, table
    if faults:
        raise InvalidInput(summary(faults), faults[:MAX_FAULTS])


def _coerced(
    chunk: Rows, columns: Sequence[Column], optional: Iterable[str],
) -> tuple[Table | None, Sequence[Fault]]:
    try:
        return chunk.coerce(columns, optional), ()
    except InvalidInput as failure:
        if not failure.faults or any(fault.where.startswith("column ") for fault in failure.faults):
            raise  # the columns themselves are wrong, which every further chunk would only repeat
        return None, failure.faults
