from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import RawIOBase
from threading import Semaphore
from typing import TYPE_CHECKING

import numpy as np

from adapters.pyarrow.arrow_texts import ArrowTexts
from adapters.pyarrow.csv_text import NEVER_CLOSED, NO_NAME, NO_SEPARATOR, CheckedStream, Header, read_header
from application.ports.csv_codec import SEPARATORS, Cells, CsvCells, CsvChunk, CsvCodec, CsvLimits, Readable
from domain.arrays import Floats
from domain.cells import MAX_FAULTS
from domain.errors import Fault, InvalidInput, TooLarge

# pyarrow reads 32 blocks ahead of the one that is looked at, unless it is held up. It reads in threads of its own, of
# which there are eight at first: one that is held up stands in the way of others. It waits for nobody where the rows
# are left, or where the first blocks have none.
_BLOCKS_AHEAD, _READING_THREADS, _OPENING_S, _LOOKING_S = 3, 64, 0.05, 0.25
# Of a chunk.
_MOST_ROWS = 1 << 14
# Imported where it is used: it takes 50 MB, and a service that answers single rows never needs it.
if TYPE_CHECKING:
    import pyarrow as pa


class PyarrowCsvCodec(CsvCodec):
    def read(self, stream: Readable, limits: CsvLimits = CsvLimits()) -> CsvCells:
        checked = CheckedStream(stream)
        header = read_header(checked, limits)
        separator = "" if header.separator == NO_SEPARATOR else header.separator
        return CsvCells(header.names, _Reading(checked, header, limits).chunks(), header.left_out, separator)

    def write(self, names: Sequence[str], chunks: Iterable[Mapping[str, Cells]]) -> Iterator[bytes]:
        yield ",".join(map(_quoted_name, names)).encode() + b"\n"
        for chunk in chunks:
            yield _text(names, chunk)


