"""Model files as converters of other makers leave them, made by hand: a logistic model of two numbers and a text."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from domain.columns import ColumnType
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.table import Table
from domain.task import Split, Task, Training
from tests.builders import texts

FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING
AGE, PAY, JOB, LABEL = "age", "pay, €", "job", "y"
JOBS = ("smith", "cook", "Пекарь")
WEIGHTS = np.array([0.5, -0.25, 0.75], dtype=np.float32)


def make_foreign_task(labels: tuple = ("no", "yes"), jobs: bool = True, nullable: bool = False) -> Task:
    """labels: none of a regression. jobs: has the column of texts."""
    problem = {0: Problem.REGRESSION, 2: Problem.BINARY}.get(len(labels), Problem.MULTICLASS)
    columns = [Column(AGE, ColumnType.NUMBER, nullable=nullable), Column(PAY, ColumnType.NUMBER, nullable=nullable)]
    columns += [Column(JOB, ColumnType.CATEGORY, nullable=nullable)] if jobs else []
    target = Column(LABEL, ColumnType.CATEGORY if labels else ColumnType.NUMBER, Role.TARGET, nullable=False)
    return Task("foreign", Kind.TABULAR, problem, Schema((*columns, target)), labels, Split(), Training(), "")


def make_foreign_rows(task: Task, n_rows: int = 200, seed: int = 0) -> Table:
    random = np.random.default_rng(seed)
    columns = {AGE: random.integers(-3, 4, n_rows).astype(float), PAY: random.integers(-3, 4, n_rows).astype(float)}
    if JOB in task.schema:
        columns[JOB] = texts(random.choice(JOBS, n_rows).tolist())
    score = expected_scores(Table(columns)) + random.normal(0, 0.5, n_rows)
    if not task.labels:
        return Table(columns | {LABEL: score})
    places = np.digitize(score, np.quantile(score, np.arange(1, len(task.labels)) / len(task.labels)))
    return Table(columns | {LABEL: texts(str(task.labels[place]) for place in places)})


def expected_scores(table: Table) -> np.ndarray:
    """float64[n]: what the models below give, before any link."""
    codes = np.array([JOBS.index(job) if job in JOBS else -1 for job in table[JOB]]) if JOB in table.columns else 0
    return WEIGHTS[0] * table[AGE] + WEIGHTS[1] * table[PAY] + WEIGHTS[2] * codes


def sigmoid(scores: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-scores))


# --- pieces

def info(name: str, kind: int = FLOAT, shape: Sequence | None = ("N", 2)):
    return helper.make_tensor_value_info(name, kind, None if shape is None else list(shape))


def constant(name: str, values) -> TensorProto:
    return numpy_helper.from_array(np.asarray(values), name)


def file_of(nodes: Sequence[NodeProto], inputs: Sequence, outputs: Sequence, constants: Sequence = (), opset: int = 17,
            ml: int | None = 3, **changes) -> bytes:
    graph = helper.make_graph(list(nodes), "foreign", list(inputs), list(outputs), list(constants))
    imports = [helper.make_opsetid("", opset), *([helper.make_opsetid("ai.onnx.ml", ml)] if ml else [])]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8, producer_name="byhand",
                              producer_version="1.0", **changes)
    return model.SerializeToString()


def scored(source: str, width: int = 2) -> tuple[list[NodeProto], list[TensorProto]]:
    """float [N, 1] called `score` of a tensor [N, width]."""
    return ([helper.make_node("MatMul", [source, "weights"], ["score"])],
            [constant("weights", WEIGHTS[:width].reshape(width, 1))])


def linked(nodes: list[NodeProto], constants: list[TensorProto]) -> tuple[list[NodeProto], list[TensorProto]]:
    """`shares` [N, 2] of `score`."""
    return ([*nodes, helper.make_node("Sigmoid", ["score"], ["second"]), helper.make_node("Sub", ["one", "second"], [
        "first"]), helper.make_node("Concat", ["first", "second"], ["shares"], axis=1)],
            [*constants, constant("one", np.float32(1))])


# --- as tools leave them

def tensor_model(output: str = "shares", shape: Sequence = ("N", 2), opset: int = 17, fixed: int | None = None,
                 source_shape: Sequence | None = None) -> bytes:
    """As torch and Keras do: one tensor [N, 2] in, one out: `shares` [N, 2], `second` or `score` [N, 1]."""
    batch = fixed or "N"
    nodes, constants = linked(*scored("x"))
    return file_of(nodes, [info("x", FLOAT, source_shape or (batch, 2))], [info(output, FLOAT, (batch, *shape[1:]))],
                   constants, opset)


def trees_model(zipmap: bool = True, labels: Sequence = ("no", "yes"), width: int = 2) -> bytes:
    """As LightGBM's and XGBoost's converters do: one tensor, a label and probabilities, of trees; a ZipMap at the
    end. The trees split at zero of the first number."""
    text = isinstance(labels[0], str)
    classes = {"classlabels_strings" if text else "classlabels_int64s": list(labels)}
    kind = STRING if text else INT64
    tree = helper.make_node(
        "TreeEnsembleClassifier", ["x"], ["label", "shares"], domain="ai.onnx.ml", post_transform="NONE", **classes,
        nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0], nodes_values=[0.0, 0.0, 0.0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0],
        nodes_missing_value_tracks_true=[1, 0, 0], class_treeids=[0] * 4, class_nodeids=[1, 1, 2, 2],
        class_ids=[0, 1, 0, 1], class_weights=[0.75, 0.25, 0.125, 0.875])
    if not zipmap:
        return file_of([tree], [info("x", FLOAT, ("N", width))], [info("label", kind, ("N",)), info("shares")])
    zipped = helper.make_node("ZipMap", ["shares"], ["probabilities"], domain="ai.onnx.ml", **classes)
    pairs = helper.make_sequence_type_proto(helper.make_map_type_proto(
        TensorProto.STRING if text else INT64, helper.make_tensor_type_proto(FLOAT, None)))
    return file_of([tree, zipped], [info("x", FLOAT, ("N", width))],
                   [info("label", kind, ("N",)), helper.make_value_info("probabilities", pairs)])


def named_model() -> bytes:
    """As skl2onnx leaves a pipeline over columns: an input for each, texts encoded inside."""
    nodes = [
        helper.make_node("LabelEncoder", [JOB], ["code"], domain="ai.onnx.ml", keys_strings=list(JOBS),
                         values_floats=[0.0, 1.0, 2.0], default_float=-1.0),
        helper.make_node("Concat", [AGE, PAY, "code"], ["joined"], axis=1)]
    more, constants = linked(*scored("joined", 3))
    return file_of([*nodes, *more], [info(AGE, FLOAT, ("N", 1)), info(PAY, FLOAT, ("N", 1)), info(JOB, STRING, (
        "N", 1))], [info("shares")], constants)


def strict_model() -> bytes:
    """As an encoder that takes no unseen text: it fails on one."""
    nodes = [
        helper.make_node("LabelEncoder", [JOB], ["code"], domain="ai.onnx.ml", keys_strings=list(JOBS),
                         values_int64s=[0, 1, 2], default_int64=99),
        helper.make_node("Gather", ["table", "code"], ["second"], axis=0)]
    return file_of(nodes, [info(AGE, FLOAT, ("N", 1)), info(PAY, FLOAT, ("N", 1)), info(JOB, STRING, ("N", 1))],
                   [info("second", FLOAT, ("N", 1))], [constant("table", np.array([0.25, 0.5, 0.75], np.float32))])


def lookup_model() -> bytes:
    """Numbers as places in a table: it fails on one that is too large."""
    nodes = [helper.make_node("Abs", ["x"], ["size"]), helper.make_node("Cast", ["size"], ["place"], to=INT64),
             helper.make_node("Gather", ["table", "place"], ["found"], axis=0),
             helper.make_node("ReduceMean", ["found"], ["second"], axes=[1], keepdims=1)]
    table = np.array([0.25, 0.5, 0.75, 1.0], np.float32)
    return file_of(nodes, [info("x")], [info("second", FLOAT, ("N", 1))], [constant("table", table)])


def codes_model(kind: int = INT64) -> bytes:
    """Texts as whole numbers in an input of their own."""
    nodes = [helper.make_node("Cast", ["code"], ["number"], to=FLOAT),
             helper.make_node("Concat", ["numbers", "number"], ["joined"], axis=1)]
    more, constants = linked(*scored("joined", 3))
    return file_of([*nodes, *more], [info("numbers"), info("code", kind, ("N", 1))], [info("shares")], constants)


def text_model() -> bytes:
    """All columns as texts in one tensor."""
    nodes = [helper.make_node("LabelEncoder", ["x"], ["numbers"], domain="ai.onnx.ml", keys_strings=list(JOBS),
                              values_floats=[0.0, 1.0, 2.0], default_float=-1.0),
             helper.make_node("Sigmoid", ["numbers"], ["second"])]
    return file_of(nodes, [info("x", STRING, ("N", 1))], [info("second", FLOAT, ("N", 1))])


def labels_model(kind: int = INT64) -> bytes:
    """Labels alone, 1 where the score is above 0."""
    nodes, constants = scored("x")
    nodes += [helper.make_node("Greater", ["score", "zero"], ["above"]),
              helper.make_node("Cast", ["above"], ["label"], to=kind)]
    return file_of(nodes, [info("x")], [info("label", kind, ("N", 1))], [*constants, constant("zero", np.float32(0))])


def number_model(kind: int = FLOAT) -> bytes:
    """A regression, [N, 1]."""
    nodes, constants = scored("x")
    return file_of(nodes, [info("x")], [info("score", kind, ("N", 1))], constants)


def classes_model(width: int = 3) -> bytes:
    """Logits of several classes; the first number is for the last class."""
    weights = np.zeros((2, width), np.float32)
    weights[0, -1], weights[1, 0] = 1, 1
    return file_of([helper.make_node("MatMul", ["x", "w"], ["logits"])], [info("x")],
                   [info("logits", FLOAT, ("N", width))], [constant("w", weights)])


# --- of ill will, or broken

def endless_model() -> bytes:
    """A loop that never ends."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["going"], ["on"]), helper.make_node("Add", ["kept", "one"], ["more"])], "body",
        [info("turn", INT64, ()), info("going", TensorProto.BOOL, ()), info("kept", FLOAT, ("N", 1))],
        [info("on", TensorProto.BOOL, ()), info("more", FLOAT, ("N", 1))])
    nodes, constants = scored("x")
    nodes += [helper.make_node("Loop", ["", "yes", "score"], ["looped"], body=body),
              helper.make_node("Sigmoid", ["looped"], ["second"])]
    return file_of(nodes, [info("x")], [info("second", FLOAT, ("N", 1))],
                   [*constants, constant("yes", np.array(True)), constant("one", np.float32(1))])


