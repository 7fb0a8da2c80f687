"""What rows of the prediction log show of the model that answered them."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from application.ports.prediction_store import StoredPrediction
from domain import drift
from domain.arrays import Array
from domain.drift import Drift, Reference
from domain.forms import from_plain
from domain.kinds.kind import Scorer
from domain.schema import Column
from domain.task import Task


def drift_of(task: Task, reference: Reference | None, rows: Sequence[StoredPrediction]) -> dict[str, Drift]:
    """By column; empty of too few rows, or where the model tells nothing of its training. task: as it was trained."""
    if reference is None or len(rows) < drift.MIN_ROWS:
        return {}
    found = {}
    for name, histogram in reference.histograms.items():
        values = _scores(task, rows) if name == drift.SCORE else _values(name, task.schema[name], rows)
        if len(values):
            found[name] = drift.measure(histogram, values)
    return found


def judged(task: Task, rows: Sequence[StoredPrediction], among: Task | None = None) -> Scorer | None:
    """A judge of the answers of labelled rows; None where nothing can be judged. task: as the model was trained. among:
    as a model beside it was, which may know more labels."""
    judge = task if among is None else among
    # A label that was added since is one that the model cannot give; its next one is judged by it.
    known = set(map(str, judge.labels))
    rows = [row for row in rows if not known or row.label in known]
    if not rows or not judge.rules.labels_come_late:
        return None
    answers = task.rules.logged(task, [row.prediction for row in rows], [row.score for row in rows],
                                [row.probabilities for row in rows])
    labels = from_plain(task.schema.target.rules.form, [row.label for row in rows])
    scorer = judge.rules.scorer(judge)
    scorer.add(judge.targets(labels), answers.among(judge.labels))
    return scorer


def _scores(task: Task, rows: Sequence[StoredPrediction]) -> Array:
    """As training saw them: of two labels that of the more probable one, whatever threshold has decided."""
    scores = np.array([row.score for row in rows])
    return np.maximum(scores, 1 - scores) if len(task.labels) == 2 else scores


def _values(name: str, column: Column, rows: Sequence[StoredPrediction]) -> Array:
    return column.rules.gauge(from_plain(column.rules.form, [row.inputs[name] for row in rows if name in row.inputs]))
