"""Does the exported model answer as the trained one did? The rows that tell, and the comparison."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from domain.columns.rules import Form
from domain.errors import ModelRejected
from domain.forms import from_plain, to_plain
from domain.labels import Label
from domain.prediction import MaskPredictions, Predictions
from domain.schema import Column
from domain.table import Table

# Largest difference allowed, on probabilities as they are and on numbers relative to the largest of them: trees add up
# to a small number out of large ones, and a sum in float32 is as exact as its largest term.
TOLERANCE = 1e-5


class ParityBroken(ModelRejected):
    """The file answers differently from the model that it was made of."""

    code = "parity_broken"


def largest_difference(reference: Predictions, candidate: Predictions) -> float:
    """The largest difference of two answers to the same rows: absolute on probabilities, on numbers relative to the
    largest of them (to 1 at least). Infinite if they do not even have the same form, or one of them is not a number."""
    first, second = reference.numbers, candidate.numbers
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


# --- a probe: a few rows with the trained model's answers, carried by the model file itself ---

PROBE_ROWS = 64


def probe_text(rows: Table, reference: Predictions) -> str:
    """Rows and the trained model's answers to them as JSON; null stands for a missing number, pictures are packed."""
    inputs = {name: to_plain(column) for name, column in rows.columns.items()}
    probabilities = None if reference.probabilities is None else to_plain(reference.probabilities)
    return json.dumps({"inputs": inputs, "values": to_plain(reference.values), "probabilities": probabilities},
                      ensure_ascii=False, separators=(",", ":"))


def read_probe(text: str, columns: Sequence[Column], labels: tuple[Label, ...]) -> tuple[Table, Predictions]:
    """What `probe_text` wrote. Raises: ModelRejected."""
    try:
        document = json.loads(text)
        inputs = {column.name: from_plain(column.rules.form, document["inputs"][column.name]) for column in columns}
        answers = _probe_answers(document, labels)
        lengths = {len(column) for column in (*inputs.values(), answers.values)}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError("a probe has rows, and as many in each column")
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as failure:
        raise ModelRejected("the model file carries no probe by which its answers could be checked") from failure
    return Table(inputs), answers


def _probe_answers(document: Mapping[str, Any], labels: tuple[Label, ...]) -> Predictions:
    values, probabilities = document["values"], document["probabilities"]
    if labels and probabilities is None:
        raise ValueError("classes have probabilities")
    if values and isinstance(values[0], dict):
        return MaskPredictions(from_plain(Form.ARRAYS, values), from_plain(Form.ARRAYS, probabilities), labels)
    stacked = None if probabilities is None else np.array(probabilities, dtype=np.float32)
    return Predictions(np.array(values, dtype=_values_dtype(labels)), stacked, labels)


def _values_dtype(labels: tuple[Label, ...]) -> type:
    if not labels:
        return np.float32
    return object if isinstance(labels[0], str) else np.int64
