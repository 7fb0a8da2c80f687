"""Rows into and out of PostgreSQL by COPY. pyarrow is imported when rows move: the serving process rarely needs it."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from adapters.sqlmodel.database import driver_of
from adapters.sqlmodel.feature_table import Part
from domain.arrays import Array
from domain.columns.rules import Form
from domain.table import Table

if TYPE_CHECKING:
    import pyarrow

# COPY's text format has one way to write each value; in its CSV a line that is only \. ends the data before version 18.
ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))


def write_rows(connection: Connection, part: Part, batch: int, first_row: int, table: Table) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.large_string()
    row_numbers = pc.cast(pa.array(np.arange(first_row, first_row + table.n_rows)), text)
    cells = [_cells(table[column.name], column.rules.form) for column in part.columns]
    lines = pc.binary_join_element_wise(
        pa.scalar(str(batch), text), row_numbers, *cells, pa.scalar("\t", text), null_handling="replace",
        null_replacement="\\N")
    lines = pc.binary_join_element_wise(lines, pa.scalar("", text), pa.scalar("\n", text))
    with driver_of(connection).cursor() as cursor:
        with cursor.copy(f'COPY "{part.table}" (batch, row_no, {part.quoted_names}) FROM STDIN') as copy:
            # The texts of an Arrow array lie one after the other: they are the file.
            _validity, offsets, texts = lines.buffers()
            end = np.frombuffer(offsets, dtype=np.int64)[table.n_rows]
            copy.write(memoryview(texts)[:end])


def read_rows(connection: Connection, part: Part, sql: str) -> dict[str, Array]:
    import pyarrow as pa
    from pyarrow import csv

    with driver_of(connection).cursor() as cursor:
        with cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)") as copy:
            data = b"".join(copy)
    types = {column.name: pa.float64() if column.rules.form is Form.NUMBERS else pa.large_string()
             for column in part.columns}
    if not data:
        return {name: _array(pa.array([], kind)) for name, kind in types.items()}
    read = csv.read_csv(
        pa.py_buffer(data), csv.ReadOptions(column_names=list(types), block_size=len(data) + 1, use_threads=False),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(column_types=types, null_values=[""], quoted_strings_can_be_null=False))
    return {name: _array(read[name].combine_chunks()) for name in types}


def _cells(values: Array, form: Form) -> pyarrow.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    if form is Form.NUMBERS:
        # The shortest text that gives the same number again.
        return pc.cast(pa.array(values, pa.float64(), from_pandas=True), pa.large_string())
    cells = pa.array([text or None for text in values.tolist()], pa.large_string())
    for character, escaped in ESCAPES:
        if pc.any(pc.match_substring(cells, character)).as_py():
            cells = pc.replace_substring(cells, character, escaped)
    return cells


def _array(column: pyarrow.Array) -> Array:
    import pyarrow as pa

    if column.type == pa.float64():
        numbers: NDArray[np.float32] = column.to_numpy(zero_copy_only=False, writable=True)
        return numbers
    values = np.empty(len(column), dtype=object)
    values[:] = column.to_pylist()
    return values
