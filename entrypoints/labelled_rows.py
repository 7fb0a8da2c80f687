"""A file of labelled rows of whatever kind a task is."""
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from domain.rows import Rows
from domain.task import Kind, Task
from entrypoints.csv_rows import text_rows
from entrypoints.picture_files import rows_of_archive

if TYPE_CHECKING:
    from entrypoints.wiring.container import Container


def labelled_rows(wired: Container, task: Task, file: BinaryIO) -> Iterator[Rows]:
    """From the file's start. Raises: InvalidInput, TooLarge."""
    if task.kind is Kind.IMAGE:
        return rows_of_archive(wired, task, file, labelled=True)
    return text_rows(wired.csv_codec(), file, wired.csv_limits())
