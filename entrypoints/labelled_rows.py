"""A file of labelled rows of whatever kind a task is."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from application.ports.csv_codec import CsvCodec, CsvLimits
from domain.rows import Rows
from domain.task import Kind, Task
from entrypoints.csv_rows import text_rows
from entrypoints.picture_files import PictureReader, rows_of_archive


@dataclass(frozen=True, slots=True)
class FileReader:
    """What reads files of every kind, and how large they may be."""

    csv: CsvCodec
    csv_limits: CsvLimits
    pictures: PictureReader


def labelled_rows(reader: FileReader, task: Task, file: BinaryIO) -> Iterator[Rows]:
    """From the file's start. Raises: InvalidInput, TooLarge."""
    if task.kind is Kind.IMAGE:
        return rows_of_archive(reader.pictures, task, file, labelled=True)
    return text_rows(reader.csv, file, reader.csv_limits)
