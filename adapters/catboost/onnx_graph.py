"""A trained CatBoost model and its target encodings as one ONNX graph that takes the raw columns.

Few rows go through the stock TreeEnsemble node. Many rows take the trees apart: all questions at once, their answers
as the bits of a leaf number, and a table lookup per tree; the same answer, several times as fast (benchmarks/trees.py).
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import catboost
import numpy as np
import onnx
import spox.opset.ai.onnx.ml.v3 as ml
import spox.opset.ai.onnx.v17 as op
from spox import Tensor, Var, argument, build

from adapters.catboost.oblivious import Forest, Tree, read_forest
from adapters.catboost.tree_lookup import both_margins, integers, look_up, raw_scores, softmax
from domain.arrays import Array
from domain.target_encoding import TargetEncoding

Problem = Literal["binary", "multiclass", "regression"]
Kind = Literal["number", "category"]

# From here the tensor form is the faster: measured at 4 to 5 rows for 500 trees, at somewhat more for 100.
MANY_ROWS = 5
LINKS = {"binary": "logistic", "multiclass": "softmax", "regression": "identity"}
OUTPUTS = ("prediction", "probabilities")
IR_VERSION = 8


def build_model(
    booster: catboost.CatBoost, inputs: Sequence[tuple[str, Kind]], encodings: Mapping[str, TargetEncoding],
    problem: Problem, labels: Sequence[str | int], metadata: Mapping[str, str],
) -> onnx.ModelProto:
    """One graph from raw columns to `prediction` (and `probabilities`).

    booster: trained on, for each input in turn, the number or the `width` columns of its encoding, nan_mode Min.
    labels: the label of each class in the booster's order; empty for regression.
    Graph inputs: one per column under its name, [N, 1], float32 (missing: NaN) or string (missing: "").
    Graph outputs: `prediction` [N] (int64 if all labels are int, else string; regression float32) and, for classes,
    `probabilities` float32[N, classes]. The same arguments give the same bytes.
    Raises: ValueError where the parts do not fit together or the model has no such graph.
    """
    forest = read_forest(booster)
    _check(forest, booster, inputs, encodings, problem, labels)
    columns = {name: argument(Tensor(np.float32 if kind == "number" else np.str_, ("N", 1))) for name, kind in inputs}
    scores = _scores(forest, columns, encodings)
    results = {"binary": _binary, "multiclass": _multiclass, "regression": _regression}[problem](scores, forest, labels)
    return _finish(build(columns, results), len(labels), metadata)


def _check(
    forest: Forest, booster: catboost.CatBoost, inputs: Sequence[tuple[str, Kind]],
    encodings: Mapping[str, TargetEncoding], problem: Problem, labels: Sequence[str | int],
) -> None:
    names = [name for name, _ in inputs]
    width = sum(encodings[name].width if kind == "category" else 1 for name, kind in inputs)
    if len(set(names)) < len(names) or set(names) & {"", *OUTPUTS}:
        raise ValueError(f"column names must differ from each other, and none may be empty or one of {OUTPUTS}")
    if len(booster.feature_names_) != width:  # n_features_in_ is 0 after load_model
        raise ValueError(f"the model has {len(booster.feature_names_)} features, the columns give {width}")
    if forest.link != LINKS[problem] or (problem == "regression" and forest.n_outputs != 1):
        raise ValueError(f"the model's loss is not one for {problem}")
    if len(labels) != forest.n_classes:
        raise ValueError(f"the model has {forest.n_classes} classes, but there are {len(labels)} labels")


def _scores(forest: Forest, columns: Mapping[str, Var], encodings: Mapping[str, TargetEncoding]) -> Var:
    """Raw scores float32[N, n_outputs]."""
    n_rows = op.shape(next(iter(columns.values())), start=0, end=1)
    bias = op.constant(value=forest.bias.astype(np.float32)[None])
    if forest.depth == 0:
        return op.expand(bias, op.concat([n_rows, integers([1])], axis=0))
    forest, features = _features(forest, columns, encodings)
    sums, = op.if_(
        op.less(n_rows, integers([MANY_ROWS])),
        then_branch=lambda: [_tree_ensemble(forest, features)],
        else_branch=lambda: [op.transpose(look_up(forest, op.transpose(features)))],
    )
    return raw_scores(forest, sums)


def _features(forest: Forest, columns: Mapping[str, Var], encodings: Mapping[str, TargetEncoding]
              ) -> tuple[Forest, Var]:
    """Model input float32[N, n_used] of the columns that some tree asks about, and the forest renumbered to it."""
    makers: list[tuple[Var, TargetEncoding | None, int]] = []
    for name, column in columns.items():
        if name in encodings:
            makers += [(column, encodings[name], output) for output in range(encodings[name].width)]
        else:
            makers.append((column, None, 0))
    used = np.unique(np.concatenate([tree.features for tree in forest.trees]))
    parts = [column if encoding is None else _look_up_category(column, encoding, output)
             for column, encoding, output in (makers[number] for number in used)]
    trees = tuple(Tree(np.searchsorted(used, tree.features), tree.borders, tree.leaves) for tree in forest.trees)
    return replace(forest, trees=trees), op.concat(parts, axis=1)


def _look_up_category(column: Var, encoding: TargetEncoding, output: int) -> Var:
    return ml.label_encoder(
        column, keys_strings=encoding.categories, values_floats=encoding.vectors[:, output].tolist(),
        default_float=float(encoding.default[output]))


def _tree_ensemble(forest: Forest, features: Var) -> Var:
    """Sums of leaves by the stock node: a tree's nodes level by level, children of node i at 2i+1 and 2i+2."""
    tables = [_node_table(number, tree) for number, tree in enumerate(forest.trees)]
    merged = {name: np.concatenate([table[name] for table in tables]).tolist() for name in tables[0]}
    return ml.tree_ensemble_regressor(features, n_targets=forest.n_outputs, aggregate_function="SUM", **merged)


