"""What has to be known of a type of column; each type answers in a module of its own."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from domain.arrays import Array

if TYPE_CHECKING:
    from domain.schema import Column


class Form(StrEnum):
    """How the cells of a column are held once they are coerced, in memory and in every store.

    NUMBERS: float64[n] as they were sent, NaN for missing; a model is given them as float32. TEXTS: object[n] of str,
    "" for missing. ARRAYS: object[n] of numpy arrays, none of them missing.
    """

    NUMBERS = "numbers"
    TEXTS = "texts"
    ARRAYS = "arrays"


class ColumnRules(ABC):
    """A new type is one more module with a subclass, and its entry in `domain.columns`.

    form: what its coerced cells are. from_files: its cells come as files, not as JSON or text.
    comes_again: its values are such as come again, so that one which training never saw is worth a word.
    """

    form: ClassVar[Form]
    from_files: ClassVar[bool] = False
    comes_again: ClassVar[bool] = True

    @abstractmethod
    def quickly(self, column: Column, values: Sequence[Any], text: bool) -> Array | None:
        """The coerced column, or None where some cell has to be looked at by itself. text: the cells are str, as a CSV
        gives them, else Python values as JSON gives them."""

    def whole(self, column: Column, array: Array) -> Array | None:
        """The coerced column of an array of booleans, integers, floats (NaN for missing) or Python values; None where
        its values have to be looked at as `quickly` does."""
        return None

    @abstractmethod
    def plainly(self, column: Column, value: object) -> float | str | None:
        """One JSON value, coerced; None if it is faulty, or might be."""

    @abstractmethod
    def problem(self, column: Column, value: Any, text: bool) -> str | None:
        """What is wrong with one cell, in words; None if nothing is."""

    def gauge(self, values: Array) -> Array:
        """Coerced cells as summaries and drift look at them: as they are, or a number (NaN for missing) in the place of
        each, where hardly any comes twice."""
        return values

    @abstractmethod
    def odd_values(self, borders: Array) -> Array:
        """Values on which exports go wrong. borders: float32 values at which the model changes its mind, if any."""
