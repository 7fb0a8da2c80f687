"""What only the training on pixels does: few pictures are all learned from."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adapters.catboost.pixels.trainer import DEAR_PICTURES, CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.ports.trainer import TrainingFailed
from application.use_cases.train_model import TrainModel
from domain.picture import VOID, cells
from domain.scoring import score
from domain.splitting import Parts
from domain.table import Table
from domain.training import Training
from tests.pictures import IMAGE, MASK, make_picture_task, make_pictures

TASK = make_picture_task(training=Training.of(iterations=6, depth=3, learning_rate=0.3, early_stopping_rounds=0))
# Nuclei that are dark, which no other picture shows.
ODD = make_pictures(TASK, 1, seed=9)
INVERTED = Table({IMAGE: cells([255 - ODD[IMAGE][0]]), MASK: ODD[MASK]})


def fit(parts: Parts, folder: Path):
    return CatboostPixelTrainer(1).fit(TASK, parts, folder / "events", lambda *_: None)


def parts_of(train: int) -> Parts:
    return Parts(make_pictures(TASK, train), INVERTED, make_pictures(TASK, 1, seed=2))


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    return any((first != second).any() for first, second in zip(one, other, strict=True))


def test_of_few_pictures_also_those_that_stop_are_learned_from(tmp_path):
    parts = parts_of(train=4)
    model = fit(parts, tmp_path)
    assert differs(model.predict(parts.valid).probabilities, model.unseen_valid.probabilities)
    alone = score(TASK, parts.valid[MASK], model.unseen_valid)["pixel_accuracy"]
    assert score(TASK, parts.valid[MASK], model.predict(parts.valid))["pixel_accuracy"] > alone


def test_of_many_pictures_they_are_not(tmp_path):
    assert fit(parts_of(DEAR_PICTURES - 2), tmp_path).unseen_valid is not None
    assert fit(parts_of(DEAR_PICTURES - 1), tmp_path).unseen_valid is None


def test_no_metric_is_of_a_model_that_had_seen_the_pictures(tmp_path):
    parts = parts_of(train=4)
    training = TrainModel(CatboostPixelTrainer(1), OnnxModelLoader(1)).execute(TASK, parts, tmp_path, lambda *_: None)
    unseen = fit(parts, tmp_path).unseen_valid
    assert training.metrics["valid"] == pytest.approx(score(TASK, parts.valid[MASK], unseen))
    seen = OnnxModelLoader(1).load(training.model).predict(parts.valid)
    assert score(TASK, parts.valid[MASK], seen) != pytest.approx(training.metrics["valid"])


def voided(table: Table, right_half: bool) -> Table:
    """All of each mask is void, or its right half, where the picture shows something else."""
    pictures, masks = [one.copy() for one in table[IMAGE]], [one.copy() for one in table[MASK]]
    for picture, mask in zip(pictures, masks, strict=True):
        mask[:, mask.shape[1] // 2 if right_half else 0:] = VOID
        picture[:, mask.shape[1] // 2 + 20:] = 0
    return Table({IMAGE: cells(pictures), MASK: cells(masks)})


def test_void_pixels_are_not_learned_from(tmp_path):
    train, valid = (voided(make_pictures(TASK, 3, seed=seed), right_half=True) for seed in (0, 5))
    model = fit(Parts(train, valid, valid), tmp_path)
    assert score(TASK, valid[MASK], model.predict(valid))["iou"] > 0.6


def test_masks_that_are_void_all_over_teach_nothing(tmp_path):
    train = voided(make_pictures(TASK, 3), right_half=False)
    with pytest.raises(TrainingFailed, match="void"):
        fit(Parts(train, make_pictures(TASK, 1), train), tmp_path)
