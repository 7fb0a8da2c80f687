"""How far what comes now is from what a model was trained on.

A model file carries histograms of its training rows; the same bins filled with newer rows tell the difference.
"""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from domain.arrays import Array
from domain.columns.rules import Form
from domain.schema import Column
from domain.table import Table

SCORE = "prediction_score"
BINS, TOP_CATEGORIES, KNOWN_CATEGORIES = 10, 20, 1_000
# Below this many rows a difference is mostly chance: the PSI of two samples of one distribution is (bins - 1) / rows
# in the mean. That holds for the rows of training as well.
MIN_ROWS = 100
_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class Histogram:
    """Shares of the training rows. The last share is that of missing values, the others are those of the bins.

    Of numbers: edges between the bins, a value on one belonging to the bin above; low and high are the least and the
    largest value seen. Of categories: one bin for each of the first TOP_CATEGORIES of `categories` and one for all
    others; `categories` are those seen, most frequent first, or the first KNOWN_CATEGORIES of them if there were more.
    """

    shares: tuple[float, ...]
    edges: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """psi: see `psi`. missing: share of rows without a value. unseen: share of rows with a category that training had
    not, or a number outside of its range; None where the categories were too many to remember. reference: of training,
    with the categories that have a bin alone. current: shares of the rows in the same bins."""

    psi: float
    missing: float
    unseen: float | None
    reference: Histogram
    current: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """column -> histogram of the training rows; SCORE is that of the model's answers to them."""

    histograms: Mapping[str, Histogram]

    def to_text(self) -> str:
        # Categories of which none was seen are written: without them it would be read as a histogram of numbers.
        shown = {name: {key: value for key, value in asdict(item).items()
                        if value is not None and (key, value) != ("edges", ())}
                 for name, item in self.histograms.items()}
        return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def read_reference(text: str) -> Reference | None:
    """What `to_text` wrote; None for a model file without it."""
    if not text:
        return None
    return Reference({name: read_histogram(item) for name, item in json.loads(text).items()})


def read_histogram(fields: Mapping[str, Any]) -> Histogram:
    """Of JSON, where tuples are lists."""
    read: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    return Histogram(**read)


def take_reference(columns: Sequence[Column], table: Table, scores: Array) -> Reference:
    """columns: those that may be looked at. scores: the answers to the same rows. Of fewer than MIN_ROWS rows there is
    nothing in it."""
    if len(scores) < MIN_ROWS:
        return Reference({})
    looked_at = {column.name: column.rules.gauge(table[column.name]) for column in columns
                 if column.rules.form is not Form.ARRAYS}  # nothing is compared of a column of pictures
    histograms = {name: _of_categories(values) if values.dtype == object else _of_numbers(values)
                  for name, values in looked_at.items()}
    return Reference(histograms | {SCORE: _of_numbers(scores)})


def measure(histogram: Histogram, values: Array) -> Drift:
    """values: float[n] with NaN for missing, or object[n] of str with "", as the column's rules gauge them; n > 0."""
    shares = _counts(histogram, values) / len(values)
    categories = histogram.categories and histogram.categories[:TOP_CATEGORIES]
    return Drift(psi(np.array(histogram.shares), shares), float(shares[-1]), _unseen(histogram, values),
                 replace(histogram, categories=categories), tuple(shares.tolist()))


def psi(expected: Array, actual: Array) -> float:
    """Population stability index, sum of (a - e) ln(a / e) over the bins (Siddiqi 2006, "Credit Risk Scorecards"): the
    symmetric Kullback-Leibler divergence. Up to 0.1 is read as no change, from 0.25 on as a large one. An empty bin
    counts as 0.0001, so that the index stays finite."""
    floored = np.clip(expected, _FLOOR, None), np.clip(actual, _FLOOR, None)
    return float(np.sum((floored[1] - floored[0]) * np.log(floored[1] / floored[0])))


def _of_numbers(values: Array) -> Histogram:
    known = values[~np.isnan(values)].astype(np.float64)
    if not len(known):
        return Histogram((0.0, 1.0))
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="closest_observation"))
    empty = Histogram((), tuple(edges.tolist()), float(known.min()), float(known.max()))
    return _filled(empty, values)


def _of_categories(values: Array) -> Histogram:
    counts = Counter(values.tolist())
    counts.pop("", None)
    ordered = sorted(counts, key=lambda text: (-counts[text], text))
    return _filled(Histogram((), categories=tuple(ordered[:KNOWN_CATEGORIES])), values)


def _filled(histogram: Histogram, values: Array) -> Histogram:
    shares = _counts(histogram, values) / len(values)
    return Histogram(tuple(shares.tolist()), histogram.edges, histogram.low, histogram.high, histogram.categories)


def _counts(histogram: Histogram, values: Array) -> Array:
    """int64[bins + 1], missing last."""
    if histogram.categories is None:
        missing = np.isnan(values)
        found = np.searchsorted(histogram.edges, values[~missing].astype(np.float64), side="right")
        return np.append(np.bincount(found, minlength=len(histogram.edges) + 1), np.count_nonzero(missing))
    positions = {text: position for position, text in enumerate(histogram.categories[:TOP_CATEGORIES])}
    counts, other = np.zeros(len(positions) + 2, dtype=np.int64), len(positions)
    for text, count in Counter(values.tolist()).items():
        counts[-1 if text == "" else positions.get(text, other)] += count
    return counts


def _unseen(histogram: Histogram, values: Array) -> float | None:
    if histogram.categories is None:
        if histogram.low is None:
            return None
        return float(np.mean((values < histogram.low) | (values > histogram.high)))
    if len(histogram.categories) >= KNOWN_CATEGORIES:
        return None
    known = {*histogram.categories, ""}
    return sum(text not in known for text in values.tolist()) / len(values)
