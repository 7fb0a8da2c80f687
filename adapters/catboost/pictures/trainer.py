"""Pictures by class without a pretrained network: filters over the whole picture, and trees."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import catboost
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from adapters.catboost.boosting import fit_booster, fit_once_more, learning_curve, native_bytes, params_of
from adapters.catboost.card import CARD
from adapters.catboost.pictures.graph import build_features, build_model, feature_names
from application.ports.trainer import TrainedModel, Trainer, TrainingFailed
from application.training.signature import metadata_of
from domain.arrays import Array, Floats
from domain.class_weights import class_weights, weights_of
from domain.labels import array_of
from domain.prediction import Predictions
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.trainer_card import TrainerCard


class CatboostClassTrainer(Trainer):
    """threads: of the trees; the result does not depend on it."""

    def __init__(self, threads: int = -1) -> None:
        self._threads = threads

    def describe(self) -> TrainerCard:
        return CARD

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> CatboostTrainedClassModel:
        session, params = _session(), params_of(task, parts.n_rows)
        targets = task.targets(parts.train[task.schema.target.name])
        if len(np.unique(targets)) < 2:
            raise TrainingFailed(f"all {len(targets)} training rows have the same {task.schema.target.name}; "
                                 "there is nothing to learn")
        weights = class_weights(task, params["class_weights"], targets)
        train, valid = (_read(task, part, session, weights) for part in (parts.train, parts.valid))
        booster = fit_booster(task, params, train, valid, events, self._threads, on_iteration)
        curve = learning_curve(booster, task)

        def refit(rows: Table) -> CatboostTrainedClassModel:
            again_weights = class_weights(
                task, params["class_weights"], task.targets(rows[task.schema.target.name]))
            pool = _read(task, rows, session, again_weights)
            again = fit_once_more(task, params, booster, rows.n_rows / parts.train.n_rows, pool, self._threads)
            return CatboostTrainedClassModel(task, again, session, curve, refit)

        return CatboostTrainedClassModel(task, booster, session, curve, refit)


class CatboostTrainedClassModel(TrainedModel):
    def __init__(self, task: Task, booster: catboost.CatBoost, session: onnxruntime.InferenceSession,
                 curve: Sequence[Mapping[str, float]], refit: Callable[[Table], TrainedModel]) -> None:
        self._task, self._booster, self._session = task, booster, session
        self.learning_curve, self.refit = curve, refit
        self.importance = self._importance()
        self.borders: dict[str, NDArray[np.float32]] = {}

    def predict(self, table: Table) -> Predictions:
        features = _features(self._session, table[self._task.schema.features[0].name])
        shares = self._booster.predict(features, prediction_type="Probability").astype(np.float32)
        return Predictions(array_of(self._task.labels)[shares.argmax(axis=1)], shares, self._task.labels)

    def export(self) -> bytes:
        model = build_model(self._booster, self._task.schema.features[0].name, self._task.labels,
                            metadata_of(self._task))
        return bytes(model.SerializeToString(deterministic=True))

    def native(self) -> bytes:
        return native_bytes(self._booster)

    def _importance(self) -> Mapping[str, float]:
        values = self._booster.get_feature_importance(type="PredictionValuesChange")
        whole = values.sum() or 1.0
        return {name: float(value / whole) for name, value in zip(feature_names(), values, strict=True)}


def _session() -> onnxruntime.InferenceSession:
    """On one thread, as the model answers: the order of a sum is then the same."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        build_features().SerializeToString(), options, providers=["CPUExecutionProvider"])


def _read(task: Task, table: Table, session: onnxruntime.InferenceSession, weights: Floats | None) -> catboost.Pool:
    """weights: of the classes."""
    targets = task.targets(table[task.schema.target.name])
    return catboost.Pool(_features(session, table[task.schema.features[0].name]), targets,
                         weight=weights_of(weights, targets))


def _features(session: onnxruntime.InferenceSession, pictures: Array) -> NDArray[np.float32]:
    """float32[n, n_features]."""
    found = np.empty((len(pictures), len(feature_names())), np.float32)
    for row, picture in enumerate(pictures):
        found[row] = session.run(None, {"image": picture[None]})[0][0]
    return found
