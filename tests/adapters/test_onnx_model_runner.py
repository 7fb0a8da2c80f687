"""Files that are ONNX and yet not of the contract's form, and rows on which onnxruntime fails."""
from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from adapters.onnx.model_runner import OnnxModelLoader
from application.ports.model_runner import ModelCrashed, UnreadableModel
from domain.table import Table


def model(input_type=TensorProto.FLOAT, output="prediction", metadata=None, operator="Identity") -> bytes:
    graph = helper.make_graph(
        [helper.make_node(operator, ["x"], [output])], "g", [helper.make_tensor_value_info("x", input_type, [None, 1])],
        [helper.make_tensor_value_info(output, input_type, [None, 1])])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(proto, metadata or {})
    return proto.SerializeToString()


def test_a_model_made_elsewhere_is_run():
    runner = OnnxModelLoader().load(model(metadata={"experiment_id": "12", "labels": "[]"}))
    answers = runner.predict(Table({"x": np.array([1, np.nan, 3], dtype=np.float32)}))
    np.testing.assert_array_equal(answers.values, np.array([1, np.nan, 3], dtype=np.float32))
    assert (answers.probabilities, runner.card.experiment_id, runner.card.task) == (None, 12, "")


@pytest.mark.parametrize(("made", "words"), [
    (model(output="answer"), "no output called prediction"),
    (model(TensorProto.DOUBLE), "x are neither tensor"),
    (model(operator="NoSuchOperator"), "onnxruntime can load"),
    (model(metadata={"labels": "[0, "}), "not a JSON list"),
    (model(metadata={"labels": "5"}), "not a JSON list"),
], ids=["output", "input", "operator", "cut JSON", "other JSON"])
def test_a_file_of_another_form_is_refused_with_words(made, words):
    with pytest.raises(UnreadableModel, match=words):
        OnnxModelLoader().load(made)


def test_an_experiment_id_that_is_no_number_is_none():
    assert OnnxModelLoader().load(model(metadata={"experiment_id": "x"})).card.experiment_id is None


def test_rows_on_which_the_runtime_fails():
    runner = OnnxModelLoader().load(model())
    with pytest.raises(ModelCrashed, match="2 rows"):
        runner.predict(Table({"x": np.array(["a", "b"], dtype=object)}))
    assert runner.predict(Table({"x": np.ones(1, dtype=np.float32)})).values.tolist() == [1.0]


def test_a_stamp_replaces_a_key_that_stands_twice():
    proto = onnx.load_from_string(model(metadata={"a": "1"}))
    proto.metadata_props.append(onnx.StringStringEntryProto(key="a", value="2"))
    stamped = onnx.load_from_string(OnnxModelLoader().stamp(proto.SerializeToString(), {"a": "3"}))
    assert [(entry.key, entry.value) for entry in stamped.metadata_props] == [("a", "3")]
