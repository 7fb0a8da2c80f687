"""Class weights in each trainer that knows them: what they change, and that the file answers so too."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adapters.catboost.trainer import CatboostTrainer
from adapters.matrix.lightgbm.trainer import LightgbmTrainer
from adapters.matrix.linear.trainer import LinearTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from domain.kinds.kind import Problem
from domain.splitting import Parts
from domain.training import Training
from tests.builders import LATE, make_parts, make_task

TRAINERS = {"catboost": CatboostTrainer, "linear": LinearTrainer, "lightgbm": LightgbmTrainer}


def rare(problem=Problem.BINARY) -> Parts:
    """One row of twelve, about, has the last label."""
    parts = make_parts(make_task(problem), 1_500)
    return Parts(*(table.take(_chosen(table)) for table in (parts.train, parts.valid, parts.test)))


def _chosen(table):
    is_rare = np.array([str(value) in ("1", 'cancelled, "sick"') for value in table[LATE]])
    return np.flatnonzero(~is_rare | (np.arange(table.n_rows) % 12 == 0))


def answered(name, parts, tmp_path, problem=Problem.BINARY, **params) -> float:
    """The share of the rows that are answered with the last label."""
    trainer = TRAINERS[name]() if name == "linear" else TRAINERS[name](2)
    task = replace(make_task(problem), training=Training.of(trainer=name, iterations=10, **params))
    training = TrainModel(trainer, OnnxModelLoader()).execute(task, parts, tmp_path, lambda *_: None)
    return float((OnnxModelLoader().load(training.model).predict(parts.test).values == task.labels[-1]).mean())


@pytest.mark.parametrize("name", TRAINERS)
def test_the_rare_label_is_answered_more_often(name, tmp_path):
    parts = rare()
    usual, balanced, heavy, light = (answered(name, parts, tmp_path, **params) for params in (
        {}, {"class_weights": "balanced"}, {"class_weights": {"1": 200}}, {"class_weights": {"1": 1}}))
    assert usual < balanced < heavy
    assert light == usual, "weights that are all the same are none"


@pytest.mark.parametrize("name", TRAINERS)
def test_of_several_labels(name, tmp_path):
    parts = rare(Problem.MULTICLASS)
    usual, balanced = (answered(name, parts, tmp_path, Problem.MULTICLASS, **params) for params in (
        {}, {"class_weights": "balanced"}))
    assert usual < balanced
