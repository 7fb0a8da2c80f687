"""What a table may be written in. A new one is one more module with a subclass, and its entry in `table_reader`."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from domain.rows import ColumnRows, TextRows
from entrypoints.formats.unpacked import Unpacked

TableRows = ColumnRows[Any]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was found out of a file. charset, separator: of a text. packed: in what, from the outside in. sheet: of a
    workbook. left_out: what is in the file and was not read, in words."""

    format: str
    charset: str | None = None
    separator: str | None = None
    packed: Sequence[str] = ()
    sheet: str | None = None
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ReadTable:
    """names: of its columns. chunks: all rows, to be taken once; none if there are no rows."""

    names: Sequence[str]
    chunks: Iterator[TableRows]
    facts: FileFacts

    def some(self) -> Iterator[TableRows]:
        """At least one chunk, which has no rows if the file has none, so that its columns are looked at all the
        same."""
        empty = True
        for chunk in self.chunks:
            empty = False
            yield chunk
        if empty:
            yield TextRows({name: [] for name in self.names})


class TableFormat(ABC):
    @abstractmethod
    def fits(self, start: bytes) -> bool:
        """Whether a file that begins like this is of the format."""

    @abstractmethod
    def read(self, file: Unpacked, charset: str | None) -> ReadTable:
        """charset: what was said of it, for formats that are text.

        Raises: InvalidInput, TooLarge, here for the names and while the rows are taken.
        """


def beside(names: Sequence[str]) -> list[str]:
    """Files of an archive that were not read, as facts tell them."""
    return [f"file {name}" for name in names]
