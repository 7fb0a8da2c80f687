from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from domain.arrays import Array, Floats
from domain.text_cells import TextCells

if TYPE_CHECKING:
    import pyarrow as pa


# By so many cells it is told how missing numbers are written.
_FIRST = 256


class ArrowTexts(TextCells):
    """array: of strings, none of them null. Python's own are made of it when they are asked for, and then kept."""

    def __init__(self, array: pa.StringArray) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, key: int) -> str: ...
    @overload
    def __getitem__(self, key: slice) -> list[str]: ...

    def __getitem__(self, key: int | slice) -> str | list[str]:
        if isinstance(key, slice) and "_texts" not in self.__dict__ and key.step in (None, 1):
            start, end, _ = key.indices(len(self.array))
            texts: list[str] = self.array.slice(start, max(end - start, 0)).to_pylist()
            return texts
        return self._texts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __contains__(self, text: object) -> bool:
        from pyarrow import compute
        return isinstance(text, str) and bool(compute.index(self.array, text).as_py() >= 0)

    def __eq__(self, other: object) -> bool:
        return self._texts == (other._texts if isinstance(other, ArrowTexts) else other)

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def __repr__(self) -> str:
        return repr(self._texts)

    @cached_property
    def lengths(self) -> Array:
        """int32[n], in bytes."""
        offsets = self.array.buffers()[1]
        if not len(self) or offsets is None:
            return np.zeros(len(self), np.int32)
        ends: Array = np.frombuffer(offsets, np.int32)[self.array.offset:self.array.offset + len(self) + 1]
        return np.diff(ends)

    def numbers(self, absent: Collection[str]) -> tuple[Floats, int] | None:
        import pyarrow as pa
        words = pa.array(sorted(absent), pa.string())
        empty = self.lengths == 0
        found = None
        if "" in absent and self._seems_without(words, empty):
            count = int(np.count_nonzero(empty))
            found = self._numbers(_flags(empty) if count else None, count)
        if found is not None:
            return found
        missing = _among(self.array, words)
        return self._numbers(missing, missing.true_count)

    def _seems_without(self, words: pa.StringArray, empty: Array) -> bool:
        """Whether the first cells are none of these words, but for the empty ones. Worth a look: for each text that is
        no number Arrow words a fault, which takes as long as 40 numbers."""
        return bool(_among(self.array.slice(0, _FIRST), words).true_count == np.count_nonzero(empty[:_FIRST]))

    def _numbers(self, missing: pa.BooleanArray | None, count: int) -> tuple[Floats, int] | None:
        from pyarrow import compute
        numbers = _finite(compute.if_else(missing, None, self.array) if count else self.array, count)
        return None if numbers is None else (numbers, count)

    def coded(self) -> tuple[Array, list[str]]:
        return self._coded

    @cached_property
    def _coded(self) -> tuple[Array, list[str]]:
        encoded: Any = self.array.dictionary_encode()
        return encoded.indices.to_numpy(zero_copy_only=False).astype(np.intp), encoded.dictionary.to_pylist()

    @cached_property
    def _texts(self) -> list[str]:
        texts: list[str] = self.array.to_pylist()
        return texts


def _among(texts: pa.StringArray, words: pa.StringArray) -> pa.BooleanArray:
    from pyarrow import compute
    return compute.is_in(texts, words)


def _flags(flags: Array) -> pa.BooleanArray:
    import pyarrow as pa
    return pa.Array.from_buffers(pa.bool_(), len(flags), [None, pa.py_buffer(np.packbits(flags, bitorder="little"))])


def _finite(texts: pa.StringArray, missing: int) -> Floats | None:
    """float64[n], NaN for the nulls, of which there are `missing`; None if another is no finite number."""
    import pyarrow as pa
    try:
        numbers = np.asarray(texts.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    except pa.ArrowInvalid:
        return None
    return numbers if np.count_nonzero(np.isfinite(numbers)) + missing == len(numbers) else None