def greedy_model(bytes_log2: int = 36) -> bytes:
    """Asks for as many bytes as rows hold, times a power of two."""
    nodes, constants = linked(*scored("x"))
    nodes += [helper.make_node("Shape", ["x"], ["sizes"]), helper.make_node("Mul", ["sizes", "many"], ["huge"]),
              helper.make_node("ConstantOfShape", ["huge"], ["filled"]),
              helper.make_node("ReduceMax", ["filled"], ["most"], keepdims=0),
              helper.make_node("Add", ["shares", "most"], ["greedy"])]
    return file_of(nodes, [info("x")], [info("greedy")],
                   [*constants, constant("many", np.array([1, 2 ** (bytes_log2 - 3)], dtype=np.int64))])


def outside_model(location: str = "../../../etc/passwd") -> bytes:
    """Its weights are said to lie in another file."""
    model = onnx.load_from_string(tensor_model())
    weights = next(tensor for tensor in model.graph.initializer if tensor.name == "weights")
    onnx.external_data_helper.set_external_data(weights, location, offset=0, length=8)
    weights.ClearField("raw_data")
    return model.SerializeToString()


def mixing_model() -> bytes:
    """Its answer to a row depends on the rows beside."""
    nodes, constants = scored("x")
    nodes += [helper.make_node("ReduceMean", ["score"], ["mean"], axes=[0], keepdims=1),
              helper.make_node("Sub", ["score", "mean"], ["centred"]),
              helper.make_node("Sigmoid", ["centred"], ["second"])]
    return file_of(nodes, [info("x")], [info("second", FLOAT, ("N", 1))], constants)


