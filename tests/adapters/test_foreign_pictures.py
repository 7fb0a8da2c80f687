"""Nets of pictures in the shapes that torch and Keras leave: each sees the picture as its maker would have shown it."""
from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto
from PIL import Image

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.model_wrapper import OnnxModelWrapper
from application.ports.model_runner import ModelCrashed
from application.ports.model_wrapper import ModelSource
from domain import model_mapping
from domain.errors import InvalidInput
from domain.picture import cells
from domain.table import Table
from tests import foreign
from tests.pictures import IMAGE, make_class_task, make_classified, make_picture_task

TASK = make_class_task()
PICTURES = make_classified(TASK, 5)[IMAGE]
LOGITS = {"logits": "logits"}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def wrap(content, task=TASK, outputs=LOGITS, **picture):
    document = {"outputs": outputs, "picture": picture}
    return OnnxModelWrapper().wrap(task, ModelSource(content), model_mapping.from_document(document))


def refused(content, task=TASK, **picture) -> dict[str, str]:
    with pytest.raises(InvalidInput) as failure:
        wrap(content, task, **picture)
    return {fault.where: fault.problem for fault in failure.value.faults}


def answers(wrapped, pictures=PICTURES) -> np.ndarray:
    return OnnxModelLoader().load(wrapped.model).predict(Table({IMAGE: pictures})).probabilities


def softmax(scores: np.ndarray) -> np.ndarray:
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def means(size=None, mean=(0.0,), std=(1.0,), scale=1 / 255) -> np.ndarray:
    """As the net sees the colours of pictures that Pillow has made smaller."""
    seen = [pixels if size is None else np.asarray(Image.fromarray(pixels).resize(size[::-1], Image.Resampling.BILINEAR)
                                                   ) for pixels in PICTURES]
    return np.stack([((pixels * scale - np.array(mean)) / np.array(std)).mean(axis=(0, 1)) for pixels in seen])


