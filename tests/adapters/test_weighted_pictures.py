"""Class weights where pictures are learned from: what they change, and that the file answers so too."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adapters.catboost.pictures.trainer import CatboostClassTrainer
from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.efficientnet.head import fit_head
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from domain.class_weights import class_weights
from domain.prediction import MaskPredictions
from tests.pictures import QUICK, make_class_parts, make_class_task, make_picture_parts, make_picture_task

MASKS, CLASSES = make_picture_task(), make_class_task()
TRAINERS = {"masks": (MASKS, make_picture_parts(MASKS), CatboostPixelTrainer(1)),
            "classes": (CLASSES, make_class_parts(CLASSES), CatboostClassTrainer(1))}


def chance(kind: str, tmp_path, **params) -> float:
    """The mean chance that the model file gives to the last label, over the held-out rows or their pixels."""
    task, parts, trainer = TRAINERS[kind]
    task = replace(task, training=QUICK.override({"iterations": 5, **params}))
    training = TrainModel(trainer, OnnxModelLoader(1)).execute(task, parts, tmp_path, lambda *_: None)
    answers = OnnxModelLoader(1).load(training.model).predict(parts.test)
    shares = np.concatenate([*answers.probabilities]) if isinstance(answers, MaskPredictions) else answers.probabilities
    return float(shares[..., -1].mean())


@pytest.mark.parametrize("kind", TRAINERS)
def test_a_label_that_counts_more_is_given_a_larger_chance(kind, tmp_path):
    last = str(TRAINERS[kind][0].labels[-1])
    usual, heavy, same = (chance(kind, tmp_path, **params) for params in (
        {}, {"class_weights": {last: 50}}, {"class_weights": {last: 1}}))
    assert heavy > usual and same == pytest.approx(usual)


def test_balanced_pixels_are_those_of_the_masks_not_of_the_sample(tmp_path):
    """Rare classes are sampled more often, and weigh the less for it."""
    assert chance("masks", tmp_path, class_weights="balanced") > chance("masks", tmp_path)
    sampled, stand_for = np.array([0, 0, 1, 1]), np.array([9.0, 9.0, 1.0, 1.0])
    weights = class_weights(MASKS, "balanced", sampled, stand_for)
    np.testing.assert_allclose(weights, [20 / (2 * 18), 20 / (2 * 2)])
    assert np.average(weights[sampled], weights=stand_for) == pytest.approx(1)


def test_the_head_of_a_pretrained_network():
    """One feature that says nothing: what is left is how much each class counts."""
    features, targets = np.ones((90, 1), np.float32), np.repeat([0, 1, 2], [60, 20, 10])
    plain = fit_head(features, targets, 3, 1.0, 200)
    np.testing.assert_allclose(plain.probabilities(features)[0], [6 / 9, 2 / 9, 1 / 9], atol=1e-3)
    weights = class_weights(CLASSES, "balanced", targets)[targets]
    balanced = fit_head(features, targets, 3, 1.0, 200, weights=weights)
    np.testing.assert_allclose(balanced.probabilities(features)[0], [1 / 3] * 3, atol=1e-3)
    assert balanced.log_loss(features, targets, weights) == pytest.approx(np.log(3), abs=1e-3)
    assert plain.log_loss(features, targets, None) < np.log(3)
