"""Tensors as pictures: their pixels, or whole files."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.arrays import Array
from domain.coercion import name_faults
from domain.errors import InvalidInput
from domain.picture import cells
from domain.rows import Rows
from domain.schema import Column
from domain.table import Table
from domain.task import Task
from entrypoints.formats.formats import Formats
from entrypoints.formats.v2.columns import Asked
from entrypoints.formats.v2.tensors import BYTES, Tensor, refused


def takes_pictures(task: Task) -> bool:
    return any(column.rules.from_files for column in task.schema.features)


@dataclass(frozen=True, eq=False, slots=True)
class PixelRows(Rows):
    """One row: pixels as an array."""

    column: Column
    pixels: Array

    @property
    def names(self) -> Collection[str]:
        return (self.column.name,)

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        """Raises: InvalidInput."""
        if faults := name_faults(columns, self.names, optional):
            raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
        return Table({self.column.name: cells([self.pixels])})


def rows_of_pictures(task: Task, inputs: Sequence[Tensor], formats: Formats) -> Asked:
    """One input named as the picture's column: [N] or [N, 1] of BYTES, each a file in a format that `/forward` takes,
    or [N, height, width, channels] of UINT8 or UINT16 pixels, as the task has them.

    Raises: InvalidInput.
    """
    column, tensor = task.schema.features[0], inputs[0]
    if len(inputs) > 1 or tensor.name != column.name:
        names = ", ".join(each.name for each in inputs)
        raise refused(names, f"cannot be used: the task {task.name} takes the one input {column.name}")
    rows = _files(task, tensor, formats) if tensor.datatype == BYTES else _pixels(column, tensor)
    return next(rows) if tensor.shape[0] == 1 else rows


def _files(task: Task, tensor: Tensor, formats: Formats) -> Iterator[Rows]:
    if tensor.values.size != tensor.shape[0]:
        raise refused(tensor.name, f"has the shape {list(tensor.shape)}; files are [N] or [N, 1]")
    if any(isinstance(content, str) for content in tensor.values.flat):
        raise refused(tensor.name, "holds texts; files come as binary data")
    return (formats.picture(task, f"{tensor.name}[{place}]", content)
            for place, content in enumerate(tensor.values.ravel()))


def _pixels(column: Column, tensor: Tensor) -> Iterator[Rows]:
    wanted, shape = f"UINT{column.bits}", tensor.shape
    if tensor.datatype != wanted or len(shape) != 4 or shape[3] != column.channels or 0 in shape[1:]:
        raise refused(tensor.name, f"is {tensor.datatype} {list(shape)}; pictures are {wanted} "
                      f"[N, height, width, {column.channels}], or files as BYTES [N]")
    return (PixelRows(column, pixels) for pixels in tensor.values)
