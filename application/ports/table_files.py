"""Tables as files that one stage leaves for the next."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from domain.errors import InvalidInput
from domain.schema import Column
from domain.table import Table


class UnreadableTable(InvalidInput):
    """Not a table file, or one without a column that was asked for."""

    code = "unreadable_table"


class TableSink(Protocol):
    @abstractmethod
    def write(self, table: Table) -> None:
        """Appends rows; columns as declared when the file was opened."""


class TableFiles(Protocol):
    @abstractmethod
    def create(self, path: Path, columns: Sequence[Column]) -> AbstractContextManager[TableSink]:
        """A new file, written chunk by chunk; a file without rows is one too."""

    @abstractmethod
    def read(self, path: Path, columns: Sequence[Column]) -> Table:
        """These columns, float64 and str exactly as they were written. Raises: UnreadableTable."""
