"""Columns of texts that are read as a whole."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from domain.arrays import Array, Floats


class TextCells(Sequence[str]):
    """Texts that whoever holds them can read quicker than cell by cell. They are those texts in any case: what is not
    plain is left to be looked at one by one."""

    @abstractmethod
    def numbers(self, absent: Collection[str]) -> tuple[Floats, int] | None:
        """float64[n] with NaN for each of `absent`, and how many these are. None if any other cell is not plainly the
        number that `float` makes of it, in ASCII and without an underscore, or is beyond float64."""

    @abstractmethod
    def coded(self) -> tuple[Array, list[str]]:
        """intp[n] of positions among the distinct texts, and those, in the order in which they come."""


class CodedTexts(np.ndarray[Any, np.dtype[Any]]):
    """object[n] of str, or None for one that is missing, that knows its codes: intp[n], positions in `texts`. So does a
    slice of it; what else is made of it is an array like any other, or has None for its codes."""

    texts: Sequence[Any]
    codes: Array | None

    @classmethod
    def of(cls, texts: Sequence[Any], codes: Array) -> CodedTexts:
        distinct = np.empty(len(texts), dtype=object)
        distinct[:] = texts
        made = distinct[codes].view(cls)
        made.texts, made.codes = texts, codes
        return made

    @classmethod
    def like(cls, array: Array) -> CodedTexts:
        """array: object[n] of str."""
        texts, codes = np.unique(array.astype(str), return_inverse=True)
        return cls.of(texts.tolist(), codes)

    def __array_finalize__(self, other: Any) -> None:
        self.texts, self.codes = (), None

    def __array_wrap__(self, array: Array, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else np.asarray(array)

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        if isinstance(key, slice) and self.codes is not None:
            part.texts, part.codes = self.texts, self.codes[key]
        return part

    def __setitem__(self, key: Any, value: Any) -> None:
        self.texts, self.codes = (), None
        super().__setitem__(key, value)


def labelled(labels: Sequence[str], positions: Array) -> Array:
    """object[n] of these labels; of several rows CodedTexts. positions: int64[n] or int64[n, 1]; those below 0 count
    from the end. Raises: IndexError."""
    if len(positions) == 1:
        # The way of a single row, as short as it can be.
        one = np.empty(1, dtype=object)
        one[0] = labels[positions.item()]
        return one
    codes = positions.reshape(-1)
    if (lowest := codes.min(initial=0)) < 0:
        if lowest < -len(labels):
            raise IndexError(f"{lowest} is below the first of {len(labels)} labels")
        codes = np.where(codes < 0, codes + len(labels), codes)
    return CodedTexts.of(labels, codes)


def joined(parts: Sequence[Array]) -> Array:
    """One behind the other; CodedTexts if all of them know their codes among the same texts."""
    first = parts[0]
    if not isinstance(first, CodedTexts):
        return np.concatenate(parts)
    codes = [part.codes for part in parts if isinstance(part, CodedTexts) and part.texts is first.texts
             and part.codes is not None]
    if len(codes) < len(parts):
        return np.concatenate([np.asarray(part) for part in parts])
    return CodedTexts.of(first.texts, np.concatenate(codes))


def distinct(texts: Sequence[str]) -> Collection[str]:
    return texts.coded()[1] if isinstance(texts, TextCells) else set(texts)
