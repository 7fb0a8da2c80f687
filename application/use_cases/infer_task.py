"""A look at a table: what task would it make?"""
from __future__ import annotations

from collections.abc import Iterable

from domain.rows import TextRows
from domain.schema_inference import InferredTask, TableProfile, TableWish, check_names, infer_task


class InferTask:
    """Infers a task from a table and the name of its target, and stores nothing.

    Numbers, categories, free texts, dates, words for missing values, and columns that there is nothing to learn from
    (ids, constants), each with the reason; two classes, more of them, or a number to estimate by the target.
    """

    def execute(self, wish: TableWish, chunks: Iterable[TextRows]) -> InferredTask:
        """Raises: InvalidInput if the target is not there or tells nothing, or no column is left to learn from."""
        table: TableProfile | None = None
        for rows in chunks:
            if table is None:
                check_names(rows.names, wish)
                table = TableProfile(list(rows.names))
            table.add(rows.cells)
        return infer_task(table or TableProfile([]), wish)
