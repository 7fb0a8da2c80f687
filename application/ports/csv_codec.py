"""Tables as CSV text, both ways."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.arrays import Array

SEPARATORS = (",", ";", "\t", "|")
Cells = Sequence[object] | Array


class Readable(Protocol):
    """What is read piece by piece: no more than `size` bytes at a time, none at the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class CsvLimits:
    """What a file may hold. A row of more than max_row_bytes may be refused, a shorter one never is for its length."""

    max_columns: int = 1_000
    max_cell_chars: int = 10_000
    max_rows: int = 10_000_000
    max_header_bytes: int = 1 << 20
    max_row_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True)
class CsvChunk:
    """Some rows. first_row counts from 1 for the first row after the header; blank lines are no rows, and a row with
    newlines in its quotes is one. cells: name -> text of each row, in the order of the file, "" for an empty one."""

    first_row: int
    cells: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class CsvCells:
    """names: the header, without surrounding space. chunks: all rows in order, to be taken once; none if there are no
    rows. left_out: the columns without a name, counted from 1. separator: empty where there is one column."""

    names: tuple[str, ...]
    chunks: Iterator[CsvChunk]
    left_out: tuple[int, ...] = ()
    separator: str = ","


class CsvCodec(Protocol):
    """Thread-safe: yes; one stream or iterator belongs to one caller."""

    @abstractmethod
    def read(self, stream: Readable, limits: CsvLimits = CsvLimits()) -> CsvCells:
        """RFC 4180 with leave: UTF-8 with or without BOM; lines end with LF, CRLF or CR; a quote inside an unquoted
        cell is text; blank lines do not count. The stream is read while the chunks are taken, in constant memory.

        The separator is the one of SEPARATORS that parts the header and cuts most of the first 100 rows as wide as it,
        then the one that makes it widest, then the first; one that stands in quotes only does not count. If none parts
        the header there is one column.
        A first line `sep=;`, which Excel writes, says it instead and is no header; it may name any punctuation mark.

        A first column without a name, the index that pandas writes, is left out, and so is every other without a name
        as long as no row has a value there. At the end of the rows or of the header such columns may be missing, if
        they are for most of the first 100 rows.

        Raises: InvalidInput, TooLarge, here for the header and while the chunks are taken for the rows, whose faults
        are "row 17" and have the first value of each column without a name, else the first 100 rows of a wrong width,
        then the place where the text cannot be read on (not UTF-8, a NUL, a quote never closed). Chunks that came
        before hold good. What the stream raises comes out as is.
        """

    @abstractmethod
    def write(self, names: Sequence[str], chunks: Iterable[Mapping[str, Cells]]) -> Iterator[bytes]:
        """A comma, LF and as few quotes as `read` needs; the header first, then each chunk while it is asked for.

        chunks: name -> n_rows str, int, float or bool each, in lists or numpy arrays; further names are left out.
        A float is the shortest text that reads back as the same number of its width (39.0, 0.1); NaN is empty.
        """
