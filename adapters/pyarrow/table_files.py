"""Tables as Parquet files: number columns float64, category columns string, no nulls; missing stays NaN or "". Pictures
and masks are bytes in the format of numpy (NEP 1)."""
from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from application.ports.table_files import TableFiles, TableSink, UnreadableTable
from domain.arrays import Array
from domain.columns.rules import Form
from domain.picture import cells
from domain.schema import Column
from domain.table import Table

_ARROW = {Form.NUMBERS: pa.float64(), Form.TEXTS: pa.string(), Form.ARRAYS: pa.large_binary()}


class ParquetTableFiles(TableFiles):
    @contextmanager
    def create(self, path: Path, columns: Sequence[Column]) -> Iterator[TableSink]:
        schema = pa.schema([(column.name, _ARROW[column.rules.form]) for column in columns])
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            yield _ParquetSink(writer)

    def read(self, path: Path, columns: Sequence[Column]) -> Table:
        try:
            arrow = pq.read_table(path, columns=[column.name for column in columns])
            return Table({column.name: _values(arrow.column(column.name), column) for column in columns})
        except (pa.ArrowException, OSError, KeyError, ValueError) as failure:
            raise UnreadableTable(f"{path.name} is not a table with the columns asked for: {failure}") from failure


class _ParquetSink(TableSink):
    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer

    def write(self, table: Table) -> None:
        arrays = [pa.array(_cells(table[field.name]), type=field.type, from_pandas=False)
                  for field in self._writer.schema]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._writer.schema))


def _cells(values: Array) -> list[bytes] | Array:
    is_pictures = values.dtype == object and len(values) and isinstance(values[0], np.ndarray)
    return [_packed(pixels) for pixels in values] if is_pictures else values


def _packed(pixels: Array) -> bytes:
    file = io.BytesIO()
    np.save(file, pixels, allow_pickle=False)
    return file.getvalue()


def _values(chunks: pa.ChunkedArray, column: Column) -> Array:
    form = column.rules.form
    if form is Form.ARRAYS:
        return cells([np.load(io.BytesIO(content.as_buffer()), allow_pickle=False) for content in chunks])
    values: Array = chunks.to_numpy()
    return values if form is Form.TEXTS else values.astype(np.float64, copy=False)
