"""What a mapping says, and what is wrong with one."""
from __future__ import annotations

import math

import pytest

from domain.errors import InvalidInput
from domain.model_mapping import InputMapping, ModelMapping, from_document
from domain.picture_mapping import PictureMapping

FULL = {
    "inputs": {"x": {"columns": ["age", "job"], "categories": {"job": ["a", "b"]}, "start": 1, "unknown": 0}},
    "missing": {"age": 0}, "outputs": {"logits": "answer"}, "labels": ["No", "Yes"]}


def test_it_comes_back():
    mapping = from_document(FULL)
    assert mapping == ModelMapping({"x": InputMapping(("age", "job"), {"job": ("a", "b")}, 1, 0)}, {"age": 0},
                                   {"logits": "answer"}, ("No", "Yes"))
    assert mapping.to_document() == FULL


@pytest.mark.parametrize("nothing", [None, {}, {"inputs": None, "labels": None}, {"inputs": {"x": None}}])
def test_nothing_has_to_be_said(nothing):
    assert from_document(nothing).labels is None


def test_no_number_may_stand_for_the_unknown():
    document = {"inputs": {"x": {"columns": ["job"], "categories": {"job": ["a"]}, "start": 0, "unknown": "NaN"}}}
    mapping = from_document(document)
    assert math.isnan(mapping.inputs["x"].unknown)
    assert mapping.to_document() == document


@pytest.mark.parametrize(("document", "where"), [
    ([], ["mapping"]), ("x", ["mapping"]), ({"inptus": {}}, ["inptus"]), ({"inputs": []}, []),
    ({"inputs": 3}, ["inputs"]),
    ({"inputs": {"x": 3}}, ["inputs.x"]), ({"inputs": {"x": {"column": []}}}, ["inputs.x.column"]),
    ({"inputs": {"x": {"columns": "age"}}}, ["inputs.x.columns"]),
    ({"inputs": {"x": {"columns": []}}}, ["inputs.x.columns"]),
    ({"inputs": {"x": {"categories": {"job": "a"}}}}, ["inputs.x.categories.job"]),
    ({"inputs": {"x": {"start": 1.5, "unknown": "none"}}}, ["inputs.x.start", "inputs.x.unknown"]),
    ({"missing": {"age": None, "job": [1]}}, ["missing.age", "missing.job"]),
    ({"missing": {"age": True}}, ["missing.age"]),
    ({"outputs": {"scores": "y"}}, ["outputs.scores"]), ({"outputs": {"logits": 1}}, ["outputs.logits"]),
    ({"outputs": {"logits": "a", "prediction": "b"}}, ["outputs"]), ({"labels": "ab"}, ["labels"]),
    ({"picture": 1, "labels": [1.5]}, ["picture", "labels"])])
def test_what_is_wrong_is_told_all_at_once(document, where):
    if not where:
        assert from_document(document) == ModelMapping()
        return
    with pytest.raises(InvalidInput) as refused:
        from_document(document)
    assert [fault.where for fault in refused.value.faults] == where


PICTURE = {"layout": "NHWC", "size": [224, 200], "scale": 0.5, "mean": [], "std": [1.0, 2.0, 3.0], "colours": "BGR"}


def test_how_a_picture_goes_in_comes_back():
    mapping = from_document({"picture": PICTURE})
    assert mapping.picture == PictureMapping("NHWC", (224, 200), 0.5, (), (1, 2, 3), "BGR")
    assert mapping.to_document() == {"picture": PICTURE}
    assert from_document({"picture": {"size": "any"}}).to_document() == {"picture": {"size": "any"}}
    assert from_document({"picture": {"scale": " 1 / 255"}}).picture.scale == 1 / 255
    assert from_document({"picture": {}}).to_document() == from_document({"picture": None}).to_document() == {}


@pytest.mark.parametrize(("picture", "key"), [
    ({"layout": "CHW"}, "layout"), ({"colours": "rgb"}, "colours"), ({"shape": 1}, "shape"), ({"size": 224}, "size"),
    ({"size": [224]}, "size"), ({"size": [0, 1]}, "size"), ({"size": [1.5, 2]}, "size"), ({"size": "all"}, "size"),
    ({"scale": "1/0"}, "scale"), ({"scale": 0}, "scale"), ({"scale": True}, "scale"), ({"scale": "255"}, "scale"),
    ({"scale": float("nan")}, "scale"), ({"mean": 0.5}, "mean"), ({"mean": ["a"]}, "mean"), ({"std": [1, 0]}, "std")])
def test_what_is_wrong_with_it(picture, key):
    with pytest.raises(InvalidInput) as refused:
        from_document({"picture": picture})
    assert [fault.where for fault in refused.value.faults] == [f"picture.{key}"]


def test_it_is_an_object():
    with pytest.raises(InvalidInput) as refused:
        from_document({"picture": "RGB"})
    assert [fault.where for fault in refused.value.faults] == ["picture"]
