"""A zip of pictures by class with a table of the answers that the maker of a model gives to them: what `/forward_batch`
leaves of them as CSV, made elsewhere."""
from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np

from application.ports.file_archive import FileArchive
from application.ports.picture_archive import ArchiveLimits
from domain.arrays import Array
from domain.cells import in_words
from domain.columns import ColumnType
from domain.errors import Fault, InvalidInput
from domain.makers_answers import MakersAnswers
from domain.picture import cells
from domain.schema import Column
from domain.table import Table, concat
from domain.task import Task
from entrypoints.formats.check_files import Checks, answer_columns, makers_answers, refused
from entrypoints.formats.pictures import Pictures
from entrypoints.formats.table_answers import answer_names
from entrypoints.formats.table_reader import TableReader

_NAME = Column("name", ColumnType.CATEGORY, nullable=False)
_TABLES = (".csv", ".tsv")


class PictureChecks(Checks):
    """Beside the pictures the zip has one table, with `name` and the answers."""

    def __init__(self, pictures: Pictures, archive: FileArchive, limits: ArchiveLimits, reader: TableReader) -> None:
        self._pictures, self._archive, self._limits, self._reader = pictures, archive, limits, reader

    def read(self, task: Task, file: BinaryIO, charset: str | None = None) -> MakersAnswers:
        file.seek(0)
        where, content = self._table(file)
        answers, columns = self._answers(task, content, charset)
        names = answers[_NAME.name].tolist()
        found = self._found(task, file, names, where)
        return makers_answers(Table({task.schema.features[0].name: found}), answers, columns)

    def _table(self, file: BinaryIO) -> tuple[str, bytes]:
        """Its name and what is in it."""
        names = [name for name in self._archive.names(file, self._limits)
                 if PurePosixPath(name).suffix.lower() in _TABLES]
        if len(names) != 1:
            raise refused(f"is a zip with {len(names)} tables (CSV): one has the name of each picture and the answers")
        with self._archive.open(file, names[0], self._limits) as member:
            return names[0], member.read()

    def _answers(self, task: Task, content: bytes, charset: str | None) -> tuple[Table, Sequence[Column]]:
        table = self._reader.read(io.BytesIO(content), charset)
        columns = answer_columns(task, table.names)
        spare = set(answer_names(task.labels)) - {column.name for column in columns}
        chunks = [chunk.coerce([_NAME, *columns], spare) for chunk in table.chunks]
        if not chunks:
            raise refused("has no rows")
        return concat(chunks), columns

    def _found(self, task: Task, file: BinaryIO, names: Sequence[str], table: str) -> Array:
        """The pictures by these names, in their order."""
        faults, pixels = list[Fault](), dict[str, Array]()
        for rows in self._pictures.rows(task, file, labelled=False):
            try:
                pixels[rows.name] = rows.coerce(task.schema.features)[task.schema.features[0].name][0]
            except InvalidInput as failure:
                faults += failure.faults
        faults += _name_faults(names, pixels, table)
        if faults:
            raise InvalidInput(f"the check: {in_words(faults)}", faults)
        return cells([pixels[name] for name in names])


def _name_faults(names: Sequence[str], pixels: Mapping[str, Array], table: str) -> Iterator[Fault]:
    counted = dict(zip(*np.unique(names, return_counts=True), strict=True))
    for name, count in counted.items():
        if name not in pixels:
            yield Fault(f"{table}, {name}", "is no picture of the zip")
        elif count > 1:
            yield Fault(f"{table}, {name}", f"stands in {count} lines")
    for name in pixels:
        if name not in counted:
            yield Fault(name, f"has no line in {table}")
