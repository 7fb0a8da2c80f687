"""CatBoost on features of single pixels: a few labelled pictures, seconds of training, one ONNX file.

Pixel classification as ilastik does it (Berg et al. 2019, "ilastik: interactive machine learning for (bio)image
analysis"), with the filters inside the model file.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import catboost
import numpy as np
from numpy.typing import NDArray

from adapters.catboost.boosting import Params, fit_booster, fit_once_more, learning_curve, native_bytes, params_of
from adapters.catboost.card import CARD
from adapters.catboost.pixels.extractor import FeatureExtractor
from adapters.catboost.pixels.feature_graph import feature_names
from adapters.catboost.pixels.model_graph import build_model
from adapters.catboost.pixels.sampling import sample_pixels
from application.ports.trainer import TrainedModel, Trainer, TrainingFailed
from application.training.signature import metadata_of
from domain.arrays import Array
from domain.class_weights import class_weights, weights_of
from domain.picture import cells
from domain.prediction import MaskPredictions, Predictions
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.trainer_card import TrainerCard

# Of fewer pictures one or two say little about when to stop, and are missed among those that are learned from.
DEAR_PICTURES = 20
PICTURE_PIXELS = 8_000
ALL_PIXELS = 1_000_000


class CatboostPixelTrainer(Trainer):
    """Few pictures are fitted to the end, and then again with those of `parts.valid`.

    threads: of the training; the result does not depend on it.
    """

    def __init__(self, threads: int = -1) -> None:
        self._threads = threads

    def describe(self) -> TrainerCard:
        return CARD

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> CatboostTrainedPixelModel:
        column, params = task.schema.features[0], params_of(task, parts.n_rows)
        extractor = FeatureExtractor(column.channels, column.bits, self._threads)
        train, valid = (_sampled(task, part, extractor) for part in (parts.train, parts.valid))
        _check_classes(task, train)
        dear = parts.train.n_rows + parts.valid.n_rows < DEAR_PICTURES
        booster = fit_booster(task, params, train.pool(task, params), valid.pool(task, params), events, self._threads,
                              on_iteration, not dear)
        curve = learning_curve(booster, task)

        def refitted(pixels: _Pixels, unseen_valid: Predictions | None) -> CatboostTrainedPixelModel:
            again = fit_once_more(task, params, booster, 1.0, pixels.pool(task, params), self._threads)
            return CatboostTrainedPixelModel(task, again, extractor, curve, unseen_valid, refit)

        def refit(rows: Table) -> CatboostTrainedPixelModel:
            return refitted(_sampled(task, rows, extractor), None)

        first = CatboostTrainedPixelModel(task, booster, extractor, curve, refit=refit)
        return refitted(_joined([train, valid]), first.predict(parts.valid)) if dear else first


class CatboostTrainedPixelModel(TrainedModel):
    def __init__(self, task: Task, booster: catboost.CatBoost, extractor: FeatureExtractor,
                 curve: Sequence[Mapping[str, float]], unseen_valid: Predictions | None = None,
                 refit: Callable[[Table], TrainedModel] | None = None) -> None:
        self._task, self._booster, self._extractor = task, booster, extractor
        self._picture = task.schema.features[0]
        self.learning_curve, self.unseen_valid, self.refit = curve, unseen_valid, refit
        self.importance = self._importance()
        self.borders: dict[str, NDArray[np.float32]] = {}

    def predict(self, table: Table) -> Predictions:
        probabilities = [self._probabilities(picture) for picture in table[self._picture.name]]
        values = [answer.argmax(axis=2).astype(np.uint8) for answer in probabilities]
        return MaskPredictions(cells(values), cells(probabilities), self._task.labels)

    def export(self) -> bytes:
        model = build_model(self._booster, self._picture.channels, self._picture.bits, len(self._task.labels),
                            metadata_of(self._task))
        return bytes(model.SerializeToString(deterministic=True))

    def native(self) -> bytes:
        return native_bytes(self._booster)

    def _probabilities(self, picture: Array) -> NDArray[np.float32]:
        """float32[height, width, classes]."""
        answer = np.empty((*picture.shape[:2], len(self._task.labels)), np.float32)
        for place, features in self._extractor.tiles(picture):
            rows = features.reshape(len(features), -1).T
            answer[place] = self._booster.predict(rows, prediction_type="Probability").reshape(
                *features.shape[1:], -1)
        return answer

    def _importance(self) -> dict[str, float]:
        values = self._booster.get_feature_importance(type="PredictionValuesChange")
        whole = values.sum() or 1.0
        return {name: float(value / whole)
                for name, value in zip(feature_names(self._picture.channels), values, strict=True)}


@dataclass(frozen=True, eq=False, slots=True)
class _Pixels:
    """features: float32[n, n_features]; classes: int64[n]; weights: float32[n], how many pixels each stands for."""

    features: NDArray[np.float32]
    classes: NDArray[np.int64]
    weights: NDArray[np.float32]

    def pool(self, task: Task, params: Params) -> catboost.Pool:
        weights, asked = self.weights / self.weights.mean(), params["class_weights"]
        of_pixels = weights_of(class_weights(task, asked, self.classes, self.weights), self.classes)
        return catboost.Pool(self.features, self.classes, weight=weights if of_pixels is None else weights * of_pixels)


def _joined(parts: Sequence[_Pixels]) -> _Pixels:
    return _Pixels(*(np.concatenate([getattr(part, name) for part in parts])
                     for name in ("features", "classes", "weights")))


def _sampled(task: Task, table: Table, extractor: FeatureExtractor) -> _Pixels:
    size = min(PICTURE_PIXELS, max(ALL_PIXELS // max(table.n_rows, 1), 1))
    pictures = zip(table[task.schema.features[0].name], table[task.schema.target.name], strict=True)
    parts = []
    for number, (picture, mask) in enumerate(pictures):
        random = np.random.default_rng((task.training.seed, number))
        positions, weights = sample_pixels(mask, len(task.labels), size, random)
        classes = mask.ravel()[positions].astype(np.int64)
        parts.append(_Pixels(_features_at(extractor, picture, positions), classes, weights))
    return _joined(parts)


def _features_at(extractor: FeatureExtractor, picture: Array, positions: NDArray[np.int64]
                 ) -> NDArray[np.float32]:
    """float32[k, n_features] of the pixels at these positions of the flat picture."""
    rows, columns = np.divmod(positions, picture.shape[1])
    found = np.empty((len(positions), extractor.n_features), np.float32)
    for (height, width), features in extractor.tiles(picture):
        here = (rows >= height.start) & (rows < height.stop) & (columns >= width.start) & (columns < width.stop)
        found[here] = features[:, rows[here] - height.start, columns[here] - width.start].T
    return found


def _check_classes(task: Task, train: _Pixels) -> None:
    found = np.unique(train.classes)
    if not len(found):
        raise TrainingFailed("all pixels of the training masks are void; there is nothing to learn")
    if len(found) < 2:
        raise TrainingFailed(f"all pixels of the training masks are {task.labels[int(found[0])]}; "
                             "there is nothing to learn")
