"""Columns of Arrow as arrays of cells."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from domain.arrays import Array
from domain.errors import TooLarge
from domain.text_cells import CodedTexts

if TYPE_CHECKING:
    import pyarrow as pa


def is_cell_type(kind: pa.DataType) -> bool:
    import pyarrow as pa
    types = pa.types
    if types.is_dictionary(kind):
        return is_cell_type(kind.value_type)
    return any(fits(kind) for fits in (
        types.is_integer, types.is_floating, types.is_boolean, types.is_decimal, types.is_null, types.is_date,
        types.is_timestamp)) or is_text(kind)


def is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def cells_of(column: pa.Array, name: str, first_row: int, max_chars: int) -> Array:
    """As ColumnarTable has them. Raises: TooLarge."""
    import pyarrow as pa
    if (lengths := text_lengths(column)) is not None:
        _check_lengths(lengths, name, first_row, max_chars)
    if pa.types.is_dictionary(column.type):
        if is_text(column.type.value_type) and len(column.dictionary) <= len(column):
            return _coded(column)
        column = column.dictionary_decode()
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    if is_text(column.type):
        return _coded(column.dictionary_encode())
    if pa.types.is_floating(column.type):
        return np.asarray(column.fill_null(np.nan).to_numpy(zero_copy_only=False))
    elif pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        column = _as_text(column)
    elif column.null_count == 0 and not pa.types.is_null(column.type):
        return np.asarray(column.to_numpy(zero_copy_only=False))
    return _objects(column)


def _coded(encoded: pa.DictionaryArray) -> CodedTexts:
    distinct = encoded.dictionary.to_pylist()
    codes = encoded.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    return CodedTexts.of([*distinct, None] if encoded.null_count else distinct, codes.astype(np.intp))


def _objects(column: pa.Array) -> Array:
    cells = np.empty(len(column), dtype=object)
    cells[:] = column.to_pylist()
    return cells


def _as_text(column: pa.Array) -> pa.Array:
    """As `str` has it of Python's own, which pandas writes too."""
    import pyarrow as pa
    if pa.types.is_date(column.type):
        return column.cast(pa.date32()).cast(pa.string())
    return pa.array([None if moment is None else str(moment) for moment in column.cast(
        pa.timestamp("us", column.type.tz), safe=False).to_pylist()], pa.string())


def text_lengths(column: pa.Array) -> pa.Array | None:
    """int[n_rows], characters of each text. Of a dictionary nothing is unpacked, as a text that is there once may stand
    for gigabytes. None for a column of anything else."""
    import pyarrow as pa
    import pyarrow.compute as pc
    if not pa.types.is_dictionary(column.type):
        return pc.utf8_length(column) if is_text(column.type) else None
    return pc.utf8_length(column.dictionary).take(column.indices) if is_text(column.type.value_type) else None


def _check_lengths(lengths: pa.Array, name: str, first_row: int, max_chars: int) -> None:
    import pyarrow.compute as pc
    longest = pc.max(lengths).as_py() or 0
    if longest > max_chars:
        row = first_row + pc.index(lengths, longest).as_py()
        raise TooLarge(f"row {row}, column {name}: {longest} characters; {max_chars} are allowed")
