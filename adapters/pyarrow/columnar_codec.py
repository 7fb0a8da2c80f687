"""Parquet and Arrow by pyarrow."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from io import RawIOBase
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from adapters.pyarrow.arrow_cells import CellReader, is_cell_type, longest, most_chars
from application.ports.columnar_codec import ColumnarCodec, ColumnarForm, ColumnarTable
from application.ports.csv_codec import Cells, CsvLimits
from domain.arrays import Array
from domain.errors import Fault, InvalidInput, TooLarge

# Imported where it is used: it takes 50 MB, and a service that answers single rows never needs it.
if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_PARQUET, _ARROW_FILE, _ARROW_STREAM = b"PAR1", b"ARROW1\0\0", b"\xff\xff\xff\xff"
_CHUNK_ROWS, _GROUP_ROWS = 16_384, 65_536
# What a file says of itself may be long where it has many columns, but not without end.
_HEAD_BYTES, _HEAD_ENTRIES = 64 << 20, 1_000_000
# Of the rows that are unpacked together.
_MAX_GROUP_BYTES = 1 << 30
# Of texts that are in memory as cells at once: many rows may share one that stands in the file once.
_CHUNK_CHARS = 16 << 20
_BYTES_OF_A_CHAR = 4


class PyarrowColumnarCodec(ColumnarCodec):
    def fits(self, start: bytes) -> bool:
        return start.startswith((_PARQUET, _ARROW_FILE, _ARROW_STREAM))

    def read(self, file: BinaryIO, limits: CsvLimits = CsvLimits()) -> ColumnarTable:
        start = file.read(len(_PARQUET))
        file.seek(0)
        with _told():
            schema, batches = _parquet(file, limits) if start == _PARQUET else _arrow(file, start)
        _check_columns(schema, limits)
        form = ColumnarForm.PARQUET if start == _PARQUET else ColumnarForm.ARROW
        return ColumnarTable(form, tuple(schema.names), _chunks(batches, limits))

    def write(self, form: ColumnarForm, names: Sequence[str], chunks: Iterable[Mapping[str, Cells]]) -> Iterator[bytes]:
        chunks = iter(chunks)
        first: Mapping[str, Cells] = next(chunks, dict.fromkeys(names, ()))
        fields = {name: _type_of(first[name]) for name in names}
        sink = _Sink()
        with closing(_writer(form, sink, fields)) as writer:
            for table in _groups(fields, chain((first,), chunks)):
                writer.write_table(table)
                yield sink.taken()
        yield sink.taken()


@contextmanager
def _told() -> Iterator[None]:
    """Raises: InvalidInput for a damaged file."""
    import pyarrow as pa
    try:
        yield
    except (pa.ArrowException, OSError, EOFError) as failure:
        problem = f"is damaged, or breaks off: {str(failure).splitlines()[0][:200]}"
        raise InvalidInput(f"the file {problem}", [Fault("file", problem)]) from failure


def _parquet(file: BinaryIO, limits: CsvLimits) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Raises: TooLarge, before anything is unpacked."""
    import pyarrow.parquet as pq
    opened = pq.ParquetFile(file, thrift_string_size_limit=_HEAD_BYTES, thrift_container_size_limit=_HEAD_ENTRIES)
    found = opened.metadata
    if found.num_rows > limits.max_rows:
        raise TooLarge(f"the file has {found.num_rows} rows; {limits.max_rows} are allowed")
    largest = max((found.row_group(group).total_byte_size for group in range(found.num_row_groups)), default=0)
    if largest > _MAX_GROUP_BYTES:
        raise TooLarge(f"a row group of the file unpacks to {largest} bytes; {_MAX_GROUP_BYTES} are allowed: write it "
                       "with smaller row groups")
    return opened.schema_arrow, _groups_of(opened, file, limits)


def _groups_of(opened: pq.ParquetFile, file: BinaryIO, limits: CsvLimits) -> Iterator[pa.RecordBatch]:
    """Begun once the columns are known to be of cells. Texts that the file holds once for many rows stay so."""
    import pyarrow.parquet as pq
    rows, found = _rows_at_once(file, opened.metadata, limits), opened.metadata
    once = [path for path, chunks in _texts(found) if all(_is_coded(chunk) for chunk in chunks)]
    yield from pq.ParquetFile(file, metadata=found, read_dictionary=once).iter_batches(rows)


def _is_coded(chunk: pq.ColumnChunkMetaData) -> bool:
    """Whether its texts stand in a dictionary, of which pyarrow makes codes; of other encodings it makes none."""
    used = " ".join(chunk.encodings)
    return "DICTIONARY" in used and "DELTA" not in used