@pytest.mark.parametrize("kind", [TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("opset", [11, 17, 22])
def test_floats_of_one_size(layout, opset, kind):
    wrapped = wrap(foreign.picture_model(layout, kind=kind, opset=opset), scale=1 / 255, mean=MEAN, std=STD)
    expected = softmax(means((8, 10), MEAN, STD))
    # Pillow rounds to whole levels on its way, one of 255 at most on the whole.
    np.testing.assert_allclose(answers(wrapped), expected, atol=5e-3)
    assert wrapped.mapping.picture.layout == layout and wrapped.mapping.picture.size == (8, 10)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_pictures_that_have_the_size_already_go_in_to_the_bit(layout):
    pictures = cells([pixels[:8, :10].copy() for pixels in PICTURES])
    wrapped = wrap(foreign.picture_model(layout), scale="1/255")
    expected = softmax(np.stack([pixels.mean(axis=(0, 1)) / 255 for pixels in pictures]))
    np.testing.assert_allclose(answers(wrapped, pictures), expected, atol=1e-6)


@pytest.mark.parametrize("size", [("H", "W"), (None, None)])
def test_floats_of_any_size(size):
    wrapped = wrap(foreign.picture_model(size=size), scale=1 / 255)
    np.testing.assert_allclose(answers(wrapped), softmax(means()), atol=1e-6)
    assert any("any size" in note for note in wrapped.notes)
    smaller = wrap(foreign.picture_model(size=size), scale=1 / 255, size=[8, 10])
    np.testing.assert_allclose(answers(smaller), softmax(means((8, 10))), atol=5e-3)


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("size", [(8, 10), ("H", "W")])
def test_a_fixed_number_of_pictures(batch, size):
    alone, free = (answers(wrap(foreign.picture_model(size=size, batch=count), scale=1 / 255))
                   for count in (batch, "N"))
    np.testing.assert_allclose(alone, free, atol=1e-6)


def test_whole_numbers_go_in_as_they_are():
    wrapped = wrap(foreign.picture_model(kind=TensorProto.UINT8, size=("H", "W")))
    np.testing.assert_allclose(answers(wrapped), softmax(means(scale=1)), atol=1e-5)
    assert wrapped.mapping.picture.scale is None
    said = refused(foreign.picture_model(kind=TensorProto.UINT8), scale=2, mean=[1], std=[2])
    assert set(said) == {"picture.scale", "picture.mean", "picture.std"}


def test_colours():
    reversed_ = answers(wrap(foreign.picture_model(), scale=1 / 255, colours="BGR"))
    np.testing.assert_allclose(reversed_, softmax(means((8, 10))[:, ::-1]), atol=5e-3)
    grey = answers(wrap(foreign.picture_model(channels=1, size=("H", "W")), scale=1 / 255))
    seen = [np.asarray(Image.fromarray(pixels).convert("L")).mean() / 255 for pixels in PICTURES]
    np.testing.assert_allclose(grey, softmax(np.outer(seen, [1, 0, 0])), atol=5e-3)


def test_probabilities_that_have_further_dimensions():
    content = foreign.picture_model(output="shares")
    wrapped = wrap(content, outputs={}, scale=1 / 255)
    np.testing.assert_allclose(answers(wrapped), softmax(means((8, 10))), atol=5e-3)
    assert wrapped.mapping.outputs == {"probabilities": "shares"}


def test_what_is_in_doubt_is_asked_for_all_at_once():
    said = refused(foreign.picture_model(channels="C", size=("H", "W")), mean=[1, 2])
    assert set(said) == {"picture.layout"}
    said = refused(foreign.picture_model(size=(8, "W")), mean=[1, 2], colours="GREY", size=[9, 10])
    assert set(said) == {"picture.scale", "picture.mean", "picture.colours", "picture.size"}
    assert "1/255" in said["picture.scale"] and "8 x any" in said["picture.size"]
    assert set(refused(foreign.picture_model(size=("H", 8)), scale=1)) == {"picture.size"}
    assert set(refused(foreign.picture_model(), scale=1, size="any")) == {"picture.size"}
    assert set(refused(foreign.picture_model(channels=1, size=(8, 1)), scale=1)) == {"picture.layout"}


@pytest.mark.parametrize(("content", "where"), [
    (foreign.tensor_model(), "input x"), (foreign.picture_model(kind=TensorProto.INT8), "input x"),
    (foreign.named_model(), "file"), (foreign.picture_model(channels=4), "picture.layout"),
    (foreign.picture_model(opset=10), "file")])
def test_what_takes_no_picture(content, where):
    assert where in refused(content, scale=1, layout="NCHW")


def test_words_for_other_kinds_of_tasks():
    document = {"inputs": {"x": {"columns": ["age"]}}, "missing": {"age": 0}, "picture": {"scale": 1}}
    with pytest.raises(InvalidInput) as failure:
        OnnxModelWrapper().wrap(TASK, ModelSource(foreign.picture_model()), model_mapping.from_document(document))
    assert {"inputs", "missing"} <= {fault.where for fault in failure.value.faults}
    with pytest.raises(InvalidInput) as failure:
        OnnxModelWrapper().wrap(foreign.make_foreign_task(jobs=False), ModelSource(foreign.tensor_model()),
                                model_mapping.from_document({"picture": {"scale": 1}}))
    assert [fault.where for fault in failure.value.faults] == ["picture"]
    assert "output logits" in refused(foreign.picture_model(channels=1), make_picture_task(), scale=1)


def test_what_was_understood_leaves_nothing_to_guess():
    for content, picture in ((foreign.picture_model(), {"scale": 1 / 255}),
                             (foreign.picture_model(size=("H", "W"), kind=TensorProto.UINT8), {})):
        first = OnnxModelWrapper().wrap(TASK, ModelSource(content), model_mapping.from_document(
            {"outputs": LOGITS, "picture": picture}))
        again = OnnxModelWrapper().wrap(TASK, ModelSource(content), model_mapping.from_document(
            first.mapping.to_document()))
        assert first.notes and not again.notes
        assert (again.mapping, again.model) == (first.mapping, first.model)


def test_an_answer_that_is_no_number_is_none():
    wrapped = wrap(foreign.picture_model(size=("H", "W")), scale=1e38, mean=[0, 3e38, 3e38], std=[1e-38, 1, 1])
    with pytest.raises(ModelCrashed, match="for 5 of 5 pictures"):
        answers(wrapped)
