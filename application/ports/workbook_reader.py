"""Sheets of a workbook as Excel writes it (XLSX)."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class WorkbookLimits:
    """bytes: of what the file unpacks to. cells: of one sheet from its first to its last, empty ones too; all of them
    are in memory at once. text_bytes: of all cells of a sheet together."""

    max_bytes: int = 1 << 30
    max_cells: int = 20_000_000
    max_text_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Sheet:
    """name: of the first sheet with data. others: of the further ones with data. rows: as many cells in each."""

    name: str
    others: tuple[str, ...]
    rows: Iterator[Sequence[str]]


class WorkbookReader(Protocol):
    """Thread-safe: yes; one stream or iterator belongs to one caller."""

    @abstractmethod
    def read(self, stream: BinaryIO, limits: WorkbookLimits = WorkbookLimits()) -> Sheet:
        """Cells as texts, without the empty rows and columns around them: a whole number without a point (101), any
        other as the shortest text that reads back as it (0.1), True or False, a date or moment as ISO 8601 has it,
        "" for an empty cell. Of a formula it is the value that the file holds. Hidden sheets do not count.

        Raises: InvalidInput for what is no workbook, one with a password, and one without data; TooLarge; InvalidInput
        naming the cell for one that holds an error (#DIV/0!) or a formula that no program has computed yet, while the
        rows are taken.
        """