def _node_table(number: int, tree: Tree) -> dict[str, Array]:
    n_leaves, n_outputs = tree.leaves.shape
    n_inner = n_leaves - 1
    level_of = np.repeat(np.arange(tree.depth), 2 ** np.arange(tree.depth))
    nodes, nothing = np.arange(n_inner + n_leaves), np.zeros(n_leaves, np.int64)
    return {
        "nodes_treeids": np.full(len(nodes), number),
        "nodes_nodeids": nodes,
        "nodes_modes": np.array(["BRANCH_GT"] * n_inner + ["LEAF"] * n_leaves),
        "nodes_featureids": np.concatenate([tree.features[level_of], nothing]),
        "nodes_values": np.concatenate([tree.borders[level_of], nothing.astype(np.float32)]),
        "nodes_truenodeids": np.concatenate([2 * nodes[:n_inner] + 2, nothing]),
        "nodes_falsenodeids": np.concatenate([2 * nodes[:n_inner] + 1, nothing]),
        "target_treeids": np.full(n_leaves * n_outputs, number),
        "target_nodeids": np.repeat(nodes[n_inner:], n_outputs),
        "target_ids": np.tile(np.arange(n_outputs), n_leaves),
        "target_weights": tree.leaves.ravel(),
    }


def _regression(scores: Var, forest: Forest, labels: Sequence[str | int]) -> dict[str, Var]:
    return {"prediction": op.reshape(scores, integers([-1]))}


def _binary(scores: Var, forest: Forest, labels: Sequence[str | int]) -> dict[str, Var]:
    margins = both_margins(scores)
    return {"prediction": _best(margins, _names(labels)), "probabilities": op.sigmoid(margins)}


def _multiclass(scores: Var, forest: Forest, labels: Sequence[str | int]) -> dict[str, Var]:
    return {"prediction": _best(scores, _names(labels)[forest.class_of]), "probabilities": softmax(forest, scores)}


def _best(scores: Var, names: Array) -> Var:
    """The name of the highest score; of equals the first, as in CatBoost."""
    return op.gather(op.constant(value=names), op.arg_max(scores, axis=1, keepdims=0))


def _names(labels: Sequence[str | int]) -> Array:
    is_int = all(isinstance(label, (int, np.integer)) for label in labels)
    return np.array(labels, np.int64) if is_int else np.array([str(label) for label in labels])


def _finish(model: onnx.ModelProto, n_classes: int, metadata: Mapping[str, str]) -> onnx.ModelProto:
    """Declared output shapes, fixed names and sorted metadata: nothing that differs from run to run."""
    model.ir_version = IR_VERSION
    model.producer_name, model.producer_version, model.graph.name = "progon", "", "model"
    for output in model.graph.output:
        element = output.type.tensor_type.elem_type
        shape: list[str | int] = ["N", n_classes] if output.name == "probabilities" else ["N"]
        output.CopyFrom(onnx.helper.make_tensor_value_info(output.name, element, shape))
    onnx.helper.set_model_props(model, dict(sorted(metadata.items())))
    onnx.checker.check_model(model, full_check=True)
    return model
