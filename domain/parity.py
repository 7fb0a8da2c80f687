"""Does the exported model answer as the trained one did? The rows that tell, and the comparison."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np

from domain.errors import ModelRejected
from domain.picture import cells, made_pictures, pack, unpack
from domain.prediction import Predictions
from domain.schema import Column, ColumnType
from domain.table import Table
from domain.task import Label

# Largest difference allowed, on probabilities as they are and on numbers relative to the largest of them: trees add up
# to a small number out of large ones, and a sum in float32 is as exact as its largest term.
TOLERANCE = 1e-5
UNSEEN = "a category that no training data holds"
_MADE_ROWS = 512


class ParityBroken(ModelRejected):
    """The file answers differently from the model that it was made of."""

    code = "parity_broken"


def made_rows(columns: Sequence[Column], sample: Table, borders: Mapping[str, np.ndarray], seed: int = 0) -> Table:
    """Rows where exports go wrong, drawn around real ones: missing numbers, values exactly on a border and just beside
    it, very large ones, unseen categories and empty texts; each in every column, alone and mixed.

    sample: at least one row of real data; borders: float32 values by number column. Pictures have their own odd ones.
    """
    random = np.random.default_rng(seed)
    if _are_pictures(columns):
        return Table({column.name: made_pictures(column, sample[column.name][0], random) for column in columns})
    rows = random.integers(0, sample.n_rows, _MADE_ROWS)
    made = {}
    for column in columns:
        values = sample[column.name][rows].copy()
        changed = np.flatnonzero(random.random(_MADE_ROWS) < 0.5)
        values[changed] = random.choice(_odd_values(column, borders), len(changed))
        made[column.name] = values
    return Table(made)


def _odd_values(column: Column, borders: Mapping[str, np.ndarray]) -> np.ndarray:
    if column.type is ColumnType.CATEGORY:
        return np.array(["", UNSEEN, "é", "0"], dtype=object)
    on = np.asarray(borders.get(column.name, ()), dtype=np.float32)
    # A border may lie at the end of the range, where there is nothing beside it.
    with np.errstate(over="ignore"):
        beside = np.concatenate([np.nextafter(on, np.float32(np.inf)), np.nextafter(on, np.float32(-np.inf))])
    odd = np.array([np.nan, 0.0, -0.0, 3e38, -3e38], dtype=np.float32)
    return np.concatenate([on, beside[np.isfinite(beside)], odd])


def largest_difference(reference: Predictions, candidate: Predictions) -> float:
    """The largest difference of two answers to the same rows: absolute on probabilities, on numbers relative to the
    largest of them (to 1 at least). Infinite if they do not even have the same form, or one of them is not a number."""
    first, second = _numbers(reference), _numbers(candidate)
    if first.shape != second.shape or reference.labels != candidate.labels:
        return float("inf")
    if not first.size:
        return 0.0
    scale = 1.0 if reference.probabilities is not None else max(1.0, float(np.abs(first).max()))
    worst = float(np.max(np.abs(first - second) / scale))
    return worst if worst == worst else float("inf")


def check(reference: Predictions, candidate: Predictions, what: str) -> float:
    """Raises: ParityBroken if they differ by more than TOLERANCE. Returns: the largest difference."""
    difference = largest_difference(reference, candidate)
    if difference > TOLERANCE:
        raise ParityBroken(f"the model file differs from the trained model by {difference:.3g} on {what}; "
                           f"{TOLERANCE:g} is allowed")
    return difference


def _numbers(predictions: Predictions) -> np.ndarray:
    if predictions.of_pictures:
        return np.concatenate([[0.0], *(answer.ravel() for answer in predictions.probabilities)])
    values = predictions.values if predictions.probabilities is None else predictions.probabilities
    return values.astype(np.float64)


# --- a probe: a few rows with the trained model's answers, carried by the model file itself ---

PROBE_ROWS = 64


def probe_text(rows: Table, reference: Predictions) -> str:
    """Rows and the trained model's answers to them as JSON; null stands for a missing number, pictures are packed."""
    inputs = {name: _plain_column(column) for name, column in rows.columns.items()}
    probabilities = None if reference.probabilities is None else _plain(reference.probabilities)
    return json.dumps({"inputs": inputs, "values": _plain(reference.values), "probabilities": probabilities},
                      ensure_ascii=False, separators=(",", ":"))


def read_probe(text: str, columns: Sequence[Column], labels: tuple[Label, ...]) -> tuple[Table, Predictions]:
    """What `probe_text` wrote. Raises: ModelRejected."""
    try:
        document = json.loads(text)
        inputs = {column.name: _probe_column(column, document["inputs"][column.name]) for column in columns}
        values, stacked = _probe_answers(document, columns, labels)
        lengths = {len(column) for column in (*inputs.values(), values)}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError("a probe has rows, and as many in each column")
    except (ValueError, LookupError, TypeError, OverflowError) as failure:
        raise ModelRejected("the model file carries no probe by which its answers could be checked") from failure
    return Table(inputs), Predictions(values, stacked, labels)


def _are_pictures(columns: Sequence[Column]) -> bool:
    return all(column.type is ColumnType.PICTURE for column in columns)


def _plain(values: np.ndarray) -> list:
    return [pack(value) if isinstance(value, np.ndarray) else value for value in values] if (
        values.dtype == object) else values.tolist()


def _plain_column(column: np.ndarray) -> list:
    return _plain(column) if column.dtype == object else [None if value != value else value
                                                          for value in column.tolist()]


def _probe_answers(document: Mapping, columns: Sequence[Column], labels: tuple[Label, ...]
                   ) -> tuple[np.ndarray, np.ndarray | None]:
    values, probabilities = document["values"], document["probabilities"]
    if labels and probabilities is None:
        raise ValueError("classes have probabilities")
    if _are_pictures(columns):
        return cells([unpack(value) for value in values]), cells([unpack(value) for value in probabilities])
    stacked = None if probabilities is None else np.array(probabilities, dtype=np.float32)
    return np.array(values, dtype=_values_dtype(labels)), stacked


def _values_dtype(labels: tuple[Label, ...]) -> type:
    if not labels:
        return np.float32
    return object if isinstance(labels[0], str) else np.int64


def _probe_column(column: Column, values: list) -> np.ndarray:
    if column.type is ColumnType.PICTURE:
        return cells([unpack(value) for value in values])
    dtype = object if column.type is ColumnType.CATEGORY else np.float32
    return np.array([np.nan if value is None else value for value in values], dtype=dtype)
