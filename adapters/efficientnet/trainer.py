"""Pictures by class: a pretrained network as it is, and a linear head that is trained.

Few labelled pictures are enough so, and a training takes seconds. What the head learns from comes out of the graph that
answers later, as another way to make a picture smaller would give other features.
"""
from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from adapters.efficientnet.backbone_graph import MAPS
from adapters.efficientnet.model_graph import build_features, build_model
from adapters.efficientnet.weights import read_weights
from application.ports.curve_writer import CurveWriter
from application.ports.trainer import TrainedModel, Trainer, TrainingFailed
from application.training.signature import metadata_of
from domain.arrays import Array
from domain.class_weights import class_weights, weights_of
from domain.labels import array_of
from domain.prediction import Predictions
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.trainer_card import TrainerCard

if TYPE_CHECKING:
    from adapters.efficientnet.head import Head

# The task's l2_leaf_reg, 3 unless it says otherwise, so means 1 / C = 0.01: measured best on flowers, waste, defects
# of steel, ants and bees.
PENALTY_PER_L2 = 1 / 300


class EfficientnetTrainer(Trainer):
    """weights: the file of the backbone. curves: where those of the head go. card: what it is called; it has the
    parameters of the head, `iterations`, `l2_leaf_reg` and `class_weights`. threads: of the features; the result does
    not depend on it. Nothing is stopped early, so in the end it is fitted on train and valid together."""

    def __init__(self, weights: Path, curves: CurveWriter, card: TrainerCard, threads: int = -1) -> None:
        self._backbone, self._curves, self._card = Backbone(weights, threads), curves, card

    def describe(self) -> TrainerCard:
        return self._card

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> EfficientnetTrainedModel:
        params: Mapping[str, Any] = self._card.resolved(task.training.params, task.kind, parts.n_rows, task.problem)
        iterations = params["iterations"]
        train, valid = (self._backbone.features(part[task.schema.features[0].name]) for part in (
            parts.train, parts.valid))
        targets, valid_targets = (task.targets(part[task.schema.target.name]) for part in (parts.train, parts.valid))
        _check_targets(task, targets)
        weights = class_weights(task, params["class_weights"], targets)
        curve: list[dict[str, float]] = []

        def step(head: Head) -> None:
            losses = [head.log_loss(features, truth, weights_of(weights, truth))
                      for features, truth in ((train, targets), (valid, valid_targets))]
            curve.append({"iteration": len(curve) + 1, "train": losses[0], "valid": losses[1]})
            on_iteration(len(curve), iterations, curve[-1]["valid"])

        first = _fitted(task, params, train, targets, step)
        self._curves.write(curve, task.rules.loss, events)
        unseen = _predictions(task, first.probabilities(valid))

        def kept(features: NDArray[np.float32], labels: Array, unseen: Predictions | None) -> EfficientnetTrainedModel:
            return EfficientnetTrainedModel(task, self._backbone, _fitted(task, params, features, labels), curve,
                                            features.std(axis=0), unseen, refit)

        def refit(rows: Table) -> EfficientnetTrainedModel:
            features = self._backbone.features(rows[task.schema.features[0].name])
            return kept(features, task.targets(rows[task.schema.target.name]), None)

        return kept(np.concatenate([train, valid]), np.concatenate([targets, valid_targets]), unseen)


def _fitted(task: Task, params: Mapping[str, Any], features: NDArray[np.float32], targets: Array,
            on_step: Callable[[Head], None] = lambda _: None) -> Head:
    from adapters.efficientnet.head import fit_head  # SciPy, which no training of a table waits for

    penalty = params["l2_leaf_reg"] * PENALTY_PER_L2
    weights = weights_of(class_weights(task, params["class_weights"], targets), targets)
    return fit_head(features, targets, len(task.labels), penalty, params["iterations"], on_step, weights)


class Backbone:
    """The network up to its features. path: of its weights."""

    def __init__(self, path: Path, threads: int) -> None:
        self._path, self._threads = path, threads

    @cached_property
    def weights(self) -> Mapping[str, Array]:
        return read_weights(self._path)

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(self._threads, 0)
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            build_features(self.weights).SerializeToString(), options, providers=["CPUExecutionProvider"])

    def features(self, pictures: Array) -> NDArray[np.float32]:
        """float32[n, MAPS] of object[n] of uint8[height, width, 3]."""
        found = np.empty((len(pictures), MAPS), np.float32)
        for row, picture in enumerate(pictures):
            found[row] = self._session.run(None, {"image": picture[None]})[0][0]
        return found


class EfficientnetTrainedModel(TrainedModel):
    def __init__(self, task: Task, backbone: Backbone, head: Head, curve: Sequence[Mapping[str, float]],
                 spread: NDArray[np.float32], unseen_valid: Predictions | None,
                 refit: Callable[[Table], TrainedModel]) -> None:
        """spread: of each feature, over the rows that the head was fitted on."""
        self._task, self._backbone, self._head = task, backbone, head
        self.learning_curve, self.unseen_valid, self.refit = curve, unseen_valid, refit
        self.borders: dict[str, NDArray[np.float32]] = {}
        weighed = np.abs(head.kernel).sum(axis=0) * spread
        shares = (weighed / weighed.sum() if weighed.any() else np.full(MAPS, 1 / MAPS)).astype(np.float64)
        self.importance = {f"map {number}": float(share) for number, share in enumerate(shares, 1)}

    def predict(self, table: Table) -> Predictions:
        features = self._backbone.features(table[self._task.schema.features[0].name])
        return _predictions(self._task, self._head.probabilities(features))

    def export(self) -> bytes:
        model = build_model(self._backbone.weights, self._head, self._task.schema.features[0].name, self._task.labels,
                            metadata_of(self._task))
        return bytes(model.SerializeToString(deterministic=True))

    def native(self) -> bytes:
        """The head as an array of numpy: the kernel, and the bias as its last column."""
        file = io.BytesIO()
        np.save(file, np.column_stack([self._head.kernel, self._head.bias]))
        return file.getvalue()


def _predictions(task: Task, probabilities: NDArray[np.float32]) -> Predictions:
    return Predictions(array_of(task.labels)[probabilities.argmax(axis=1)], probabilities, task.labels)


def _check_targets(task: Task, targets: Array) -> None:
    if len(np.unique(targets)) < 2:
        raise TrainingFailed(f"all {len(targets)} training rows have the same {task.schema.target.name}; "
                             "there is nothing to learn")
