"""What the values of a stored column are like, in a few numbers that can be drawn."""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Array
from domain.columns.rules import Form
from domain.forms import known as has_value
from domain.schema import Column

BINS = 24
MAX_VALUES = 20


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """Over `rows` rows, `missing` of them without a value.

    A number: `edges` of the bins (one more than there are bins; the first and last are the least and greatest value)
    and `counts` in them. Of a free text its characters are such a number, of a date the year with its fraction. A
    category: the `distinct` values' number and the most frequent ones with their `counts`. Of a private column only how
    often it is missing.
    """

    rows: int
    missing: int
    edges: Sequence[float] = ()
    counts: Sequence[int] = ()
    mean: float | None = None
    values: Sequence[str] = ()
    distinct: int | None = None


def summarize(column: Column, values: Array) -> ColumnSummary:
    """values: float64[n] with NaN for missing, or object[n] of str with "" for missing."""
    values = column.rules.gauge(values)
    known = values[has_value(values)]
    rows, missing = len(values), len(values) - len(known)
    if column.private or not len(known):
        return ColumnSummary(rows, missing)
    if column.rules.form is Form.ARRAYS:
        return ColumnSummary(rows, missing)
    return (_of_texts if known.dtype == object else _of_numbers)(known, rows, missing)


def _of_texts(known: Array, rows: int, missing: int) -> ColumnSummary:
    ranked = Counter(known.tolist())
    common = sorted(ranked.items(), key=lambda item: (-item[1], item[0]))[:MAX_VALUES]
    return ColumnSummary(rows, missing, values=[value for value, _ in common], counts=[count for _, count in common],
                         distinct=len(ranked))


def _of_numbers(values: Array, rows: int, missing: int) -> ColumnSummary:
    known = values.astype(np.float64)
    low, high = float(known.min()), float(known.max())
    whole = bool(np.all(known == np.round(known))) and high - low < BINS
    # Few whole numbers get a bar each; a histogram's own edges would cut between them anywhere.
    edges = np.arange(low - 0.5, high + 1) if whole else np.linspace(low, high, BINS + 1)
    counts, _ = np.histogram(known, edges)
    if whole:
        edges[0], edges[-1] = low, high
    return ColumnSummary(rows, missing, edges.tolist(), counts.tolist(), float(known.mean()))