# --- of pictures

def picture_model(layout: str = "NCHW", size: Sequence = (8, 10), kind: int = FLOAT, batch: int | str = "N",
                  channels: int | str = 3, opset: int = 17, output: str = "logits", least: Sequence[int] = (1, 1)
                  ) -> bytes:
    """A net that sees how much of each colour there is: logits [N, 3], the mean red, green and blue of a picture, or of
    a grey one its mean for the first; `shares` are its softmax. It fails on a picture that is smaller than `least`."""
    planes = [batch, channels, *size] if layout == "NCHW" else [batch, *size, channels]
    plain = helper.make_node("Cast", ["x"], ["float"], to=FLOAT)
    turned = helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 1, 2, 3] if layout == "NCHW" else [
        0, 3, 1, 2])
    nodes = [plain, turned, helper.make_node("AveragePool", ["planes"], ["pooled"], kernel_shape=list(least)),
             helper.make_node("GlobalAveragePool", ["pooled"], ["means"]),
             helper.make_node("Flatten", ["means"], ["flat"], axis=1),
             helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
             helper.make_node("Softmax", ["logits"], ["shares"], axis=1)]
    weights = np.eye(1 if channels == 1 else 3, 3, dtype=np.float32)
    return file_of(nodes, [info("x", kind, planes)], [info(output, FLOAT, (batch, 3))], [constant("weights", weights)],
                   opset, None)


