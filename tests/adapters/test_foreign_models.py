"""Files in the shapes that converters of other makers leave: each answers as its maker's formula does."""
from __future__ import annotations

import numpy as np
import onnx
import pytest

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.model_wrapper import OnnxModelWrapper
from application.ports.model_runner import ModelCrashed
from application.ports.model_wrapper import ModelSource
from domain import model_mapping
from domain.errors import InvalidInput
from domain.table import Table
from tests import foreign
from tests.builders import texts
from tests.foreign import AGE, JOB, PAY, expected_scores, make_foreign_task, sigmoid

PLAIN = make_foreign_task(jobs=False)
WITH_JOBS = make_foreign_task()
ROWS = Table({AGE: np.array([1.0, -2.0, 0.0, 3.5, np.nan]), PAY: np.array([0.0, 4.0, 0.0, -1.25, 1.0]),
              JOB: texts(["smith", "Пекарь", "cook", "never seen", "smith"])})
CODES = {"inputs": {"code": {"columns": [JOB], "categories": {JOB: list(foreign.JOBS)}}, "numbers": {
    "columns": [AGE, PAY]}}}


def wrap(content, task=PLAIN, beside=(), **mapping):
    return OnnxModelWrapper().wrap(task, ModelSource(content, dict(beside)), model_mapping.from_document(mapping))


def second(wrapped, rows=ROWS, n_rows=4):
    """The probability of the second class."""
    return OnnxModelLoader().load(wrapped.model).predict(rows.take(slice(0, n_rows))).probabilities[:, 1]


def refused(content, task=PLAIN, beside=(), **mapping) -> dict[str, str]:
    with pytest.raises(InvalidInput) as failure:
        wrap(content, task, beside, **mapping)
    assert all(fault.where in str(failure.value) or len(failure.value.faults) > 1 for fault in failure.value.faults)
    return {fault.where: fault.problem for fault in failure.value.faults}


NUMBERS = sigmoid(expected_scores(ROWS.select([AGE, PAY])))[:4]


@pytest.mark.parametrize(("content", "mapping"), [
    (foreign.tensor_model(), {}),
    (foreign.tensor_model(opset=9), {}),
    (foreign.tensor_model(opset=8), {}),
    (foreign.tensor_model(opset=21), {}),
    (foreign.tensor_model("second", ("N", 1)), {}),
    (foreign.tensor_model("score", ("N", 1)), {"outputs": {"logits": "score"}}),
    (foreign.tensor_model(fixed=1), {}),
    (foreign.tensor_model(fixed=8), {}),
    (foreign.tensor_model("second", ("N", 1), fixed=3), {"labels": ["no", "yes"]}),
    (foreign.tensor_model(source_shape=("N", "F")), {"inputs": {"x": {"columns": [AGE, PAY]}}}),
])
def test_one_tensor_of_numbers(content, mapping):
    np.testing.assert_allclose(second(wrap(content, **mapping)), NUMBERS, atol=1e-6)


def test_what_was_taken_for_granted_is_told():
    notes = " | ".join(wrap(foreign.tensor_model(fixed=8)).notes)
    for words in (f"x takes the columns in the task's order: {AGE}, {PAY}", "shares is taken for probabilities",
                  "names no classes", "8 rows at once"):
        assert words in notes
    assert wrap(foreign.trees_model()).producer == "byhand 1.0"


@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize(("labels", "task_labels"), [
    (("no", "yes"), ("no", "yes")), ((0, 1), ("no", "yes")), ((0, 1), (0, 1)), ((5, 7), (5, 7))])
def test_trees_with_a_label_and_probabilities(zipmap, labels, task_labels):
    wrapped = wrap(foreign.trees_model(zipmap, labels), make_foreign_task(task_labels, jobs=False))
    assert second(wrapped).tolist() == [0.875, 0.25, 0.25, 0.875]
    assert wrapped.mapping.labels == task_labels
    said = [note for note in wrapped.notes if "classes" in note]
    assert bool(said) == (labels != task_labels)


def test_classes_in_another_order_are_put_in_the_tasks():
    wrapped = wrap(foreign.trees_model(labels=("yes", "no")))
    assert second(wrapped).tolist() == [0.125, 0.75, 0.75, 0.125]
    assert OnnxModelLoader().load(wrapped.model).predict(ROWS).values.tolist() == ["no", "yes", "yes", "no", "yes"]
    np.testing.assert_allclose(second(wrap(foreign.tensor_model(), labels=["yes", "no"])), 1 - NUMBERS, atol=1e-6)


def test_an_input_for_each_column():
    wrapped = wrap(foreign.named_model(), WITH_JOBS)
    np.testing.assert_allclose(second(wrapped), sigmoid(expected_scores(ROWS))[:4], atol=1e-6)
    assert wrapped.mapping.inputs[JOB].columns == (JOB,)


