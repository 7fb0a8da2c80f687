"""Columns of texts that are read as a whole."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence

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


def distinct(texts: Sequence[str]) -> Collection[str]:
    return texts.coded()[1] if isinstance(texts, TextCells) else set(texts)