def mask_model(output: str = "logits", layout: str = "NCHW", batch: int | str = "N", size: Sequence = ("H", "W"),
               answer_size: Sequence = ("H", "W"), opset: int = 17, channels: int = 1) -> bytes:
    """A net that takes what is brighter than the middle for the second class: `logits` and `shares` [N, 2, h, w],
    `score` and `share` [N, 1, h, w] of the second, `flat` the same as [N, h, w], `best` int64 [N, h, w]; in `layout`.
    answer_size: as it is said; half of the picture where it is said to be other than that."""
    def turned(source: str, target: str, last: bool):
        perm = ([0, 2, 3, 1] if last else [0, 3, 1, 2]) if layout == "NHWC" else [0, 1, 2, 3]
        return helper.make_node("Transpose", [source], [target], perm=perm)

    half = tuple(answer_size) != tuple(size)
    nodes = [turned("x", "planes", False), helper.make_node("ReduceMean", ["planes"], ["grey"], axes=[1], keepdims=1),
             helper.make_node("AveragePool", ["grey"], ["seen"], kernel_shape=[2, 2] if half else [1, 1],
                              strides=[2, 2] if half else [1, 1]),
             helper.make_node("Sub", ["seen", "middle"], ["above"]), helper.make_node("Mul", ["above", "steep"], ["s"]),
             helper.make_node("Sigmoid", ["s"], ["p"]), helper.make_node("Sub", ["one", "p"], ["q"]),
             helper.make_node("Concat", ["q", "p"], ["both"], axis=1), helper.make_node("Log", ["both"], ["logs"]),
             helper.make_node("ArgMax", ["both"], ["best"], axis=1, keepdims=0),
             helper.make_node("Squeeze", ["p", "axes"], ["flat"]),
             *(turned(source, target, True) for source, target in (
                 ("logs", "logits"), ("both", "shares"), ("s", "score"), ("p", "share")))]
    width = {"logits": 2, "shares": 2, "score": 1, "share": 1}.get(output)
    shape = (batch, *answer_size) if width is None else (
        batch, width, *answer_size) if layout == "NCHW" else (batch, *answer_size, width)
    constants = [constant("middle", np.float32(0.5)), constant("steep", np.float32(20)), constant("one", np.float32(1)),
                 constant("axes", np.array([1]))]
    planes = (batch, channels, *size) if layout == "NCHW" else (batch, *size, channels)
    return file_of(nodes, [info("x", FLOAT, planes)], [info(output, INT64 if output == "best" else FLOAT, shape)],
                   constants, opset, None)