@pytest.mark.parametrize("kind", [foreign.INT64, onnx.TensorProto.INT32, foreign.FLOAT, onnx.TensorProto.DOUBLE])
def test_texts_as_numbers(kind):
    wrapped = wrap(foreign.codes_model(kind), WITH_JOBS, **CODES)
    np.testing.assert_allclose(second(wrapped), sigmoid(expected_scores(ROWS))[:4], atol=1e-6)
    assert wrapped.mapping.inputs["code"].unknown == -1


def test_where_numbers_begin_and_what_stands_for_the_unknown_can_be_said():
    said = {"inputs": CODES["inputs"] | {"code": CODES["inputs"]["code"] | {"start": 1, "unknown": 9}}}
    codes = np.array([1, 3, 2, 9])
    expected = sigmoid(expected_scores(ROWS.select([AGE, PAY]))[:4] * 1 + foreign.WEIGHTS[2] * codes)
    np.testing.assert_allclose(second(wrap(foreign.codes_model(), WITH_JOBS, **said)), expected, atol=1e-6)


def test_what_stands_for_a_missing_value_can_be_said():
    task, rows = make_foreign_task(nullable=True), Table(dict(ROWS.columns) | {JOB: texts(["", "", "", "", ""])})
    wrapped = wrap(foreign.codes_model(), task, missing={AGE: 2, JOB: 1}, **CODES)
    filled = Table({AGE: np.array([1.0, -2.0, 0.0, 3.5, 2.0]), PAY: ROWS[PAY], JOB: texts(["cook"] * 5)})
    np.testing.assert_allclose(second(wrapped, rows, 5), sigmoid(expected_scores(filled)), atol=1e-6)
    of_text = wrap(foreign.named_model(), task, missing={JOB: "Пекарь"})
    filled = Table({AGE: ROWS[AGE], PAY: ROWS[PAY], JOB: texts(["Пекарь"] * 5)})
    np.testing.assert_allclose(second(of_text, rows), sigmoid(expected_scores(filled))[:4], atol=1e-6)


def test_texts_in_a_tensor():
    wrapped = wrap(foreign.text_model(), WITH_JOBS, inputs={"x": {"columns": [JOB]}})
    np.testing.assert_allclose(second(wrapped), sigmoid(np.array([0, 2, 1, -1])), atol=1e-6)
    assert f"the model does not use {AGE}, {PAY}" in wrapped.notes


@pytest.mark.parametrize(("kind", "labels"), [(foreign.INT64, (0, 1)), (foreign.INT64, ("no", "yes"))])
def test_labels_alone(kind, labels):
    wrapped = wrap(foreign.labels_model(kind), make_foreign_task(labels, jobs=False), outputs={"prediction": "label"})
    assert second(wrapped).tolist() == (expected_scores(ROWS.select([AGE, PAY]))[:4] > 0).astype(float).tolist()


@pytest.mark.parametrize("kind", [foreign.FLOAT])
def test_a_number(kind):
    wrapped = wrap(foreign.number_model(kind), make_foreign_task((), jobs=False))
    answers = OnnxModelLoader().load(wrapped.model).predict(ROWS.take(slice(0, 4)))
    np.testing.assert_allclose(answers.values, expected_scores(ROWS.select([AGE, PAY]))[:4], atol=1e-6)
    assert answers.values.shape == (4,)


def test_many_classes():
    task = make_foreign_task(("a", "b", "c"), jobs=False)
    wrapped = wrap(foreign.classes_model(), task, outputs={"logits": "logits"})
    answers = OnnxModelLoader().load(wrapped.model).predict(ROWS)
    scores = np.stack([ROWS[PAY], np.zeros(5), ROWS[AGE]], axis=1)[:4]
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(answers.probabilities[:4], expected, atol=1e-6)


def test_no_rows_at_all_have_no_answers():
    for content in (foreign.tensor_model(), foreign.tensor_model(fixed=1)):
        assert second(wrap(content), n_rows=0).shape == (0,)


def test_weights_that_came_beside_it():
    weights = foreign.WEIGHTS[:2].astype("<f4").tobytes()
    wrapped = wrap(foreign.outside_model("weights.bin"), beside={"weights.bin": weights})
    np.testing.assert_allclose(second(wrapped), NUMBERS, atol=1e-6)


def test_nothing_of_what_the_maker_wrote_beside_stays():
    model = onnx.load_from_string(foreign.tensor_model())
    onnx.helper.set_model_props(model, {"probe": "{}", "experiment_id": "7", "task": "other"})
    metadata = OnnxModelLoader().load(wrap(model.SerializeToString()).model).card.metadata
    assert set(metadata) == {"task", "problem", "labels", "signature"}
    assert metadata["task"] == "foreign"


def broken(**changes) -> bytes:
    model = onnx.load_from_string(foreign.tensor_model())
    for name, value in changes.items():
        if name == "operator":
            model.graph.node[0].op_type = value
        elif name == "domain":
            model.graph.node[0].domain = value
            model.opset_import.append(onnx.helper.make_opsetid(value, 1))
        elif name == "opset":
            model.opset_import[0].version = value
        else:
            setattr(model, name, value)
    return model.SerializeToString()


