"""Rows into and out of SQLite, in bulk."""
from __future__ import annotations

from itertools import repeat

import numpy as np
from sqlalchemy import Connection

from adapters.sqlmodel.database import driver_of
from adapters.sqlmodel.feature_table import Part
from domain.arrays import Array
from domain.columns.rules import Form
from domain.table import Table

# SQLite writes -0.0 to the file as 0; a blob in a REAL column stays as it is, and reads as the number where it is cast.
MINUS_ZERO = b"-0.0"


def write_rows(connection: Connection, part: Part, batch: int, first_row: int, table: Table) -> None:
    marks = ", ".join(repeat("?", len(part.columns)))
    sql = f'INSERT INTO "{part.table}" (batch, row_no, {part.quoted_names}) VALUES ({batch}, ?, {marks})'
    cells = [_cells(table[column.name], column.rules.form) for column in part.columns]
    connection.exec_driver_sql(sql, list(zip(range(first_row, first_row + table.n_rows), *cells, strict=True)))


def read_rows(connection: Connection, part: Part, sql: str) -> dict[str, Array]:
    # On the driver's own connection: SQLAlchemy's rows cost as much again.
    rows = driver_of(connection).execute(sql).fetchall()
    cells = zip(*rows, strict=True) if rows else repeat(())
    return {column.name: _column(values, column.rules.form) for column, values in zip(part.columns, cells)}


def _cells(values: Array, form: Form) -> list[float | str | bytes | None]:
    if form is not Form.NUMBERS:
        return [text or None for text in values.tolist()]
    # The driver stores NaN as NULL by itself.
    cells: list[float | str | bytes | None] = values.tolist()
    for position in np.flatnonzero((values == 0) & np.signbit(values)):
        cells[position] = MINUS_ZERO
    return cells


def _column(values: tuple[object, ...], form: Form) -> Array:
    if form is Form.NUMBERS:
        return np.array(values, dtype=np.float64)
    column = np.empty(len(values), dtype=object)
    column[:] = ["" if value is None else value for value in values]
    return column
