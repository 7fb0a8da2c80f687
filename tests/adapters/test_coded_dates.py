"""Dates in the graph: the parts that `datetime` tells, for every day and zone."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from adapters.catboost.trainer import CatboostTrainer
from adapters.coded.graph import Nodes
from adapters.coded.time_code import PARTS, TimeCode
from adapters.coded.time_graph import time_in_graph
from adapters.coded.trainer import CodedTrainer
from adapters.matrix.linear.trainer import LinearTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from domain.columns import ColumnType
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.scoring import score
from domain.splitting import part
from domain.table import Table
from domain.task import Split, Task
from domain.training import Training
from tests.builders import texts

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def in_graph(code: TimeCode, values):
    nodes = Nodes("t/")
    result = time_in_graph(nodes, "when", code)
    graph = helper.make_graph([*nodes.nodes, helper.make_node("Identity", [result], ["parts"])], "g",
                              [helper.make_tensor_value_info("when", TensorProto.STRING, ["N", 1])],
                              [helper.make_tensor_value_info("parts", TensorProto.FLOAT, ["N", None])], nodes.constants)
    opsets = [helper.make_opsetid(*pair) for pair in (("", 17), ("ai.onnx.ml", 3), ("com.microsoft", 1))]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"when": np.asarray(values, dtype=object).reshape(-1, 1)})[0]


def written(moment: datetime, way: int) -> str:
    if way == 0:
        return moment.strftime("%Y-%m-%d").zfill(10)
    text = moment.isoformat(timespec="seconds")
    return text[:19] if way == 1 else text


def reference(text: str, origin: int) -> list[float]:
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
    days = (moment - EPOCH) / timedelta(days=1) - origin
    return [moment.year, moment.month, moment.day, moment.weekday(), moment.timetuple().tm_yday, moment.hour,
            moment.minute, days]


def test_parts_are_those_of_datetime():
    random = np.random.default_rng(0)
    said = []
    for number in range(4_000):
        zone = timezone(timedelta(minutes=int(random.integers(-12 * 60, 14 * 60))))
        moment = datetime(1, 1, 3, tzinfo=zone) + timedelta(seconds=int(random.integers(0, 315_537_000_000)))
        said.append(written(moment, number % 3))
    values, code = texts(said), TimeCode(PARTS, 15_000)
    wanted = np.array([reference(text, 15_000) for text in said]).astype(np.float32)
    np.testing.assert_array_equal(code.transform(values), wanted)
    np.testing.assert_array_equal(in_graph(code, values), wanted)


@pytest.mark.parametrize("values", [[""], ["2024-02-29"], ["", "2024-12-31T23:59:59-11:30"], ["0001-01-01", ""]])
def test_alone_and_among_others(values):
    code = TimeCode(PARTS, 0)
    both = code.transform(texts(values))
    np.testing.assert_array_equal(in_graph(code, values), both)
    assert np.isnan(both[[text == "" for text in values]]).all()


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "99999999999999", "10:15"])
def test_what_is_no_date_is_missing_to_the_file(text):
    assert np.isnan(in_graph(TimeCode(PARTS, 0), [text])).all()


def test_parts_that_do_not_differ_are_left_out():
    assert TimeCode.of(texts(["2024-01-05", "2024-01-06", ""])).parts == ("day", "weekday", "day of year", "days")
    assert TimeCode.of(texts(["", ""])).parts == ("days",)


@pytest.mark.parametrize("trainer", [CatboostTrainer(1), LinearTrainer()], ids=["catboost", "linear"])
def test_they_are_learned_and_answered_as_trained(trainer, tmp_path):
    random = np.random.default_rng(1)
    moments = [datetime(2023, 1, 1) + timedelta(hours=int(hour)) for hour in random.integers(0, 8_760 * 2, 800)]
    said = texts([moment.isoformat() if number % 10 else "" for number, moment in enumerate(moments)])
    target = np.array([moment.timetuple().tm_yday / 100 + 0.1 * moment.hour for moment in moments])
    task = Task("sales", Kind.TABULAR, Problem.REGRESSION, Schema((
        Column("when", ColumnType.DATETIME), Column("y", ColumnType.NUMBER, Role.TARGET, nullable=False))),
        training=Training.of(iterations=30))
    parts = part(Table({"when": said, "y": target}), task.split)
    made = TrainModel(CodedTrainer(trainer), OnnxModelLoader()).execute(task, parts, tmp_path, lambda *_: None)
    runner = OnnxModelLoader().load(made.judged)
    assert made.parity < 1e-5 and runner.card.features[0].type is ColumnType.DATETIME
    assert score(task, task.targets(parts.test["y"]), runner.predict(parts.test))["r2"] > 0.6


@pytest.mark.parametrize("split", [Split(by_time="when"), Split(by="when")], ids=["time", "groups"])
def test_the_rows_may_be_parted_by_a_date_that_is_learned_from(split, tmp_path):
    said = texts([(datetime(2023, 1, 1) + timedelta(days=number)).date().isoformat() for number in range(300)])
    task = Task("sales", Kind.TABULAR, Problem.REGRESSION, Schema((
        Column("when", ColumnType.DATETIME, nullable=False),
        Column("y", ColumnType.NUMBER, Role.TARGET, nullable=False))), split=split, training=Training.of(iterations=40))
    parts = part(Table({"when": said, "y": np.array([int(text[8:10]) / 3 for text in said])}), split)
    made = TrainModel(CodedTrainer(CatboostTrainer(1)), OnnxModelLoader()).execute(
        task, parts, tmp_path, lambda *_: None)
    assert made.metrics["valid"]["r2"] > 0.6 and [name for name in made.learned.parts] == ["train", "valid", "test"]
    assert made.learned.parts["test"].until == ("2023-10-27" if split.by_time else None)
