"""What the maker of a model says that it answers, and whether the imported file does."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from domain import prediction
from domain.arrays import Array, Floats
from domain.parity import TOLERANCE, ParityBroken
from domain.prediction import Predictions
from domain.table import Table


@dataclass(frozen=True, eq=False, slots=True)
class MakersAnswers:
    """rows: the task's features, n rows. numbers: float64[n, classes] probabilities in the order of the task's labels,
    or float64[n, 1] of a regression; None where the maker gave labels alone. labels: object[n] of str; None of a
    regression, and where probabilities say more."""

    rows: Table
    numbers: Floats | None
    labels: Array | None

    def compared(self, pieces: Iterable[Predictions]) -> float:
        """The largest difference: absolute on probabilities, on numbers relative to the largest of them (1 at least).

        pieces: the file's answers to all rows in their order, one piece at least. Raises: ParityBroken saying on how
        many rows, and on which one most.
        """
        answers = prediction.concat(list(pieces))
        if self.numbers is None:
            assert self.labels is not None
            apart = np.array([str(value) for value in answers.values], dtype=object) != self.labels
            _raise_if(apart, apart.astype(np.float64), "label")
            return 0.0
        differences = _differences(self.numbers, answers)
        what = "probability" if answers.probabilities is not None else "number"
        _raise_if(differences > TOLERANCE, differences, what)
        return float(differences.max(initial=0.0))


def _differences(numbers: Floats, answers: Predictions) -> Floats:
    """float64[n]."""
    given = answers.numbers.reshape(numbers.shape)
    scale = 1.0 if answers.probabilities is not None else max(1.0, float(np.nanmax(np.abs(numbers), initial=0)))
    differences = np.abs(given - numbers).max(axis=1) / scale
    # What is no number on one side alone is as far off as can be; on both it is the same.
    neither = np.isnan(given).any(axis=1) & np.isnan(numbers).any(axis=1)
    return np.where(neither, 0.0, np.where(np.isnan(differences), np.inf, differences))


def _raise_if(apart: Array, differences: Floats, what: str) -> None:
    if not apart.any():
        return
    worst = int(differences.argmax())
    by = "" if what == "label" else f" by up to {differences[worst]:.3g} ({TOLERANCE:g} is allowed)"
    raise ParityBroken(
        f"the file answers differently from its maker on {np.count_nonzero(apart):,} of {len(apart):,} rows of the "
        f"check{by}, most on row {worst + 1}: the {what} is another there. The conversion to ONNX changed the model")
