"""Tables as files of typed columns, both ways."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from application.ports.csv_codec import Cells, CsvLimits
from domain.arrays import Array


class ColumnarForm(StrEnum):
    """What a file may be written in. Arrow: the format of streams of record batches."""

    PARQUET = "parquet"
    ARROW = "arrow"


@dataclass(frozen=True, eq=False, slots=True)
class ColumnarTable:
    """form: in words. chunks: all rows in order, to be taken once; none if there are no rows. Each is name -> n_rows
    cells: an array of booleans, integers or floats (NaN for missing), or object[n_rows] of str, bool, int and None for
    missing, of texts CodedTexts where it can be. A day is its text 2013-01-31, a moment 2013-01-31 05:00:00 with what
    it has of fractions and offset."""

    form: str
    names: tuple[str, ...]
    chunks: Iterator[Mapping[str, Array]]


class ColumnarCodec(Protocol):
    """Thread-safe: yes; one file or iterator belongs to one caller."""

    @abstractmethod
    def fits(self, start: bytes) -> bool:
        """Whether a file that begins like this is one that `read` reads. start: 8 bytes at least, if it has as many."""

    @abstractmethod
    def read(self, file: BinaryIO, limits: CsvLimits = CsvLimits()) -> ColumnarTable:
        """file: at its start, seekable; read while the chunks are taken, in bounded memory.

        Raises: InvalidInput naming the columns whose cells are none of numbers, texts, booleans, days and moments, or
        that have no name or one twice, and for a damaged file; TooLarge; here or while the chunks are taken.
        """

    @abstractmethod
    def write(self, form: ColumnarForm, names: Sequence[str], chunks: Iterable[Mapping[str, Cells]]) -> Iterator[bytes]:
        """chunks: name -> n_rows str, int, float, bool or None each, in lists or numpy arrays; further names are left
        out. The first chunk decides on the type of each column; a later cell of another is written as its text, if the
        column is one of texts. NaN stays NaN in a column of floats. Of no chunks comes a table of texts without rows.
        """