class _Rows(RawIOBase):
    """What pyarrow reads: the rows, and after them one that tells how they ended, marked by a NUL as no cell is.

    Where the text could be read to its end the mark is the last cell of a row of its own, unless an open quote swallows
    it. Where not, it is put into the row that cannot be read on, so that this row is counted whatever is in it.
    """

    def __init__(self, checked: CheckedStream, header: Header) -> None:
        super().__init__()
        self._checked = checked
        # pyarrow takes a BOM off, which here would belong to the first cell; a blank line first is no row.
        self._before = b"\n"
        self._mark = b"\n" + header.separator.encode() * (header.width - 1) + b"\0\n"
        self._ended = False
        self._room, self._patience_s = Semaphore(_BLOCKS_AHEAD), _OPENING_S

    def rows_of(self, opened: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The same, for each of which one block more may be read."""
        self._patience_s = _LOOKING_S
        try:
            for batch in opened:
                self._room.release()
                yield batch
        finally:
            self._patience_s = 0
            self._room.release()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Two things that pyarrow 26 misreads are kept from it: LF first in a block after one that ended with CR, which
        it drops even in a quoted cell, and a block of one CR or LF, so the mark comes in one block with the last rows.
        """
        self._room.acquire(timeout=self._patience_s)
        if self._ended:
            return b""
        room = size - len(self._before) - len(self._mark)
        rows, before, self._before = self._checked.read(room), self._before, b""
        if len(rows) < room:
            self._ended = True
            return before + rows + (b"\0" if self._checked.problem else self._mark)
        if rows.endswith(b"\r"):
            self._checked.give_back(b"\r")
            rows = rows[:-1]
        return before + rows


class _RaggedRows:
    """Rows of a wrong width; pyarrow calls it with each."""

    def __init__(self) -> None:
        self.count = 0
        self.faults: list[Fault] = []
        self.holds_end = False

    def __call__(self, row: pa.csv.InvalidRow) -> str:
        self.count += 1
        if "\0" in row.text:
            self.holds_end = True
        else:
            self.faults.append(Fault(f"row {row.number}", _width_problem(row.actual_columns, row.expected_columns),
                                     row=row.number or 0))
        return "error" if len(self.faults) == MAX_FAULTS else "skip"


def _width_problem(found: int, expected: int) -> str:
    return f"has {found} {'cell' if found == 1 else 'cells'}, the header has {expected}"


def _cut(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What is done with a column at once keeps all other threads of Python waiting: a block of short rows has very many
    of them."""
    for batch in batches:
        for start in range(0, batch.num_rows, _MOST_ROWS):
            yield batch.slice(start, _MOST_ROWS)


class _Reading:
    """One file on its way through. _rows counts the rows that have come out of pyarrow, not the ragged ones."""

    def __init__(self, checked: CheckedStream, header: Header, limits: CsvLimits) -> None:
        self._checked, self._header, self._limits = checked, header, limits
        # A row reaches over two blocks at most if it is shorter than one, and pyarrow reads it then. What a block costs
        # by itself, and its texts that come again, half as many blocks cost half of.
        self._block_bytes = 2 * (limits.max_row_bytes + header.width + 8)
        # By their positions, as several may have no name.
        self._read = [str(position) for position in sorted((*header.named, *header.empty))]
        self._ragged = _RaggedRows()
        self._rows = 0

    def chunks(self) -> Iterator[CsvChunk]:
        for batch in _cut(self._batches()):
            first_row, self._rows = self._rows + 1, self._rows + batch.num_rows
            if not self._ragged.faults:
                cells = {self._header.raw_names[position]: ArrowTexts(batch.column(str(position)))
                         for position in self._header.named}
                self._check_size(cells, first_row)
                self._check_empty(batch, first_row)
                yield CsvChunk(first_row, cells)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of the file, each batch held back until the next one comes: the very last row is the mark."""
        import pyarrow as pa
        held = pa.record_batch([pa.array([], pa.string())] * len(self._read), self._read)
        try:
            for batch in self._open():
                if batch.num_rows:
                    yield held
                    held = batch
        except pa.ArrowInvalid as failure:
            yield held
            raise self._stopped(failure) from failure
        yield held if self._ragged.holds_end else held.slice(0, held.num_rows - 1)
        self._check_end(held)

    def _open(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from pyarrow import csv
        if pa.io_thread_count() < _READING_THREADS:
            pa.set_io_thread_count(_READING_THREADS)
        header, names = self._header, [str(position) for position in range(self._header.width)]
        rows = _Rows(self._checked, header)
        return rows.rows_of(csv.open_csv(
            rows,
            # Only without threads does pyarrow count the rows for the handler of invalid ones.
            csv.ReadOptions(column_names=names, block_size=self._block_bytes, use_threads=False),
            csv.ParseOptions(delimiter=header.separator, newlines_in_values=True, invalid_row_handler=self._ragged),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), check_utf8=False,
                               include_columns=self._read)))

    def _check_size(self, cells: Mapping[str, ArrowTexts], first_row: int) -> None:
        if self._rows > self._limits.max_rows:
            raise TooLarge(f"the file has more than {self._limits.max_rows} rows")
        limit = self._limits.max_cell_chars
        for name, texts in cells.items():
            if (row := _first_longer(texts, limit)) is not None:
                raise TooLarge(f"row {first_row + row}, column {name}: is longer than {limit} characters")

    def _check_empty(self, batch: pa.RecordBatch, first_row: int) -> None:
        found = [(row, position) for position in self._header.empty
                 if (row := _first_filled(batch.column(str(position)))) is not None]
        if found:
            raise _invalid([Fault(f"row {first_row + row}", NO_NAME.format(position + 1), row=first_row + row)
                            for row, position in sorted(found)])

    def _check_end(self, last: pa.RecordBatch) -> None:
        faults, row = self._ragged.faults, self._rows + self._ragged.count + (not self._ragged.holds_end)
        if self._checked.problem:
            faults = [*faults, Fault(f"row {row}", self._checked.problem, row=row)]
        elif self._ragged.holds_end or last.column(last.num_columns - 1)[-1].as_py() != "\0":
            faults = [*faults, Fault(f"row {row}", NEVER_CLOSED, row=row)]
        if faults:
            raise _invalid(faults)

    def _stopped(self, failure: pa.ArrowInvalid) -> InvalidInput | TooLarge:
        if self._ragged.faults:
            return _invalid(self._ragged.faults)
        row = self._rows + 1
        if "straddling" in str(failure):
            return TooLarge(f"row {row}: is longer than {self._limits.max_row_bytes} bytes; "
                            "is a quote opened and never closed?")
        return _invalid([Fault(f"row {row}", f"cannot be read: {failure}", row=row)])


def _first_longer(texts: ArrowTexts, limit: int) -> int | None:
    """The position of the first text of more than `limit` characters, if there is one."""
    from pyarrow import compute
    # Bytes are known without a look at the text, and are never fewer than the characters.
    if texts.lengths.max() <= limit:
        return None
    longer = compute.greater(compute.utf8_length(texts.array), limit)
    found = compute.index(longer, True).as_py()
    return None if found < 0 else found


def _first_filled(texts: pa.StringArray) -> int | None:
    """The position of the first text that is more than space, if there is one."""
    from pyarrow import compute
    found = compute.index(compute.greater(compute.binary_length(compute.utf8_trim_whitespace(texts)), 0), True).as_py()
    return None if found < 0 else found


def _invalid(faults: Sequence[Fault]) -> InvalidInput:
    first = f"{faults[0].where}: {faults[0].problem}"
    return InvalidInput(first if len(faults) == 1 else f"{first} (and {len(faults) - 1} more)", faults)


def _quoted_name(name: str) -> str:
    # The other separators too, or the header would leave open which one this file has.
    marks = (*SEPARATORS, '"', "\n", "\r", NO_SEPARATOR)
    return '"' + name.replace('"', '""') + '"' if not name or any(mark in name for mark in marks) else name


def _text(names: Sequence[str], chunk: Mapping[str, Cells]) -> bytes:
    """The rows of a chunk, all cells joined in one pass."""
    from pyarrow import compute
    cells = [_cells(chunk[name], alone=len(names) == 1) for name in names]
    ends = compute.binary_join_element_wise(cells[-1], "\n", "", null_handling="replace")
    lines = compute.binary_join_element_wise(*cells[:-1], ends, ",", null_handling="replace")
    if not len(lines):
        return b""
    _, offsets, data = lines.buffers()
    return memoryview(data)[:memoryview(offsets).cast("i")[len(lines)]].tobytes()


def _cells(values: Cells, alone: bool) -> pa.Array:
    """Texts, null for an empty one; alone in its row an empty text needs quotes to be a row."""
    import pyarrow as pa
    from pyarrow import compute
    array = values.array if isinstance(values, ArrowTexts) else pa.array(values)
    if pa.types.is_floating(array.type):
        texts = _float_texts(np.asarray(values))
    elif pa.types.is_boolean(array.type):
        texts = compute.if_else(array, "True", "False")
    else:
        texts = array.cast(pa.string())
    return _quoted(texts.fill_null("") if alone else texts, alone)


def _float_texts(numbers: Floats) -> pa.Array:
    import pyarrow as pa
    from pyarrow import compute
    texts = pa.array(numbers, mask=np.isnan(numbers)).cast(pa.string())
    if not np.any(np.trunc(numbers) == numbers):
        return texts
    whole = compute.match_substring_regex(texts, "^-?[0-9]+$").fill_null(False)
    return compute.if_else(whole, compute.binary_join_element_wise(texts, ".0", ""), texts)


def _quoted(texts: pa.Array, alone: bool) -> pa.Array:
    from pyarrow import compute
    data = texts.buffers()[2]
    content = data.to_pybytes() if data else b""
    if not alone and not any(mark in content for mark in (b",", b'"', b"\n", b"\r")):
        return texts
    needed = compute.match_substring_regex(texts, f'[",\n\r{NO_SEPARATOR}]{"|^$" if alone else ""}')
    quoted = compute.binary_join_element_wise('"', compute.replace_substring(texts, '"', '""'), '"', "")
    return compute.if_else(needed, quoted, texts)
