"""A linear model whose file is JSON."""
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from application.ports.model_runner import ModelLoader, ModelRunner, UnreadableModel
from domain.arrays import Array
from domain.columns import ColumnType
from domain.kinds.kind import Problem
from domain.parity import probe_text
from domain.prediction import ModelCard, ModelTensor, Predictions
from domain.schema import Column
from domain.table import Table
from domain.task import Task

_TENSORS = {ColumnType.NUMBER: "tensor(float)", ColumnType.CATEGORY: "tensor(string)"}
_FLOAT32_MAX = float(np.finfo(np.float32).max)


def linear_model(task: Task, weights: Mapping[str, list[float]] | None = None,
                 codes: Mapping[str, Mapping[str, list[float]]] | None = None,
                 bias: list[float] | None = None) -> bytes:
    """A model file. weights: number feature -> one weight a class; codes: category feature -> text -> the same; one
    class for regression. What is left out counts nothing; without any, numbers count 0.01 for the last class."""
    classes = max(len(task.labels), 1)
    last = [0.0] * (classes - 1) + [0.01]
    numbers = [column.name for column in task.schema.features if column.type is ColumnType.NUMBER]
    signature = [{"name": column.name, "type": str(column.type), "nullable": column.nullable}
                 for column in task.schema.features]
    return _dump({
        "features": [[column.name, str(column.type)] for column in task.schema.features],
        "weights": dict(weights) if weights is not None else dict.fromkeys(numbers, last),
        "codes": {name: dict(values) for name, values in (codes or {}).items()}, "bias": bias or [0.0] * classes,
        "metadata": {"task": task.name, "problem": str(task.problem), "signature": json.dumps(signature),
                     "labels": json.dumps(list(task.labels), ensure_ascii=False)},
    })


def with_probe(task: Task, model: bytes, rows: Table) -> bytes:
    """The same model carrying its answers to these rows, as `TrainModel` leaves a file and a deployment asks for."""
    loader, features = LinearModelLoader(), rows.select(column.name for column in task.schema.features)
    return loader.stamp(model, {"probe": probe_text(features, loader.load(model).predict(features))})


def _dump(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


class LinearModelRunner(ModelRunner):
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        metadata = document["metadata"]
        features = tuple(Column(name, ColumnType(kind)) for name, kind in document["features"])
        self._is_number = metadata["problem"] == Problem.REGRESSION
        outputs = [ModelTensor("prediction", "tensor(float)" if self._is_number else "tensor(int64)")]
        outputs += [] if self._is_number else [ModelTensor("probabilities", "tensor(float)")]
        inputs = tuple(ModelTensor(column.name, _TENSORS[column.type]) for column in features)
        self._card = ModelCard(inputs, tuple(outputs), features, tuple(json.loads(metadata["labels"])), metadata)

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, table: Table) -> Predictions:
        scores = np.tile(np.array(self._document["bias"], dtype=np.float64), (table.n_rows, 1))
        for column in self._card.features:
            scores += self._share(column, table[column.name])
        if self._is_number:
            return Predictions(np.clip(scores[:, 0], -_FLOAT32_MAX, _FLOAT32_MAX).astype(np.float32), None, ())
        exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = (exponents / exponents.sum(axis=1, keepdims=True)).astype(np.float32)
        labels = self._card.labels
        known = np.array(labels, dtype=object if isinstance(labels[0], str) else np.int64)
        return Predictions(known[probabilities.argmax(axis=1)], probabilities, labels)

    def _share(self, column: Column, values: Array) -> NDArray[np.float64]:
        nothing = [0.0] * len(self._document["bias"])
        if column.type is ColumnType.NUMBER:
            weights = np.array(self._document["weights"].get(column.name, nothing), np.float64)
            return np.nan_to_num(values.astype(np.float64))[:, None] * weights
        codes = self._document["codes"].get(column.name, {})
        return np.array([codes.get(text, nothing) for text in values.tolist()]).reshape(len(values), len(nothing))


class LinearModelLoader(ModelLoader):
    def load(self, model: bytes) -> LinearModelRunner:
        document = _read(model)
        try:
            return LinearModelRunner(document)
        except (KeyError, TypeError, ValueError, IndexError) as failure:
            raise UnreadableModel("not a linear model") from failure

    def stamp(self, model: bytes, metadata: Mapping[str, str]) -> bytes:
        document = _read(model)
        return _dump(document | {"metadata": document.get("metadata", {}) | dict(metadata)})


def _read(model: bytes) -> dict[str, Any]:
    try:
        document = json.loads(model)
    except ValueError as failure:
        raise UnreadableModel("not JSON") from failure
    if not isinstance(document, dict):
        raise UnreadableModel("not a JSON object")
    return document
