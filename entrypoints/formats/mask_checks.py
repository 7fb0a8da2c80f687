"""A zip of pictures with the masks that the maker of a model answers to them."""
from __future__ import annotations

from typing import BinaryIO

from domain.columns.category import texts_of
from domain.exchange import read_parts
from domain.makers_masks import MakersMasks
from domain.picture import VOID
from domain.table import concat
from domain.task import Task
from entrypoints.formats.check_files import Checks, refused
from entrypoints.formats.pictures import Pictures


class MaskChecks(Checks):
    """The zip is one that `/evaluate` takes."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def read(self, task: Task, file: BinaryIO, charset: str | None = None) -> MakersMasks:
        file.seek(0)
        names, tables = list[str](), []
        for part in read_parts(self._pictures.rows(task, file, labelled=True), task.schema.stored):
            names.append(part.rows.name)
            tables.append(part.table)
        both, target = concat(tables), task.schema.target.name
        if all((mask == VOID).all() for mask in both[target]):
            raise refused("has no pixel that counts: its masks are void")
        return MakersMasks(both.without([target]), None, both[target], texts_of(names))
