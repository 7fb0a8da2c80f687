"""What a model answers, and what a model says of itself."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.schema import Column
from domain.task import Label


@dataclass(frozen=True, eq=False, slots=True)
class Predictions:
    """Answers for n rows, in row order.

    values: int64[n] or object[n] labels, or float32[n] for regression.
    probabilities: float32[n, classes] in the order of `labels`, None for regression.
    """

    values: np.ndarray
    probabilities: np.ndarray | None
    labels: tuple[Label, ...]

    @property
    def n_rows(self) -> int:
        return len(self.values)

    @property
    def scores(self) -> np.ndarray:
        """float32[n]: the probability of each predicted label, or the predicted number."""
        return self.values if self.probabilities is None else self.probabilities.max(axis=1)


def concat(parts: list[Predictions]) -> Predictions:
    """All rows of all parts, in order; `parts` is not empty."""
    first = parts[0]
    stacked = None if first.probabilities is None else np.concatenate([p.probabilities for p in parts])
    return Predictions(np.concatenate([p.values for p in parts]), stacked, first.labels)


@dataclass(frozen=True, slots=True)
class ModelTensor:
    """A named input or output of the model file; `type` as ONNX writes it, such as tensor(float)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the model file itself says. `metadata` holds its texts as they are, `features` the columns it takes."""

    inputs: tuple[ModelTensor, ...]
    outputs: tuple[ModelTensor, ...]
    features: tuple[Column, ...]
    labels: tuple[Label, ...]
    metadata: Mapping[str, str]

    @property
    def task(self) -> str:
        return self.metadata.get("task", "")

    @property
    def experiment_id(self) -> int | None:
        text = self.metadata.get("experiment_id", "")
        return int(text) if text.isdecimal() else None
