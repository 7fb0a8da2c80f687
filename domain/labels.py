"""The classes of a task, and texts that stand for them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from domain.arrays import Array
from domain.cells import MAX_FAULTS, describe
from domain.errors import Fault, InvalidInput

Label = str | int
_FLAGS = frozenset({"true", "false"})


def positions_of(texts: Array, labels: Sequence[Label], column: str, first_row: int = 1) -> Array:
    """int64[n] positions in `labels` of object[n] texts. column, first_row: as faults name them.

    Raises: InvalidInput for a text that stands for none of them.
    """
    positions = {str(label): position for position, label in enumerate(labels)}
    distinct, inverse = np.unique(texts.astype(str), return_inverse=True)
    found = np.array([positions.get(_known(text, positions), -1) for text in distinct], dtype=np.int64)
    if -1 in found:
        rows = np.flatnonzero(found[inverse] == -1)[:MAX_FAULTS].tolist()
        known = ", ".join(list(positions)[:10])
        raise InvalidInput("a label is unknown", [
            Fault(f"row {first_row + row}, column {column}",
                  f"{describe(str(texts[row]))} is none of the labels {known}", row=first_row + row) for row in rows])
    return found[inverse]


def array_of(labels: Sequence[Label]) -> Array:
    """object[n] of str or int64[n]."""
    array: Array = np.array(labels, dtype=object if isinstance(labels[0], str) else np.int64)
    return array


def _known(text: str, known: Mapping[str, int]) -> str:
    """pandas writes a column of whole numbers with a gap in it as 1.0 and 0.0, a spreadsheet True as TRUE."""
    if text in known:
        return text
    if text.casefold() in _FLAGS:
        return next((label for label in known if label.casefold() == text.casefold()), text)
    return text.removesuffix(".0")
