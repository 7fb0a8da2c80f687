"""Pictures on their way to a model: decoded when they are asked for, one at a time."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from application.ports.picture_archive import ArchivedFile, ArchivedPicture
from application.ports.picture_codec import PictureCodec, PictureLimits
from domain.arrays import Array
from domain.cells import describe, in_words
from domain.coercion import name_faults
from domain.columns import ColumnType
from domain.columns.category import texts_of
from domain.errors import Fault, InvalidInput, TooLarge
from domain.picture import cells
from domain.rows import Rows
from domain.schema import Column
from domain.table import Table
from domain.task import Task

# Of the classes of a task, where one is not among them.
MAX_TOLD = 10


@dataclass(frozen=True, eq=False, slots=True)
class PictureRows(Rows):
    """One row: a picture of a task's data, and its mask or its class if it has one. Faults name the file."""

    task: Task
    found: ArchivedPicture
    codec: PictureCodec
    limits: PictureLimits

    @property
    def name(self) -> str:
        return self.found.picture.name

    @property
    def names(self) -> Collection[str]:
        schema, found = self.task.schema, self.found
        labelled = found.mask is not None or found.label is not None
        return [column.name for column in (*schema.features, *([schema.target] if labelled else []))]

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        """Raises: InvalidInput, TooLarge."""
        if faults := name_faults(columns, self.names, optional):
            raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
        table = self._all_decoded(columns)
        self._check_sizes(table)
        return table

    def _all_decoded(self, columns: Sequence[Column]) -> Table:
        """Raises: InvalidInput with the faults of picture and target, TooLarge."""
        decoded: dict[str, Array] = {}
        faults: list[Fault] = []
        for column in columns:
            try:
                decoded[column.name] = cells([self._decoded(column)]) if column.rules.from_files else self._label()
            except InvalidInput as failure:
                faults += failure.faults
        if faults:
            raise InvalidInput(in_words(faults), faults)
        return Table(decoded)

    def _decoded(self, column: Column) -> Array:
        file = self._file(column)
        with named(file.name):
            if column.type is ColumnType.PICTURE:
                return self.codec.read_picture(file.content, column, self.limits)
            return self.codec.read_mask(file.content, self._as_it_came(column), len(self.task.labels), self.limits)

    def _label(self) -> Array:
        """object[1]. Raises: InvalidInput for a class that the task has not."""
        label, known = self.found.label or "", [str(label) for label in self.task.labels]
        if label and label not in known:
            shown = f"{', '.join(known[:MAX_TOLD])}{', ...' if len(known) > MAX_TOLD else ''}"
            raise refused(self.name, f"is of the class {describe(label)}, and the task has {shown}")
        return texts_of([label])

    def _as_it_came(self, mask: Column) -> Column:
        legend = self.found.legend
        return mask if legend is None else legend.applied(mask, self.task.labels)

    def _file(self, column: Column) -> ArchivedFile:
        """Of a column that came."""
        file = self.found.mask if column.type is ColumnType.MASK else self.found.picture
        assert file is not None
        return file

    def _check_sizes(self, table: Table) -> None:
        sizes = {column.type: table[column.name][0].shape[:2] for column in self.task.schema.columns
                 if column.name in table.columns and column.rules.from_files}
        if len(set(sizes.values())) > 1:
            (height, width), (picture_height, picture_width) = sizes[ColumnType.MASK], sizes[ColumnType.PICTURE]
            mask = self._file(self.task.schema.target).name
            raise of_another_size(mask, (width, height), (picture_width, picture_height))


@dataclass(frozen=True, eq=False, slots=True)
class BrokenRows(Rows):
    """In place of rows that cannot be had: their fault is told with those of the other files."""

    file: str
    problem: str

    @property
    def name(self) -> str:
        return self.file

    @property
    def names(self) -> Collection[str]:
        return ()

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        """Raises: InvalidInput."""
        raise refused(self.name, self.problem)


@contextmanager
def named(file: str) -> Iterator[None]:
    """Failures of a codec get the file's name."""
    try:
        yield
    except TooLarge as failure:
        raise TooLarge(f"{file} {failure.detail}" if file else failure.detail) from failure
    except InvalidInput as failure:
        raise refused(file, failure.detail) from failure


def of_another_size(mask: str, size: tuple[int, int], picture: tuple[int, int]) -> InvalidInput:
    """mask: its name. Sizes are width and height."""
    turned = "; one of the two lies on its side" if size == picture[::-1] else ""
    return refused(mask, "has {} x {} pixels, its picture {} x {}{}".format(*size, *picture, turned))


def refused(name: str, problem: str) -> InvalidInput:
    """name: of a file."""
    return InvalidInput(f"{name}: {problem}", [Fault(name, problem)])
