"""Tensors as the rows of a task, whose names and types they need not have."""
from __future__ import annotations

from collections.abc import Iterator, Sequence

from application.ports.text_coder import TextCoder
from domain.arrays import Array
from domain.errors import Fault, InvalidInput
from domain.rows import ArrayRows, AskedArrays, Rows
from domain.task import Task
from entrypoints.formats.v2.tensors import BYTES, Tensor, refused, texts

# What is made of them is held for so many at a time. They have the distinct texts of a column in common, which are
# looked at once for each chunk.
CHUNK_ROWS = 16_384
# One row, or chunks of more.
Asked = Rows | Iterator[Rows]


def rows_of_columns(task: Task, inputs: Sequence[Tensor], coder: TextCoder | None = None) -> Asked:
    """One input a column, [N] or [N, 1]; or a single one [N, features], in the order of the schema, under any name that
    is no column's.

    coder: what may be asked for many texts.

    Returns: of one row this row, of others chunks of them. Raises: InvalidInput with a fault for each input.
    """
    cells = _matrix(task, inputs[0]) if _is_matrix(task, inputs) else _named(inputs, coder)
    n_rows = len(next(iter(cells.values())))
    if n_rows == 1:
        return ArrayRows(cells)
    return (AskedArrays({name: values[start:start + CHUNK_ROWS] for name, values in cells.items()}, start + 1)
            for start in range(0, n_rows, CHUNK_ROWS))


def _is_matrix(task: Task, inputs: Sequence[Tensor]) -> bool:
    names = {column.name for column in task.schema.columns}
    return len(inputs) == 1 and inputs[0].name not in names and len(inputs[0].shape) == 2


def _matrix(task: Task, tensor: Tensor) -> dict[str, Array]:
    """Raises: InvalidInput."""
    features = task.schema.features
    if tensor.shape[1] != len(features):
        raise refused(tensor.name, f"is no column, and has {tensor.shape[1]} columns where the task {task.name} has "
                      f"{len(features)} features")
    values = texts(tensor) if tensor.datatype == BYTES else tensor.values
    return {column.name: values[:, place] for place, column in enumerate(features)}


def _named(inputs: Sequence[Tensor], coder: TextCoder | None) -> dict[str, Array]:
    """Raises: InvalidInput."""
    faults: list[Fault] = []
    cells: dict[str, Array] = {}
    for tensor in inputs:
        if len(tensor.shape) == 1 or tensor.shape[1:] == (1,):
            flat = tensor.flat()
            cells[tensor.name] = texts(flat, coder) if tensor.datatype == BYTES else flat.values
        else:
            faults += refused(tensor.name, f"has the shape {list(tensor.shape)}; a column is [N] or [N, 1]").faults
    lengths = {name: len(values) for name, values in cells.items()}
    if len(set(lengths.values())) > 1:
        longest = max(lengths.values())
        faults += [Fault(f"input {name}", f"has {length} rows, another {longest}")
                   for name, length in lengths.items() if length != longest]
    if faults:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
    return cells
