"""What a model answers, and what a model says of itself."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.picture import class_shares
from domain.schema import Column
from domain.task import Label


@dataclass(frozen=True, eq=False, slots=True)
class Predictions:
    """Answers for n rows, in row order.

    values: int64[n] or object[n] labels, or float32[n] for regression.
    probabilities: float32[n, classes] in the order of `labels`, None for regression.
    For pictures both are object[n], one array a picture: uint8[height, width] class positions, and
    float32[height, width, classes], left out where many answers are kept.
    """

    values: np.ndarray
    probabilities: np.ndarray | None
    labels: tuple[Label, ...]

    @property
    def n_rows(self) -> int:
        return len(self.values)

    @property
    def scores(self) -> np.ndarray:
        """float32[n]: the probability of each predicted label, in a picture the mean of its pixels', or the number."""
        if self.of_pictures:
            return np.array([answer.max(axis=2).mean() for answer in self.probabilities], dtype=np.float32)
        return self.values if self.probabilities is None else self.probabilities.max(axis=1)

    def take(self, rows: np.ndarray | slice) -> Predictions:
        """Of these rows alone."""
        probabilities = self.probabilities
        return Predictions(self.values[rows], None if probabilities is None else probabilities[rows], self.labels)

    def by_row(self) -> Predictions:
        """Of pictures a label a row, that of most of its pixels, with the shares of all; others as they are."""
        if not self.of_pictures:
            return self
        shares = np.array([class_shares(mask, len(self.labels)) for mask in self.values],
                          dtype=np.float32).reshape(-1, len(self.labels))
        labels = np.array([*self.labels, None], dtype=object)[:-1]
        return Predictions(labels[shares.argmax(axis=1)], shares, self.labels)

    @property
    def of_pictures(self) -> bool:
        return bool(self.labels) and (self.probabilities is None or self.probabilities.dtype == object)


class CompactPredictions:
    """Answers of many rows, gathered part by part; a label takes as many bytes as a small number."""

    def __init__(self, labels: tuple[Label, ...]) -> None:
        self._labels, self._positions = labels, {label: position for position, label in enumerate(labels)}
        self._values: list[np.ndarray] = []
        self._probabilities: list[np.ndarray] = []

    def add(self, part: Predictions) -> None:
        if part.probabilities is None or part.of_pictures:
            self._values.append(part.values)
            return
        self._values.append(np.fromiter(map(self._positions.__getitem__, part.values.tolist()), np.uint16, part.n_rows))
        self._probabilities.append(part.probabilities)

    def whole(self) -> Predictions:
        """All rows, in order. The labels are the same objects over and over, not a copy for each row."""
        if not self._labels:
            return Predictions(np.concatenate([np.empty(0, np.float32), *self._values]), None, ())
        if self._values and not self._probabilities:
            return Predictions(np.concatenate(self._values), None, self._labels)
        labels = np.array(self._labels, dtype=object if isinstance(self._labels[0], str) else np.int64)
        codes = np.concatenate([np.empty(0, np.uint16), *self._values])
        stacked = np.concatenate([np.empty((0, len(self._labels)), np.float32), *self._probabilities])
        return Predictions(labels[codes], stacked, self._labels)


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
        return self._number("experiment_id")

    @property
    def dataset_version(self) -> int | None:
        return self._number("dataset_version")

    def _number(self, name: str) -> int | None:
        """None where the file, which may be of another maker, says nothing or something else."""
        text = self.metadata.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 20 else None
