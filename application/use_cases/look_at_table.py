"""A look at a table of which nobody has said yet what is to be predicted."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.rows import TextRows
from domain.schema_inference import ColumnFacts, TableProfile, columns_of


@dataclass(frozen=True, slots=True)
class SeenTable:
    rows: int
    columns: tuple[ColumnFacts, ...]


class LookAtTable:
    """Tells what a file holds before it makes a task: each column with a few of its values, what it would be beside
    another one as the target, and why; so that the target can be chosen. Stores nothing."""

    def execute(self, names: Iterable[str], chunks: Iterable[TextRows]) -> SeenTable:
        """Raises: InvalidInput, TooLarge while the rows are taken."""
        table = TableProfile(list(names))
        for rows in chunks:
            table.add(rows.cells)
        return SeenTable(table.rows, columns_of(table))
