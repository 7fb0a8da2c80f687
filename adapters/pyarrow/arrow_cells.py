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


class CellReader:
    """Columns of one file, chunk by chunk, as ColumnarTable has them. max_chars: of a text."""

    def __init__(self, max_chars: int) -> None:
        self._max_chars = max_chars
        # By column, the dictionary that was met last and its texts: most chunks have it in common with the one before,
        # and who is given the same texts again knows what they are.
        self._met: dict[str, tuple[pa.Array, list[str | None]]] = {}

    def cells(self, column: pa.Array, name: str, first_row: int) -> Array:
        """Raises: TooLarge."""
        import pyarrow as pa
        if most_chars(column) > self._max_chars:
            _check_lengths(column, name, first_row, self._max_chars)
        if pa.types.is_dictionary(column.type):
            if is_text(column.type.value_type) and len(column.dictionary) <= len(column):
                return self._coded(column, name)
            column = column.dictionary_decode()
        if pa.types.is_decimal(column.type):
            column = column.cast(pa.float64())
        if is_text(column.type):
            return self._coded(column.dictionary_encode(), name)
        if pa.types.is_floating(column.type):
            return np.asarray(column.fill_null(np.nan).to_numpy(zero_copy_only=False))
        if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
            column = _as_text(column)
        elif column.null_count == 0 and not pa.types.is_null(column.type):
            return np.asarray(column.to_numpy(zero_copy_only=False))
        return _objects(column)

    def _coded(self, encoded: pa.DictionaryArray, name: str) -> CodedTexts:
        has_missing = bool(encoded.null_count)
        texts = self._texts(encoded.dictionary, name, has_missing)
        indices = encoded.indices.fill_null(len(texts) - 1) if has_missing else encoded.indices
        return CodedTexts.of(texts, indices.to_numpy(zero_copy_only=False).astype(np.intp))

    def _texts(self, dictionary: pa.Array, name: str, has_missing: bool) -> list[str | None]:
        """The distinct ones, and None behind them for those that are missing."""
        met = self._met.get(name)
        if met is None or len(met[1]) != len(dictionary) + has_missing or not met[0].equals(dictionary):
            texts = [*dictionary.to_pylist(), None] if has_missing else dictionary.to_pylist()
            met = self._met[name] = dictionary, texts
        return met[1]


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


def most_chars(column: pa.Array) -> int:
    """That a text of it may have at most, known without a look at each; 0 for a column of anything else."""
    import pyarrow as pa
    from pyarrow import compute
    values = column.dictionary if pa.types.is_dictionary(column.type) else column
    return compute.max(compute.binary_length(values)).as_py() or 0 if is_text(values.type) else 0


def longest(column: pa.Array) -> int:
    """The characters of the longest text of a row; 0 for a column of anything else."""
    from pyarrow import compute
    lengths = _lengths(column)
    return 0 if lengths is None else compute.max(lengths).as_py() or 0


def _lengths(column: pa.Array) -> pa.Array | None:
    """int[n_rows], characters of each text. Of a dictionary nothing is unpacked, as a text that is there once may stand
    for gigabytes. None for a column of anything else."""
    import pyarrow as pa
    import pyarrow.compute as pc
    if not pa.types.is_dictionary(column.type):
        return pc.utf8_length(column) if is_text(column.type) else None
    return pc.utf8_length(column.dictionary).take(column.indices) if is_text(column.type.value_type) else None


def _check_lengths(column: pa.Array, name: str, first_row: int, max_chars: int) -> None:
    import pyarrow.compute as pc
    if (found := longest(column)) > max_chars:
        row = first_row + pc.index(_lengths(column), found).as_py()
        raise TooLarge(f"row {row}, column {name}: {found} characters; {max_chars} are allowed")