# --- of ill will before they are ever run

def changed(change) -> bytes:
    """tensor_model after `change` of its graph."""
    model = onnx.load_from_string(tensor_model())
    change(model.graph)
    return model.SerializeToString()


def cyclic_model() -> bytes:
    """The first node takes what the last one gives."""
    def change(graph):
        graph.node[0].input[0] = "shares"
    return changed(change)


def dangling_model() -> bytes:
    """A node takes what nobody gives."""
    def change(graph):
        graph.node[1].input[0] = "nowhere"
    return changed(change)


def twice_named_model() -> bytes:
    """Two nodes give the same."""
    def change(graph):
        graph.node[2].output[0] = "second"
    return changed(change)


def lying_model() -> bytes:
    """Weights that are said to be much larger than what is there."""
    def change(graph):
        weights = next(tensor for tensor in graph.initializer if tensor.name == "weights")
        weights.dims[:] = [2 ** 20, 2 ** 20]
    return changed(change)


def of_no_input_model() -> bytes:
    """It answers without being asked."""
    nodes = [helper.make_node("Identity", ["known"], ["shares"])]
    return file_of(nodes, [], [info("shares", FLOAT, (1, 2))], [constant("known", np.array([[0.5, 0.5]], np.float32))])


def filled_model(bytes_log2: int = 36) -> bytes:
    """A constant of many bytes, told by a few, that is made when the file is loaded."""
    nodes, constants = linked(*scored("x"))
    nodes += [helper.make_node("ConstantOfShape", ["sizes"], ["filled"]),
              helper.make_node("ReduceMax", ["filled"], ["most"], keepdims=0),
              helper.make_node("Add", ["shares", "most"], ["greedy"])]
    return file_of(nodes, [info("x")], [info("greedy")],
                   [*constants, constant("sizes", np.array([2 ** (bytes_log2 - 2)], dtype=np.int64))])


def nested_model(depth: int) -> bytes:
    """Branches in branches."""
    def branch(level: int):
        inner = helper.make_node("Identity", ["score"], [f"out{level}"]) if not level else helper.make_node(
            "If", ["yes"], [f"out{level}"], then_branch=branch(level - 1), else_branch=branch_of_one(level - 1))
        return helper.make_graph([inner], f"b{level}", [], [info(f"out{level}", FLOAT, ("N", 1))])

    def branch_of_one(level: int):
        return helper.make_graph([helper.make_node("Identity", ["score"], [f"out{level}"])], f"e{level}", [],
                                 [info(f"out{level}", FLOAT, ("N", 1))])

    nodes, constants = scored("x")
    nodes += [helper.make_node("If", ["yes"], ["out"], then_branch=branch(depth), else_branch=branch_of_one(depth)),
              helper.make_node("Sigmoid", ["out"], ["second"])]
    return file_of(nodes, [info("x")], [info("second", FLOAT, ("N", 1))], [*constants, constant("yes", np.array(True))])


def spinning_model() -> bytes:
    """A loop that never ends and hangs on nothing that comes, so that it is gone through when the file is loaded."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["going"], ["on"]), helper.make_node("Mul", ["kept", "half"], ["more"])], "body",
        [info("turn", INT64, ()), info("going", TensorProto.BOOL, ()), info("kept", FLOAT, ())],
        [info("on", TensorProto.BOOL, ()), info("more", FLOAT, ())])
    nodes, constants = linked(*scored("x"))
    nodes += [helper.make_node("Loop", ["", "yes", "half"], ["looped"], body=body),
              helper.make_node("Add", ["shares", "looped"], ["sum"])]
    return file_of(nodes, [info("x")], [info("sum")],
                   [*constants, constant("yes", np.array(True)), constant("half", np.float32(0.5))])
