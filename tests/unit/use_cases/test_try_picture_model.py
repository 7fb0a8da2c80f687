"""What a net of pictures that nobody knows has to keep."""
from __future__ import annotations

from time import perf_counter

import numpy as np
import onnx
import pytest

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.model_wrapper import OnnxModelWrapper
from application.ports.model_wrapper import ModelSource
from application.serving.fitness import check_fitness
from application.training.trying import UnsteadyModel
from application.use_cases.try_model import TryModel
from domain import model_mapping
from domain.errors import InvalidInput
from domain.makers_answers import MakersAnswers
from domain.parity import ParityBroken
from domain.splitting import part
from tests import foreign
from tests.pictures import IMAGE, make_class_task, make_classified, make_picture_task, make_pictures

CLASSES, MASKS = make_class_task(), make_picture_task()
PICTURES = make_classified(CLASSES, 160)
PIXELS = {"picture": {"scale": 1 / 255}}


def tried(content, task=CLASSES, rows=PICTURES, makers=None, **mapping):
    steps: list[str] = []
    done = TryModel(OnnxModelWrapper(), OnnxModelLoader(), perf_counter).execute(
        task, part(rows, task.split), ModelSource(content), model_mapping.from_document(mapping), makers, steps.append)
    return done, steps


@pytest.mark.parametrize("least", [(1, 1), (40, 40)])
def test_one_that_is_all_right_may_be_deployed(least):
    content = foreign.picture_model(size=("H", "W"), output="shares", least=least)
    done, steps = tried(content, **PIXELS)
    check_fitness(CLASSES, OnnxModelLoader().load(done.wrapped.model))
    assert done.importance == {IMAGE: 1.0} and set(done.metrics) == {"train", "valid", "test"}
    assert steps.count("for the training rows") > 1, "each piece of many pictures has its own time"


def test_drift_is_watched_on_its_answers():
    done, _ = tried(foreign.picture_model(size=("H", "W"), output="shares"), **PIXELS)
    assert "prediction_score" in OnnxModelLoader().load(done.wrapped.model).card.metadata["reference"]


def test_one_that_answers_by_chance():
    model = onnx.load_from_string(foreign.picture_model(output="shares"))
    place = next(place for place, node in enumerate(model.graph.node) if node.op_type == "MatMul")
    model.graph.node[place].input[0] = "noisy"
    model.graph.node.insert(place, onnx.helper.make_node("Add", ["flat", "noise"], ["noisy"]))
    model.graph.node.insert(place, onnx.helper.make_node("RandomNormalLike", ["flat"], ["noise"]))
    with pytest.raises(UnsteadyModel, match="by chance"):
        tried(model.SerializeToString(), **PIXELS)


def test_masks():
    rows = make_pictures(MASKS, 30)
    done, _ = tried(foreign.mask_model("shares"), MASKS, rows, **PIXELS)
    check_fitness(MASKS, OnnxModelLoader().load(done.wrapped.model))
    assert done.metrics["test"]["iou"] > 0.9, done.metrics["test"]
    with pytest.raises(InvalidInput, match="outputs.logits: logits"):
        tried(foreign.mask_model("logits"), MASKS, rows, **PIXELS)


def test_its_makers_answers():
    pictures = PICTURES.take(slice(0, 3)).select([IMAGE])
    numbers = np.stack([pixels.mean(axis=(0, 1)) / 255 for pixels in pictures[IMAGE]])
    shares = np.exp(numbers) / np.exp(numbers).sum(axis=1, keepdims=True)
    content = foreign.picture_model(size=("H", "W"), output="shares")
    done, _ = tried(content, makers=MakersAnswers(pictures, shares, None), **PIXELS)
    assert done.parity < 1e-6
    with pytest.raises(ParityBroken, match="3 of 3 rows"):
        tried(content, makers=MakersAnswers(pictures, shares, None), picture={"scale": 1 / 128})
