"""Tables by path, in memory."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from application.ports.table_files import TableFiles, TableSink, UnreadableTable
from domain.arrays import Array
from domain.columns import ColumnType
from domain.schema import Column
from domain.table import Table, concat


class InMemoryTableFiles(TableFiles):
    def __init__(self) -> None:
        self._tables: dict[Path, Table] = {}

    @contextmanager
    def create(self, path: Path, columns: Sequence[Column]) -> Iterator[TableSink]:
        sink = _ListSink([column.name for column in columns])
        sink.write(Table({column.name: _nothing(column) for column in columns}))
        yield sink
        self._tables[path] = concat(sink.tables)

    def read(self, path: Path, columns: Sequence[Column]) -> Table:
        try:
            return self._tables[path].select(column.name for column in columns).take(slice(None))
        except KeyError as failure:
            raise UnreadableTable(f"{path.name} is no table with these columns") from failure


class _ListSink(TableSink):
    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self.tables: list[Table] = []

    def write(self, table: Table) -> None:
        self.tables.append(table.select(self._names))


def _nothing(column: Column) -> Array:
    return np.empty(0, dtype=np.float64 if column.type is ColumnType.NUMBER else object)