def _rows_at_once(file: BinaryIO, found: pq.FileMetaData, limits: CsvLimits) -> int:
    """So many that what they unpack to stays within bounds. Raises: TooLarge."""
    once = differing = 1
    for path, chunks in _texts(found):
        if any("DELTA_BYTE_ARRAY" in each.encodings for each in chunks):
            # Written as what differs from the one before; each may be as long as all that is there.
            differing += max(each.total_uncompressed_size for each in chunks)
        else:
            once += _longest_shared(file, found, path, limits)
    return max(1, min(_CHUNK_ROWS, _CHUNK_CHARS // once, _MAX_GROUP_BYTES // 16 // differing))


def _longest_shared(file: BinaryIO, found: pq.FileMetaData, path: str, limits: CsvLimits) -> int:
    """In bytes, of the texts that stand in the file once for as many rows as have them: a file of some kilobytes may
    hold gigabytes in this way. Raises: TooLarge."""
    import pyarrow.parquet as pq
    from pyarrow import compute
    opened, longest = pq.ParquetFile(file, metadata=found, read_dictionary=[path]), 0
    for group in range(found.num_row_groups):
        for batch in opened.iter_batches(1, row_groups=[group], columns=[path]):
            longest = max(longest, compute.max(compute.binary_length(batch.column(0).dictionary)).as_py() or 0)
            break
    if longest > limits.max_cell_chars * _BYTES_OF_A_CHAR:
        raise TooLarge(f"column {path}: a text has {longest} bytes; {limits.max_cell_chars} characters are allowed")
    return longest


def _texts(found: pq.FileMetaData) -> Iterator[tuple[str, list[pq.ColumnChunkMetaData]]]:
    """(path, its parts) of each column of texts."""
    for place in range(found.num_columns):
        column = found.schema.column(place)
        if column.logical_type.type == "STRING" or column.converted_type == "UTF8":
            yield column.path, [found.row_group(group).column(place) for group in range(found.num_row_groups)]


def _arrow(file: BinaryIO, start: bytes) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    import pyarrow as pa
    if start == _ARROW_STREAM:
        stream = pa.ipc.open_stream(file)
        return stream.schema, iter(stream)
    opened = pa.ipc.open_file(file)
    return opened.schema, map(opened.get_batch, range(opened.num_record_batches))


def _check_columns(schema: pa.Schema, limits: CsvLimits) -> None:
    """Raises: InvalidInput, TooLarge."""
    if len(schema.names) > limits.max_columns:
        raise TooLarge(f"the file has {len(schema.names)} columns; {limits.max_columns} are allowed")
    faults = [Fault(f"column {name}", "is there twice") for name, count in Counter(schema.names).items() if count > 1]
    faults += [Fault(f"column {place}", "has no name")
               for place, name in enumerate(schema.names, 1) if not name.strip()]
    faults += [Fault(f"column {field.name}", f"is of the type {str(field.type)[:80]}; a cell is a number, a text, a "
                     "boolean, a day or a moment") for field in schema if not is_cell_type(field.type)]
    if faults or not schema.names:
        faults = faults or [Fault("file", "has no columns")]
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)


def _chunks(batches: Iterator[pa.RecordBatch], limits: CsvLimits) -> Iterator[Mapping[str, Array]]:
    """Raises: InvalidInput, TooLarge."""
    first_row, reader = 1, CellReader(limits.max_cell_chars)
    while True:
        with _told():
            batch = next(batches, None)
        if batch is None:
            return
        with _told():
            rows = _rows_of_a_chunk(batch)
        for start in range(0, batch.num_rows, rows):
            part = batch.slice(start, rows)
            if first_row + part.num_rows - 1 > limits.max_rows:
                raise TooLarge(f"the file has more than {limits.max_rows} rows")
            with _told():
                yield {name: reader.cells(part.column(place), name, first_row)
                       for place, name in enumerate(batch.schema.names)}
            first_row += part.num_rows


def _rows_of_a_chunk(batch: pa.RecordBatch) -> int:
    """So many that their texts are no more than a chunk may have, were all as long as the longest."""
    longest_row = sum(map(most_chars, batch.columns))
    if longest_row * batch.num_rows > _CHUNK_CHARS:
        longest_row = sum(map(longest, batch.columns))
    return max(1, min(_CHUNK_ROWS, _CHUNK_CHARS // max(1, longest_row)))


class _Sink(RawIOBase):
    """What was written since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        written, self._written = bytes(self._written), bytearray()
        return written


def _writer(form: ColumnarForm, sink: _Sink, fields: Mapping[str, pa.DataType]) -> Any:
    import pyarrow as pa
    schema = pa.schema(list(fields.items()))
    if form is ColumnarForm.ARROW:
        return pa.ipc.new_stream(sink, schema)
    import pyarrow.parquet as pq
    return pq.ParquetWriter(sink, schema, compression="zstd")


def _groups(fields: Mapping[str, pa.DataType], chunks: Iterable[Mapping[str, Cells]]) -> Iterator[pa.Table]:
    """Enough rows together for a row group that reads fast."""
    import pyarrow as pa
    waiting: list[pa.Table] = []
    for chunk in chunks:
        waiting.append(pa.table({name: _array(chunk[name], kind) for name, kind in fields.items()}))
        if sum(table.num_rows for table in waiting) >= _GROUP_ROWS:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _type_of(cells: Cells) -> pa.DataType:
    """Text, where nothing tells."""
    import pyarrow as pa
    found = _plain(cells, None)
    return pa.string() if found is None or pa.types.is_null(found.type) else found.type


def _array(cells: Cells, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa
    found = _plain(cells, kind)
    if found is not None:
        return found
    return pa.array([None if cell is None else str(cell) for cell in cells]).cast(kind)


def _plain(cells: Cells, kind: pa.DataType | None) -> pa.Array | None:
    """None where the cells are not all of one type, or not of this one."""
    import pyarrow as pa
    try:
        return pa.array(cells, kind, from_pandas=False) if isinstance(cells, np.ndarray) else pa.array(cells, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
