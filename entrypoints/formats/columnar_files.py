"""Parquet and Arrow: rows with typed cells."""
from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from application.ports.columnar_codec import ColumnarCodec
from application.ports.csv_codec import CsvLimits
from domain.rows import ArrayRows
from entrypoints.formats.table_format import FileFacts, ReadTable, TableFormat, beside
from entrypoints.formats.unpacked import Unpacked

# What pandas calls an index that has no name.
_INDEX = re.compile(r"__index_level_\d+__")


class ColumnarFiles(TableFormat):
    def __init__(self, codec: ColumnarCodec, limits: CsvLimits) -> None:
        self._codec, self._limits = codec, limits

    def fits(self, start: bytes) -> bool:
        return self._codec.fits(start)

    def read(self, file: Unpacked, charset: str | None) -> ReadTable:
        with file.seekable() as whole:
            table = self._codec.read(whole, self._limits)
        index = [name for name in table.names if _INDEX.fullmatch(name)]
        left_out = [*(f"column {name}, the index of pandas" for name in index), *beside(file.left_out)]
        names = [name for name in table.names if name not in index]
        return ReadTable(names, self._rows(file, index), FileFacts(table.form, packed=file.packed, left_out=left_out))

    def _rows(self, file: Unpacked, index: Collection[str]) -> Iterator[ArrayRows]:
        first_row = 1
        with file.seekable() as whole:
            for cells in self._codec.read(whole, self._limits).chunks:
                rows = ArrayRows(cells, first_row).without(index)
                yield rows
                first_row += rows.n_rows
