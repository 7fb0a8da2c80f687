"""Typed columns as JSON, in a form of its own."""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np

from application.ports.columnar_codec import ColumnarCodec, ColumnarForm, ColumnarTable
from application.ports.csv_codec import Cells, CsvLimits
from domain.arrays import Array
from domain.errors import InvalidInput, TooLarge

_MAGIC = b"COLUMNS:"
_CHUNK_ROWS = 1_000


class InMemoryColumnarCodec(ColumnarCodec):
    def fits(self, start: bytes) -> bool:
        return start.startswith(_MAGIC)

    def read(self, file: BinaryIO, limits: CsvLimits = CsvLimits()) -> ColumnarTable:
        try:
            form, columns = json.loads(file.read().removeprefix(_MAGIC))
        except ValueError as failure:
            raise InvalidInput("the file is damaged") from failure
        names = [name for name, _ in columns]
        if len(names) > limits.max_columns or any(len(cells) > limits.max_rows for _, cells in columns):
            raise TooLarge("the file is larger than is allowed")
        if wrong := [name for name, count in Counter(names).items() if count > 1 or not name.strip()]:
            raise InvalidInput(f"column {wrong[0]} is there twice or has no name")
        return ColumnarTable(form, tuple(names), _chunks(dict(columns), limits))

    def write(self, form: ColumnarForm, names: Sequence[str], chunks: Iterable[Mapping[str, Cells]]) -> Iterator[bytes]:
        columns: dict[str, list[Any]] = {name: [] for name in names}
        for chunk in chunks:
            for name, cells in columns.items():
                cells += _plain(chunk[name])
        yield _MAGIC + json.dumps([form, [(name, _of_one_type(cells)) for name, cells in columns.items()]]).encode()


def _plain(cells: Cells) -> list[Any]:
    return cells.tolist() if isinstance(cells, np.ndarray) else list(cells)


def _of_one_type(cells: list[Any]) -> list[Any]:
    has_text = any(isinstance(cell, str) for cell in cells)
    return [str(cell) if has_text and cell is not None else cell for cell in cells]


def _chunks(columns: Mapping[str, list[Any]], limits: CsvLimits) -> Iterator[Mapping[str, Array]]:
    n_rows = max(map(len, columns.values()), default=0)
    for cells in columns.values():
        if any(isinstance(cell, str) and len(cell) > limits.max_cell_chars for cell in cells):
            raise TooLarge("a cell is longer than is allowed")
    for start in range(0, n_rows, _CHUNK_ROWS):
        yield {name: _array(cells[start:start + _CHUNK_ROWS]) for name, cells in columns.items()}


def _array(cells: list[Any]) -> Array:
    kinds = set(map(type, cells))
    if len(kinds) == 1 and kinds <= {bool, int, float}:
        return np.array(cells)
    found = np.empty(len(cells), dtype=object)
    found[:] = cells
    return found