@pytest.mark.parametrize(("content", "words"), [
    (b"", "no ONNX file"), (b"<html>", "no ONNX file"), (foreign.tensor_model()[:150], "no ONNX file"),
    (broken(operator="Frobnicate"), "operator Frobnicate"),
    (broken(domain="ai.somebody"), "ai.somebody"),
    (broken(opset=99), "opset 99"), (broken(opset=1), "opset 1"), (broken(ir_version=99), "IR version 99"),
    (foreign.outside_model(), "another file"), (foreign.outside_model("/etc/passwd"), "another file"),
    (foreign.cyclic_model(), "topologically sorted"), (foreign.dangling_model(), "topologically sorted"),
    (foreign.twice_named_model(), "multiple times"), (foreign.lying_model(), "too small for the declared shape"),
    (foreign.of_no_input_model(), "takes no inputs"),
])
def test_files_that_are_refused(content, words):
    assert words in refused(content)["file"]


@pytest.mark.parametrize(("content", "task", "mapping", "where", "words"), [
    (foreign.tensor_model(), WITH_JOBS, {}, "input x", "takes 2 columns, and 3 would go in"),
    (foreign.text_model(), PLAIN, {"inputs": {"x": {"columns": [AGE]}}}, "input x", "age is a number"),
    (foreign.codes_model(), WITH_JOBS, {}, "input code", "Say inputs.code.columns"),
    (foreign.codes_model(), WITH_JOBS, {"inputs": {"code": {"columns": [JOB]}, "numbers": {"columns": [AGE, PAY]}}},
     "input code", f"say inputs.code.categories.{JOB}"),
    (foreign.codes_model(), WITH_JOBS, {"inputs": {"code": {"columns": ["age"]}, "numbers": {"columns": [AGE, "pya"]}}},
     "input numbers", "no column pya"),
    (foreign.tensor_model(), PLAIN, {"inputs": {"y": {}}}, "inputs.y", "no input of the model"),
    (foreign.tensor_model(), PLAIN, {"missing": {"heit": 1}}, "missing.heit", "no column heit"),
    (foreign.tensor_model(), PLAIN, {"missing": {AGE: "none"}}, f"missing.{AGE}", "a number goes in"),
    (foreign.tensor_model(), PLAIN, {"outputs": {"logits": "y"}}, "outputs", "no output y; it has shares"),
    (foreign.labels_model(), PLAIN, {}, "outputs", "outputs.prediction"),
    (foreign.tensor_model(), PLAIN, {"labels": ["no", "maybe"]}, "labels", "the task has no, yes"),
    (foreign.trees_model(labels=(3, 4)), PLAIN, {}, "labels", "has 2 classes, 3, 4; the task has no, yes"),
    (foreign.classes_model(), PLAIN, {"outputs": {"logits": "logits"}}, "output logits", "3 numbers a row"),
    (foreign.tensor_model("score", ("N", 1)), make_foreign_task(("a", "b", "c"), jobs=False),
     {"outputs": {"logits": "score"}}, "output score", "1 numbers a row"),
    (foreign.tensor_model(source_shape=("N", 2, 1)), PLAIN, {}, "input x", "3 dimensions"),
    (foreign.number_model(), make_foreign_task((), jobs=False), {"labels": ["a"]}, "labels", "a regression has none"),
    (foreign.codes_model(), make_foreign_task(nullable=True), {"inputs": {
        "code": {"columns": [AGE]}, "numbers": {"columns": [AGE, PAY]}}}, "input code", f"say missing.{AGE}"),
])
def test_what_is_in_doubt_is_asked_for(content, task, mapping, where, words):
    faults = refused(content, task, **mapping)
    assert where in faults and words in faults[where]


def test_every_fault_at_once():
    faults = refused(foreign.tensor_model(), WITH_JOBS, missing={"heit": 1}, labels=["a", "b"], outputs={"logits": "y"})
    assert set(faults) == {"input x", "missing.heit", "labels", "outputs"}


def test_one_that_onnxruntime_does_not_load():
    nodes, constants = foreign.linked(*foreign.scored("x"))
    wrong = foreign.file_of(nodes, [foreign.info("x", foreign.STRING)], [foreign.info("shares")], constants)
    assert "onnxruntime cannot load it" in refused(wrong, WITH_JOBS, inputs={"x": {"columns": [JOB, JOB]}})["file"]


def test_it_is_not_run():
    """One that would never end, and one that would take all memory, are looked at and no more."""
    for content in (foreign.endless_model(), foreign.greedy_model(), foreign.filled_model(), foreign.nested_model(25)):
        assert wrap(content).model


def test_one_that_asks_for_more_memory_than_there_is():
    runner = OnnxModelLoader().load(wrap(foreign.greedy_model(60)).model)
    with pytest.raises(ModelCrashed):
        runner.predict(ROWS)
