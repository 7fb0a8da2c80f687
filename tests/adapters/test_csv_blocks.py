"""How far pyarrow reads ahead of the rows that are looked at."""
from __future__ import annotations

import time
from io import BytesIO
from itertools import islice
from threading import Event

from adapters.pyarrow.csv_codec import PyarrowCsvCodec
from application.ports.csv_codec import CsvLimits

HEADER, ROW = b"a,b,c\n", b"some text,17,another\n"
LIMITS = CsvLimits(max_row_bytes=4_000, max_header_bytes=100)
BLOCK_BYTES = 2 * (LIMITS.max_row_bytes + 3 + 8)
# By itself it is 33, seen at the first of them. Three may be read at once; a machine that stands still adds some.
MOST_AHEAD = 20


class Counted(BytesIO):
    """Of so many blocks. too_far: is set once more than `allowed` bytes were taken."""

    def __init__(self, blocks: int) -> None:
        super().__init__(HEADER + ROW * (blocks * BLOCK_BYTES // len(ROW)))
        self.taken, self.allowed, self.too_far = 0, MOST_AHEAD * BLOCK_BYTES, Event()

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        if self.taken > self.allowed:
            self.too_far.set()
        return piece


def test_a_file_is_not_read_far_ahead_of_its_rows() -> None:
    file, rows = Counted(100), 0
    for chunk in PyarrowCsvCodec().read(file, LIMITS).chunks:
        assert not file.too_far.wait(0.3 if not rows else 0)
        rows += len(chunk.cells["a"])
        file.allowed = rows * len(ROW) + MOST_AHEAD * BLOCK_BYTES
    assert rows * len(ROW) == len(file.getvalue()) - len(HEADER)


def test_files_that_are_left_half_read_are_in_nobody_s_way() -> None:
    began = time.monotonic()
    left = [PyarrowCsvCodec().read(Counted(100), LIMITS).chunks for _ in range(20)]
    for chunks in left:
        list(islice(chunks, 2))
    for _ in range(3):
        assert sum(1 for _ in PyarrowCsvCodec().read(Counted(100), LIMITS).chunks) > 90
    assert time.monotonic() - began < 20, "each of the others waits in a thread of its own"


def test_blocks_without_a_row_at_the_start_are_read_over() -> None:
    text = HEADER + b"\n" * (20 * BLOCK_BYTES) + ROW * 3
    chunks = PyarrowCsvCodec().read(BytesIO(text), LIMITS).chunks
    assert [cell for chunk in chunks for cell in chunk.cells["b"]] == ["17"] * 3
