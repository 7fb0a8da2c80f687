"""The ONNX graph against CatBoost itself, on the rows where the two could part."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from catboost import CatBoostClassifier, CatBoostRegressor
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catboost.oblivious import pad, read_forest
from adapters.catboost.onnx_graph import MANY_ROWS, build_model
from domain.target_encoding import TargetEncoding, cross_fit

NUMBERS = ("dep. delay", "высота", "a/b:0", "unused")
CATEGORIES = ("Перевозчик", "tail number")
LABELS = {"binary": ["no", "да"], "multiclass": ["big", "", "small"], "regression": []}
PROBLEMS = pytest.mark.parametrize("problem", list(LABELS))
METADATA = {"task": "flights", "commit_hash": "abc"}
LARGEST = np.finfo(np.float32).max  # CatBoost's border between missing and any number is -LARGEST
QUIET = {"verbose": 0, "allow_writing_files": False, "thread_count": 1, "random_seed": 1}


@dataclass(frozen=True, eq=False)
class Trained:
    """A booster and the table it was trained on; columns: name -> float32[n] or object[str] (n,)."""
    booster: object
    problem: str
    labels: list
    columns: Mapping[str, np.ndarray]
    encodings: Mapping[str, TargetEncoding] = field(default_factory=dict)

    @property
    def inputs(self):
        return [(name, "category" if values.dtype == object else "number") for name, values in self.columns.items()]

    def model(self, metadata=METADATA) -> onnx.ModelProto:
        return build_model(self.booster, self.inputs, self.encodings, self.problem, self.labels, metadata)

    def matrix(self, columns) -> np.ndarray:
        return np.column_stack([self.encodings[name].transform(values) if name in self.encodings else values
                                for name, values in columns.items()])

    def expected(self, columns) -> list[np.ndarray]:
        """What CatBoost answers: prediction, and probabilities if there are any."""
        matrix = self.matrix(columns)
        if self.problem == "regression":
            return [self.booster.predict(matrix)]
        probabilities = self.booster.predict_proba(matrix)
        return [np.array(self.labels)[probabilities.argmax(axis=1)], probabilities]


def columns_of(n_rows: int, seed: int, categories: bool) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = {name: np.round(rng.normal(size=n_rows), 2).astype(np.float32) for name in NUMBERS}
    columns["высота"][::7] = np.nan
    columns["unused"][:] = 1.0
    if not categories:
        return columns
    texts = {"Перевозчик": ["", "UA", "ж"], "tail number": [f"N{i}" for i in range(20)] + [""]}
    drawn = {name: np.array(texts[name], dtype=object)[rng.integers(0, len(texts[name]), n_rows)] for name in texts}
    return {"tail number": drawn["tail number"], **columns, "Перевозчик": drawn["Перевозчик"]}


def targets_of(columns: Mapping[str, np.ndarray], problem: str) -> np.ndarray:
    signal = columns["dep. delay"] + np.nan_to_num(columns["высота"], nan=-1.0) * columns["a/b:0"]
    if "Перевозчик" in columns:
        signal = signal + np.array([len(text) for text in columns["Перевозчик"]])
    if problem == "regression":
        return signal * 10.0 + 3.0
    return np.digitize(signal, [0.0] if problem == "binary" else [-0.5, 0.7])


@cache
def trained(problem: str, categories: bool = True, depth: int = 5, trees: int = 40, labels: tuple = ()) -> Trained:
    columns = columns_of(600, 0, categories)
    target = targets_of(columns, problem)
    spread = np.eye(3)[target] if problem == "multiclass" else target[:, None].astype(np.float64)
    fitted = {name: cross_fit(columns[name], spread, 3, 0, 5.0) for name in CATEGORIES if name in columns}
    matrix = np.column_stack([fitted[name][0] if name in fitted else columns[name] for name in columns])
    loss = {"binary": "Logloss", "multiclass": "MultiClass", "regression": "RMSE"}[problem]
    maker = CatBoostRegressor if problem == "regression" else CatBoostClassifier
    booster = maker(iterations=trees, depth=depth, loss_function=loss, **QUIET).fit(matrix, target)
    encodings = {name: encoding for name, (_, encoding) in fitted.items()}
    return Trained(booster, problem, list(labels) or LABELS[problem], columns, encodings)


def session(model: onnx.ModelProto) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run(model, columns) -> list[np.ndarray]:
    return session(model).run(None, {name: values[:, None] for name, values in columns.items()})


def cut(columns, n_rows: int) -> dict[str, np.ndarray]:
    return {name: values[:n_rows] for name, values in columns.items()}


def assert_same(actual: list[np.ndarray], expected: list[np.ndarray]) -> None:
    assert [part.shape for part in actual] == [part.shape for part in expected]
    if len(expected) == 1:
        np.testing.assert_allclose(actual[0], expected[0], rtol=1e-6, atol=1e-5)
        return
    np.testing.assert_allclose(actual[1], expected[1], rtol=0, atol=1e-6)
    assert actual[0].tolist() == expected[0].tolist()


def awkward_rows(case: Trained) -> dict[str, np.ndarray]:
    """Every border and its two neighbours, NaN, infinite and huge numbers; seen, unseen, odd and empty strings."""
    borders = np.concatenate(list(case.booster.get_borders().values())).astype(np.float32)
    borders = borders[np.abs(borders) < 1e38]
    numbers = np.concatenate([
        borders, np.nextafter(borders, np.float32(np.inf)), np.nextafter(borders, np.float32(-np.inf)),
        np.array([np.nan, np.inf, -np.inf, LARGEST, -LARGEST, 0.0, -0.0, 1e-45], np.float32)])
    texts = np.array(["", "UA", "never seen", "N1", " ", "N" * 500, "\0"], dtype=object)
    rng = np.random.default_rng(0)
    return {name: rng.permutation(numbers) if values.dtype != object else rng.choice(texts, len(numbers))
            for name, values in case.columns.items()}


@PROBLEMS
@pytest.mark.parametrize("categories", [True, False])
@pytest.mark.parametrize("n_rows", [0, 1, MANY_ROWS - 1, MANY_ROWS, MANY_ROWS + 1, 1000])
def test_answers_are_catboosts(problem, categories, n_rows):
    case = trained(problem, categories)
    columns = columns_of(n_rows, 5, categories)
    expected = case.expected(columns) if n_rows else [part[:0] for part in case.expected(columns_of(1, 5, categories))]
    assert_same(run(case.model(), columns), expected)


@PROBLEMS
@pytest.mark.parametrize("n_rows", [1, None])
def test_awkward_rows_go_the_same_way(problem, n_rows):
    case = trained(problem)
    rows = awkward_rows(case)
    loaded, n_all = session(case.model()), len(rows["unused"])
    for start in range(0, n_all, n_rows or n_all):
        part = {name: values[start:start + (n_rows or n_all)] for name, values in rows.items()}
        assert_same(loaded.run(None, {name: values[:, None] for name, values in part.items()}), case.expected(part))


@pytest.mark.parametrize("depth", [1, 4, 6, 7, 8, 10])
def test_every_depth(depth):
    case = trained("binary", categories=False, depth=depth, trees=8)
    assert_same(run(case.model(), case.columns), case.expected(case.columns))


@cache
def plain_session() -> tuple[Trained, ort.InferenceSession]:
    case = trained("multiclass", categories=False)
    return case, session(case.model())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.floats(width=32)] * len(NUMBERS)), min_size=1, max_size=MANY_ROWS + 2))
def test_any_numbers(rows):
    case, loaded = plain_session()
    columns = {name: np.array(values, np.float32) for name, values in zip(NUMBERS, zip(*rows))}
    assert_same(loaded.run(None, {name: values[:, None] for name, values in columns.items()}), case.expected(columns))


def test_trees_of_unequal_depth():
    rng = np.random.default_rng(0)
    columns = {"x": np.round(rng.normal(size=300)).astype(np.float32)}
    booster = CatBoostRegressor(iterations=20, depth=6, **QUIET).fit(columns["x"][:, None], rng.normal(size=300))
    depths = {tree.depth for tree in read_forest(booster).trees}
    assert len(depths) > 2 and pad(read_forest(booster).trees).features.shape == (20, max(depths))
    case = Trained(booster, "regression", [], columns)
    for n_rows in (1, 300):
        assert_same(run(case.model(), cut(columns, n_rows)), case.expected(cut(columns, n_rows)))


def fit_constant_target(columns, _):
    maker = CatBoostRegressor(iterations=3, allow_const_label=True, bootstrap_type="No", **QUIET)
    return maker.fit(columns, [3.5] * 60)


def fit_constant_columns(columns, target):
    return CatBoostClassifier(iterations=3, **QUIET).fit(columns * 0.0, target)


def fit_one_tree(columns, target):
    return CatBoostClassifier(iterations=1, **QUIET).fit(columns, target)


@pytest.mark.parametrize("fit", [fit_constant_target, fit_constant_columns, fit_one_tree])
@pytest.mark.parametrize("n_rows", [0, 1, 60])
def test_models_that_hardly_look(fit, n_rows):
    columns = columns_of(60, 3, categories=False)
    booster = fit(np.column_stack(list(columns.values())), (np.arange(60) > 20).astype(int))
    problem, labels = ("regression", []) if fit is fit_constant_target else ("binary", [0, 1])
    case = Trained(booster, problem, labels, columns)
    expected = [part[:n_rows] for part in case.expected(columns)]
    assert_same(run(case.model(), cut(columns, n_rows)), expected)


@PROBLEMS
@pytest.mark.parametrize("n_rows", [0, 1, 60])
def test_no_tree_leaves_the_bias(problem, n_rows):
    case = trained(problem, categories=False, trees=1)
    empty = case.booster.copy()
    empty.shrink(0, 0)  # CatBoost itself cannot predict with it
    bias = [0.5, -1.0, 2.0] if problem == "multiclass" else 0.75
    empty.set_scale_and_bias(2.0, bias)
    odds = np.exp(bias if problem == "multiclass" else [0.0, bias])
    answer = [[0.75]] if problem == "regression" else [[case.labels[odds.argmax()]], [odds / odds.sum()]]
    expected = [np.repeat(np.array(part), n_rows, axis=0) for part in answer]
    case = Trained(empty, problem, case.labels, case.columns)
    assert_same(run(case.model(), cut(case.columns, n_rows)), expected)


def test_a_class_without_a_row_has_no_probability():
    columns = columns_of(200, 3, categories=False)
    target = 2 * targets_of(columns, "binary") + 1
    booster = CatBoostClassifier(iterations=5, loss_function="MultiClass", classes_count=4, **QUIET).fit(
        np.column_stack(list(columns.values())), target)
    case = Trained(booster, "multiclass", [*"abcd"], columns)
    prediction, probabilities = run(case.model(), columns)
    assert_same([prediction, probabilities], case.expected(columns))
    assert set(prediction) == {"b", "d"} and not probabilities[:, [0, 2]].any()


@PROBLEMS
def test_scale_and_bias_count(problem):
    case = trained(problem, categories=False, trees=5)
    scaled = case.booster.copy()
    scaled.set_scale_and_bias(2.5, [0.5, -1.0, 2.0] if problem == "multiclass" else 0.75)
    case = Trained(scaled, problem, case.labels, case.columns)
    for n_rows in (1, 200):
        assert_same(run(case.model(), cut(case.columns, n_rows)), case.expected(cut(case.columns, n_rows)))


def test_int_labels_give_int64():
    case = trained("multiclass", labels=(10, -3, 7))
    prediction, _ = run(case.model(), case.columns)
    assert prediction.dtype == np.int64 and set(prediction) == {10, -3, 7}
    assert_same(run(case.model(), case.columns), case.expected(case.columns))


@PROBLEMS
def test_signature(problem):
    case = trained(problem)
    loaded = session(case.model())
    assert [(i.name, i.type, i.shape) for i in loaded.get_inputs()] == [
        (name, "tensor(string)" if kind == "category" else "tensor(float)", ["N", 1]) for name, kind in case.inputs]
    outputs = [(o.name, o.type, o.shape) for o in loaded.get_outputs()]
    n_labels = len(case.labels)
    assert outputs == ([("prediction", "tensor(float)", ["N"])] if problem == "regression" else [
        ("prediction", "tensor(string)", ["N"]), ("probabilities", "tensor(float)", ["N", n_labels])])
    assert loaded.get_modelmeta().custom_metadata_map == METADATA


@PROBLEMS
def test_the_runtime_has_nothing_to_warn_of(problem, capfd):
    case = trained(problem)
    model = case.model()
    onnx.checker.check_model(model, full_check=True)
    for n_rows in (1, 100):
        run(model, cut(case.columns, n_rows))
    assert capfd.readouterr().err == ""


@PROBLEMS
def test_the_same_parts_give_the_same_bytes(problem):
    case = trained(problem)
    again = trained.__wrapped__(problem)
    backwards = dict(reversed(METADATA.items()))
    assert case.model().SerializeToString() == again.model(backwards).SerializeToString()
    assert case.model().SerializeToString() != case.model({"task": "else"}).SerializeToString()


def test_only_what_a_tree_asks_about_is_computed():
    case = trained("binary")
    consumed = {name for node in case.model().graph.node for name in node.input}
    assert "unused" not in consumed and "tail number" in consumed


@pytest.mark.parametrize("change, message", [
    ({"inputs": [("a", "number")] * 4}, "differ"),
    ({"inputs": [(name, "number") for name in (*NUMBERS[:3], "prediction")]}, "one of"),
    ({"inputs": [(name, "number") for name in NUMBERS[:3]]}, "4 features, the columns give 3"),
    ({"problem": "multiclass"}, "loss"),
    ({"labels": ["one"]}, "2 classes, but there are 1"),
])
def test_parts_that_do_not_fit_are_refused(change, message):
    case = trained("binary", categories=False)
    parts = {"inputs": case.inputs, "encodings": {}, "problem": "binary", "labels": ["no", "yes"], "metadata": {}}
    with pytest.raises(ValueError, match=message):
        build_model(case.booster, **{**parts, **change})


def test_missing_numbers_above_every_border_are_refused():
    columns = columns_of(100, 0, categories=False)
    matrix = np.column_stack(list(columns.values()))
    booster = CatBoostRegressor(iterations=3, nan_mode="Max", **QUIET).fit(matrix, np.isnan(columns["высота"]) * 1.0)
    with pytest.raises(ValueError, match="nan_mode"):
        Trained(booster, "regression", [], columns).model()
