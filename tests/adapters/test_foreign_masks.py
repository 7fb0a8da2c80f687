"""Nets that say of each pixel what it is, in the shapes that torch and Keras leave."""
from __future__ import annotations

import numpy as np
import pytest

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.model_wrapper import OnnxModelWrapper
from application.ports.model_runner import ModelCrashed
from application.ports.model_wrapper import ModelSource
from domain import model_mapping
from domain.errors import InvalidInput
from domain.table import Table
from tests import foreign
from tests.pictures import IMAGE, make_picture_task, make_pictures

TASK = make_picture_task()
COLOURED = make_picture_task(channels=3)
DEEP = make_picture_task(bits=16)
KINDS = {"logits": "logits", "score": "logits", "shares": "probabilities", "share": "probabilities",
         "flat": "probabilities", "best": "prediction"}


def wrap(content, task=TASK, outputs=None, labels=None, **picture):
    document = {"outputs": outputs or {}, "picture": {"scale": 1 / (2 ** task.schema.features[0].bits - 1)} | picture,
                "labels": labels}
    return OnnxModelWrapper().wrap(task, ModelSource(content), model_mapping.from_document(document))


def answered(wrapped, pictures):
    return OnnxModelLoader().load(wrapped.model).predict(Table({IMAGE: pictures}))


def expected(pixels: np.ndarray) -> np.ndarray:
    """The probability of the second class, as the net was made to give it."""
    grey = pixels.astype(np.float64).mean(axis=2) / (65_535 if pixels.dtype == np.uint16 else 255)
    return 1 / (1 + np.exp(-20 * (grey - 0.5)))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("output", KINDS)
@pytest.mark.parametrize("batch", ["N", 1])
def test_every_shape_of_an_answer(output, layout, batch):
    pictures = make_pictures(TASK, 3)[IMAGE]
    wrapped = wrap(foreign.mask_model(output, layout, batch), outputs={KINDS[output]: output})
    answers = answered(wrapped, pictures)
    for pixels, mask, shares in zip(pictures, answers.values, answers.probabilities, strict=True):
        second = expected(pixels)
        if output == "best":
            second = (second > 0.5).astype(float)
        np.testing.assert_allclose(shares[:, :, 1], second, atol=1e-5)
        np.testing.assert_allclose(shares.sum(axis=2), 1, atol=1e-5)
        np.testing.assert_array_equal(mask, shares.argmax(axis=2))


@pytest.mark.parametrize("task", [COLOURED, DEEP], ids=["colours", "16 bits"])
def test_colours_and_16_bits(task):
    pictures = make_pictures(task, 2)[IMAGE]
    wrapped = wrap(foreign.mask_model("shares", channels=task.schema.features[0].channels), task)
    for pixels, shares in zip(pictures, answered(wrapped, pictures).probabilities, strict=True):
        np.testing.assert_allclose(shares[:, :, 1], expected(pixels), atol=1e-5)


@pytest.mark.parametrize("opset", [13, 17])
@pytest.mark.parametrize(("size", "answer_size"), [
    ((20, 28), (20, 28)), ((20, 28), (10, 14)), (("H", "W"), ("h", "w"))])
def test_masks_come_as_large_as_the_picture(size, answer_size, opset):
    pictures = make_pictures(TASK, 2)[IMAGE]
    answers = answered(wrap(foreign.mask_model("share", size=size, answer_size=answer_size, opset=opset)), pictures)
    for pixels, mask in zip(pictures, answers.values, strict=True):
        assert mask.shape == pixels.shape[:2]
        # Of a coarser grid: edges blur, and what is inside stays.
        assert np.mean(mask == (expected(pixels) > 0.5)) > 0.9


def test_labels_in_the_order_of_the_model():
    pictures = make_pictures(TASK, 1)[IMAGE]
    plain, turned = (answered(wrap(foreign.mask_model("shares"), labels=labels), pictures).probabilities[0]
                     for labels in (["ground", "cell"], ["cell", "ground"]))
    np.testing.assert_allclose(plain, turned[:, :, ::-1], atol=1e-7)


def test_what_gives_no_masks():
    def refused(content, task=TASK):
        with pytest.raises(InvalidInput) as failure:
            wrap(content, task, layout="NCHW")
        return {fault.where: fault.problem for fault in failure.value.faults}

    three = make_picture_task(labels=("a", "b", "c"), values=(0, 1, 2))
    assert "gives 2 numbers a pixel, and the task has 3 classes" in refused(foreign.mask_model("shares"), three)[
        "output shares"]
    assert "has 3 dimensions" in refused(foreign.mask_model("flat"), three)["output flat"]
    assert "has 2 dimensions" in refused(foreign.picture_model(output="shares", channels=1))["output shares"]


def test_a_pixel_without_a_number_is_no_answer():
    # Of one colour infinity, of another its opposite: there is no mean of them.
    wrapped = wrap(foreign.mask_model("shares", channels=3), COLOURED, scale=1e38, std=[-1e-38, 1e-38, 1e-38])
    loader = OnnxModelLoader()
    imported = loader.load(loader.stamp(wrapped.model, {"origin": "imported"}))
    with pytest.raises(ModelCrashed, match="56 x 40 pixels"):
        imported.predict(Table({IMAGE: make_pictures(COLOURED, 1)[IMAGE]}))
