"""What a model answers, and what a model says of itself."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from domain.arrays import Array, Flags, Floats
from domain.labels import Label, array_of
from domain.picture import cells, class_shares
from domain.schema import Column
from domain.text_cells import CodedTexts, joined


@dataclass(frozen=True, eq=False, slots=True)
class Predictions:
    """Answers for n rows, in row order.

    values: int64[n] or object[n] labels, or float32[n] for regression.
    probabilities: float32[n, classes] in the order of `labels`, None for regression.
    threshold: above which the probability of the last of two labels makes it the answer; None where the model decides.
    """

    values: Array
    probabilities: Array | None
    labels: tuple[Label, ...]
    threshold: float | None = None

    @property
    def n_rows(self) -> int:
        return len(self.values)

    @property
    def shares(self) -> Array:
        """The probabilities of answers that have some."""
        assert self.probabilities is not None
        return self.probabilities

    @property
    def scores(self) -> Array:
        """float32[n]: the probability of each predicted label, or the number."""
        if self.threshold is not None:
            return np.where(self._above(self.threshold), self.shares[:, 1], self.shares[:, 0])
        if self.probabilities is None:
            return self.values
        # Of two columns numpy finds the larger one many times sooner by whole columns than row by row.
        two = self.probabilities.shape[1] == 2
        scores: Array = np.maximum(*self.probabilities.T) if two else self.probabilities.max(axis=1)
        return scores

    def decided(self, threshold: float) -> Predictions:
        """Of two labels, the last one where its probability is above the threshold."""
        above = self._above(threshold)
        return replace(self, values=array_of(self.labels)[above.astype(np.intp)], threshold=threshold)

    def _above(self, threshold: float) -> Flags:
        above: Flags = self.shares[:, 1] > threshold
        return above

    @property
    def numbers(self) -> Floats:
        """float64: all that two answers to the same rows are compared by."""
        return (self.values if self.probabilities is None else self.probabilities).astype(np.float64)

    def take(self, rows: Array | slice) -> Predictions:
        """Of these rows alone."""
        probabilities = self.probabilities
        return replace(self, values=self.values[rows],
                       probabilities=None if probabilities is None else probabilities[rows])

    def among(self, labels: tuple[Label, ...]) -> Predictions:
        """The same answers where there are more labels behind those of the model: it gives these no share."""
        if self.probabilities is None or len(labels) == len(self.labels):
            return self
        more = np.zeros((self.n_rows, len(labels) - len(self.labels)), self.probabilities.dtype)
        return replace(self, probabilities=np.hstack([self.probabilities, more]), labels=labels)

    def by_row(self) -> Predictions:
        """With a label, or a number, for each row."""
        return self

    def compact(self) -> Predictions:
        """Without what need not be kept of many answers."""
        return self


@dataclass(frozen=True, eq=False, slots=True)
class ClassPredictions(Predictions):
    """Classes of n pictures.

    regions: object[n] of float32[rows, columns], a grid over each picture: how much what is seen there speaks for the
    predicted class; None of a model that does not tell.
    """

    regions: Array | None = None

    def decided(self, threshold: float) -> Predictions:
        """Of two classes what speaks for one speaks against the other."""
        answers = replace(self, values=super().decided(threshold).values, threshold=threshold)
        if self.regions is None:
            return answers
        turned = np.where(answers.values == self.values, 1, -1)
        return replace(answers, regions=cells([sign * grid for sign, grid in zip(turned, self.regions, strict=True)]))

    def take(self, rows: Array | slice) -> Predictions:
        return self.compact().take(rows)

    def compact(self) -> Predictions:
        return Predictions(self.values, self.probabilities, self.labels, self.threshold)


@dataclass(frozen=True, eq=False, slots=True)
class MaskPredictions(Predictions):
    """Answers for n pictures. Both are object[n], one array a picture: values uint8[height, width] class positions,
    probabilities float32[height, width, classes]; None where many answers are kept."""

    @property
    def scores(self) -> Array:
        """float32[n]: in each picture the mean of its pixels' probabilities of their predicted label."""
        return np.array([answer.max(axis=2).mean() for answer in self.shares], dtype=np.float32)

    def among(self, labels: tuple[Label, ...]) -> Predictions:
        """Masks are judged by class positions, which stay the same."""
        return self

    @property
    def numbers(self) -> Floats:
        return np.concatenate([[0.0], *(answer.ravel() for answer in self.shares)])

    def by_row(self) -> Predictions:
        """A label a picture, that of most of its pixels, with the shares of all."""
        shares = np.array([class_shares(mask, len(self.labels)) for mask in self.values],
                          dtype=np.float32).reshape(-1, len(self.labels))
        labels = np.array([*self.labels, None], dtype=object)[:-1]
        return Predictions(labels[shares.argmax(axis=1)], shares, self.labels)

    def compact(self) -> Predictions:
        return replace(self, probabilities=None)


class CompactPredictions:
    """Answers of many rows, gathered part by part; a label takes as many bytes as a small number."""

    def __init__(self, labels: tuple[Label, ...]) -> None:
        self._labels, self._positions = labels, {label: position for position, label in enumerate(labels)}
        self._last: Predictions | None = None  # not compact yet: one part alone need not be
        self._values: list[Array] = []
        self._probabilities: list[Array] = []

    def add(self, part: Predictions) -> None:
        self._compact_last()
        self._last = part

    def _compact_last(self) -> None:
        part, self._last = self._last, None
        if part is None:
            return
        if part.probabilities is None:
            self._values.append(part.values)
            return
        self._values.append(self._coded(part.values))
        self._probabilities.append(part.probabilities)

    def _coded(self, values: Array) -> Array:
        """uint16[n]"""
        if isinstance(values, CodedTexts) and values.codes is not None:
            return np.array([self._positions[text] for text in values.texts], np.uint16)[values.codes]
        return np.fromiter(map(self._positions.__getitem__, values.tolist()), np.uint16, len(values))

    def whole(self) -> Predictions:
        """All rows, in order; a part that is alone as it came. Of several, the labels are the same objects over and
        over, not a copy for each row."""
        if self._last is not None and not self._values:
            return self._last
        self._compact_last()
        if not self._labels:
            return Predictions(np.concatenate([np.empty(0, np.float32), *self._values]), None, ())
        codes = np.concatenate([np.empty(0, np.uint16), *self._values])
        stacked = np.concatenate([np.empty((0, len(self._labels)), np.float32), *self._probabilities])
        return Predictions(array_of(self._labels)[codes], stacked, self._labels)


def none_of(labels: tuple[Label, ...]) -> Predictions:
    """The answers to no rows at all."""
    if not labels:
        return Predictions(np.empty(0, np.float32), None, ())
    return Predictions(array_of(labels)[:0], np.empty((0, len(labels)), np.float32), labels)


def concat(parts: Sequence[Predictions]) -> Predictions:
    """All rows of all parts, in order; `parts` is not empty."""
    stacked = None if parts[0].probabilities is None else np.concatenate([part.shares for part in parts])
    first = parts[0] if isinstance(parts[0], MaskPredictions) else parts[0].compact()
    return replace(first, values=joined([part.values for part in parts]), probabilities=stacked)


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
