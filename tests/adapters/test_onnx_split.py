"""A model file that is cut behind its categories answers as the whole one does, and one of another form is not cut."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import AttributeProto, TensorProto, helper

from adapters.catboost.trainer import CatboostTrainer
from adapters.matrix.lightgbm.trainer import LightgbmTrainer
from adapters.matrix.linear.trainer import LinearTrainer
from adapters.onnx import ways
from adapters.onnx.kept_sessions import KeptSessions
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.session import open_session
from adapters.onnx.split import split
from adapters.onnx.tiles import READY_ROWS, TILE_ROWS
from application.ports.model_runner import ModelCrashed
from domain.columns import ColumnType
from domain.kinds.kind import Problem
from domain.parity import probe_text
from domain.table import FewRows, Table
from domain.task import Task
from domain.text_cells import CodedTexts
from domain.training import Training
from tests.builders import CARRIER, ENGINE, FEATURES, TEMP, make_parts, make_table, make_task, texts

NAMES = [column.name for column in FEATURES]
PROBLEMS = [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION]


def with_probe(task: Task, model: bytes, names: Sequence[str] = NAMES) -> bytes:
    rows = make_table(task, 8).select(names)
    return OnnxModelLoader().stamp(model, {"probe": probe_text(rows, OnnxModelLoader().load(model).predict(rows))})


@pytest.fixture(scope="module", params=PROBLEMS)
def made(request, tmp_path_factory) -> tuple[Task, bytes]:
    task = make_task(request.param)
    trained = CatboostTrainer(1).fit(task, make_parts(task, 200), tmp_path_factory.mktemp("events"), lambda *_: None)
    return task, with_probe(task, trained.export())


def way_of(model: bytes) -> ways.Way:
    return ways.quickest(open_session(model, 1), model, OnnxModelLoader().load(model).card, 1, KeptSessions(1 << 30))


@pytest.mark.parametrize("n_rows", [0, 1, 4, 5, 600])
def test_it_answers_to_the_bit_as_the_whole_file_does(made, n_rows):
    task, model = made
    table = make_table(task, max(n_rows, 4), seed=5).select(NAMES)
    odd = {TEMP: np.array([np.nan, 3.4e38, -3.4e38, -0.0]), CARRIER: texts(["", "unseen", "UA", "\U0001f6eb"]),
           ENGINE: texts(["a\nb", "", "é", "0"])}
    mixed = Table({name: np.concatenate([odd[name], values[4:]]) if name in odd else values
                   for name, values in table.columns.items()})
    cut, whole = way_of(model), ways.Whole(open_session(model, 1).run, OnnxModelLoader().load(model).card)
    assert isinstance(cut, ways.Cut)
    for part in (table.take(slice(0, n_rows)), mixed.take(slice(0, n_rows))):
        for one, other in zip(cut.run(part), whole.run(part), strict=True):
            np.testing.assert_array_equal(one, other)
            assert (one.dtype, one.shape) == (other.dtype, other.shape)


def test_numbers_that_lie_anywhere_in_a_body_are_handed_to_the_runtime_where_it_may_read_them(made):
    task, model = made
    session, card, fed = open_session(model, 1), OnnxModelLoader().load(model).card, []

    def run(names, feeds):
        fed.extend(feeds.values())
        return session.run(names, feeds)
    table = make_table(task, 20, seed=5).select(NAMES)
    odd = np.frombuffer(b"x" + table[TEMP].astype(np.float32).tobytes(), np.float32, offset=1)
    assert not odd.flags.aligned
    lying = Table({**table.columns, TEMP: odd})
    for one, other in zip(ways.Whole(run, card).run(lying), ways.Whole(run, card).run(table), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(fed) == 2 * len(NAMES) and all(values.flags.aligned for values in fed)


def test_tiles_are_answered_as_the_same_rows_by_themselves(made):
    task, model = made
    table = make_table(task, 20, seed=5).select(NAMES)
    cut, whole = way_of(model), ways.Whole(open_session(model, 1).run, OnnxModelLoader().load(model).card)
    tiles = [slice(0, 7), slice(7, 8), slice(8, 99)]
    for way in (cut, whole):
        for tile, outputs in zip(tiles, way.runs(table, tiles), strict=True):
            for one, other in zip(outputs, whole.run(table.take(tile)), strict=True):
                np.testing.assert_array_equal(one, other)


def test_more_rows_than_are_made_ready_at_once_are_answered_in_their_order(made):
    task, model = made
    runner, table = OnnxModelLoader().load(model), make_table(task, 300, seed=5).select(NAMES)
    many = table.take(np.arange(READY_ROWS + TILE_ROWS + 9) % 300)
    np.testing.assert_array_equal(
        runner.predict(many).numbers, runner.predict(table).numbers[np.arange(many.n_rows) % 300])


def test_a_row_kept_as_cells_is_answered_to_the_bit_too(made):
    task, model = made
    cut = way_of(model)
    for one in make_table(task, 6, seed=5).select(NAMES).chunks(1):
        cells = FewRows([{name: values.tolist()[0] for name, values in one.columns.items()}])
        for answer, other in zip(cut.run(cells), cut.run(one), strict=True):
            np.testing.assert_array_equal(answer, other)


@pytest.mark.parametrize("n_rows", [1, 40])
def test_texts_that_know_their_codes_are_answered_to_the_bit_too(made, n_rows):
    task, model = made
    assert isinstance(cut := way_of(model), ways.Cut)
    for seed in range(3):  # other texts each time
        table = make_table(task, n_rows, seed=seed).select(NAMES)
        coded = Table({name: CodedTexts.like(column) if column.dtype == object else column
                       for name, column in table.columns.items()})
        for part in (coded, coded.take(slice(0, 7)), coded.take(slice(7, 40))):
            plain = Table({name: np.asarray(column) for name, column in part.columns.items()})
            for one, other in zip(cut.run(part), cut.run(plain), strict=True):
                np.testing.assert_array_equal(one, other)


def of_texts(task: Task) -> bool:
    return bool(task.labels) and isinstance(task.labels[0], str)


def test_labels_are_looked_up_by_their_positions_here(made):
    task, model = made
    found = split(onnx.load_from_string(model))
    assert (found.labels is not None) == of_texts(task)
    if found.labels is not None:
        answers = way_of(model).run(make_table(task, 40, seed=5).select(NAMES))[0]
        assert (found.labels[0], answers.texts) == ("prediction", list(task.labels))
        assert answers.tolist() == [task.labels[code] for code in answers.codes]


def ask_the_label_twice(proto: onnx.ModelProto) -> None:
    proto.graph.node.append(helper.make_node("Identity", [node(proto, "Gather").output[0]], ["more"]))
    proto.graph.output.append(helper.make_tensor_value_info("more", TensorProto.STRING, ["N"]))


def begin_from_the_last_axis(proto: onnx.ModelProto) -> None:
    attribute(proto, "Gather", "axis").i = -1


def labels_of_two_dimensions(proto: onnx.ModelProto) -> None:
    maker = next(one for one in proto.graph.node if one.output[0] == node(proto, "Gather").input[0])
    maker.attribute[0].t.dims.append(1)


@pytest.mark.parametrize("change, looked_up", [(ask_the_label_twice, True), (begin_from_the_last_axis, False),
                                               (labels_of_two_dimensions, False)])
def test_labels_of_another_form_are_left_to_the_file(made, change, looked_up):
    task, model = made
    if of_texts(task):
        found = split(changed(model, change))
        assert (found.labels is not None) == looked_up
        assert onnx.load_from_string(found.tail).graph.output[0].type.tensor_type.elem_type == (
            TensorProto.INT64 if looked_up else TensorProto.STRING)


def test_a_file_that_has_no_number_where_one_is_missing_is_cut_too():
    columns = [replace(column, nullable=True) for column in FEATURES if column.type is ColumnType.NUMBER]
    names = [column.name for column in columns]
    graph = helper.make_graph(
        [helper.make_node("Concat", names, ["all"], axis=1),
         helper.make_node("ReduceMean", ["all"], ["prediction"], axes=[1])], "means",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 1]) for name in names],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["N", 1])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    cut = way_of(with_probe(make_task(Problem.REGRESSION), model, names))
    assert isinstance(cut, ways.Cut)
    means, = cut.run(Table({name: np.array([np.nan, 1.0]) for name in names}))
    np.testing.assert_array_equal(means.ravel(), [np.nan, 1.0])


@pytest.mark.parametrize("trainer", [LinearTrainer, LightgbmTrainer])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_files_of_the_other_trainers_are_cut_too(trainer, problem, tmp_path):
    task = replace(make_task(problem), training=Training.of(trainer=trainer().describe().name))
    model = with_probe(task, trainer().fit(task, make_parts(task, 200), tmp_path, lambda *_: None).export())
    cut, whole = way_of(model), ways.Whole(open_session(model, 1).run, OnnxModelLoader().load(model).card)
    assert isinstance(cut, ways.Cut)
    table = make_table(task, 40, seed=5).select(NAMES)
    for one, other in zip(cut.run(table), whole.run(table), strict=True):
        np.testing.assert_array_equal(one, other)


def changed(model: bytes, change: Callable[[onnx.ModelProto], object]) -> onnx.ModelProto:
    proto = onnx.load_from_string(model)
    change(proto)
    return proto


def node(proto: onnx.ModelProto, kind: str) -> onnx.NodeProto:
    return next(one for one in proto.graph.node if one.op_type == kind)


def attribute(proto: onnx.ModelProto, kind: str, name: str) -> AttributeProto:
    return next(one for one in node(proto, kind).attribute if one.name == name)


def ask_an_input_twice(proto: onnx.ModelProto) -> None:
    proto.graph.node.append(helper.make_node("Identity", [TEMP], ["more"]))
    proto.graph.output.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, ["N", 1]))


def ask_in_a_branch(proto: onnx.ModelProto) -> None:
    attribute(proto, "If", "then_branch").g.node.append(helper.make_node("Identity", [TEMP], ["more"]))


def two_of_a_key(proto: onnx.ModelProto) -> None:
    keys = attribute(proto, "LabelEncoder", "keys_strings").strings
    keys[1] = keys[0]


def other_axis(proto: onnx.ModelProto) -> None:
    attribute(proto, "Concat", "axis").i = 0


def codes_of_whole_numbers(proto: onnx.ModelProto) -> None:
    attribute(proto, "LabelEncoder", "values_floats").name = "values_int64s"


def two_concats(proto: onnx.ModelProto) -> None:
    proto.graph.node.append(helper.make_node("Concat", [TEMP], ["more"], axis=1))


@pytest.mark.parametrize("change", [ask_an_input_twice, ask_in_a_branch, two_of_a_key, other_axis,
                                    codes_of_whole_numbers, two_concats], ids=lambda one: one.__name__)
def test_another_form_is_not_cut(made, change):
    _, model = made
    assert split(onnx.load_from_string(model)) is not None
    assert split(changed(model, change)) is None


def test_what_can_not_be_compared_is_run_whole(made):
    task, model = made
    assert isinstance(way_of(OnnxModelLoader().stamp(model, {"probe": ""})), ways.Whole)
    assert OnnxModelLoader().load(model).predict(make_table(task, 3)).n_rows == 3


def test_a_cut_that_answers_otherwise_is_not_taken(made, monkeypatch):
    _, model = made

    def wrong(proto: onnx.ModelProto):
        found = split(proto)
        return found and replace(found, features=[found.features[0], *found.features[:0:-1]])

    monkeypatch.setattr(ways, "split", wrong)
    assert isinstance(way_of(model), ways.Whole)


def test_columns_that_are_none_are_a_crash(made):
    task, model = made
    table = make_table(task, 2)
    with pytest.raises(ModelCrashed, match="2 rows"):
        OnnxModelLoader().load(model).predict(Table(dict(table.columns) | {TEMP: texts(["a", "b"])}))
