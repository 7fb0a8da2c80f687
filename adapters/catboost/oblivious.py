"""CatBoost's trees as arrays: an oblivious tree asks one question a level, so it is a table looked up by a bit string.

The source is CatBoost's own ONNX export. Its borders are the float32 the library compares with; the decimal text of
the JSON export rounds some of them to a neighbour and sends rows that lie on a border the other way.
"""
from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import catboost
import numpy as np
import onnx
from numpy.typing import NDArray

from domain.arrays import Array


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree of depth d. A row's leaf is the number whose bit for level 0 (the highest) to d-1 is `x > border`.

    features: int64[d]; borders: float32[d]; leaves: float32[2**d, n_outputs], unscaled.
    """
    features: NDArray[np.int64]
    borders: NDArray[np.float32]
    leaves: NDArray[np.float32]

    @property
    def depth(self) -> int:
        return len(self.features)


@dataclass(frozen=True, eq=False)
class Forest:
    """raw score = scale * sum of leaves + bias; link (`identity`, `logistic`, `softmax`) makes the answer of it.

    bias: float64[n_outputs]. A logistic forest has one output, the margin of its second class. Of its n_classes a
    softmax forest knows only those that were in the training rows; class_of: int64[n_outputs] says which.
    """
    trees: tuple[Tree, ...]
    scale: float
    bias: NDArray[np.float64]
    link: str
    n_classes: int
    class_of: NDArray[np.int64]

    @property
    def n_outputs(self) -> int:
        return len(self.bias)

    @property
    def depth(self) -> int:
        return max((tree.depth for tree in self.trees), default=0)


@dataclass(frozen=True, eq=False)
class Levels:
    """T trees in one depth D. features: int64[T, D]; borders: float32[T, D]; leaves: float32[T, 2**D, n_outputs]."""
    features: NDArray[np.int64]
    borders: NDArray[np.float32]
    leaves: NDArray[np.float32]


def read_forest(booster: catboost.CatBoost) -> Forest:
    """The trees of a trained CatBoost model (numbers only, symmetric trees, missing numbers below every border).

    Raises: ValueError where the model is of another make, CatBoostError where CatBoost itself cannot export it.
    """
    scale, bias = booster.get_scale_and_bias()
    bias = np.atleast_1d(np.asarray(bias, np.float64))
    n_classes, class_of = len(booster.classes_), _class_of(booster)
    if booster.tree_count_ == 0:
        link = "softmax" if len(bias) > 1 else "logistic" if n_classes else "identity"
        return Forest((), 1.0, bias, link, n_classes, class_of)
    attributes = _exported_attributes(booster, scale)
    if any(attributes["nodes_missing_value_tracks_true"]):
        raise ValueError("missing numbers have to count as the smallest: train with nan_mode='Min'")
    return Forest(_trees(attributes, len(bias)), float(scale), bias, _link(attributes, booster), n_classes, class_of)


def pad(trees: tuple[Tree, ...]) -> Levels:
    """All trees in the depth of the deepest. The levels a tree lacks go on top, with a border no number is above."""
    depth = max(tree.depth for tree in trees)
    features = np.zeros((len(trees), depth), np.int64)
    borders = np.full((len(trees), depth), np.inf, np.float32)
    leaves = np.zeros((len(trees), 2 ** depth, trees[0].leaves.shape[1]), np.float32)
    for number, tree in enumerate(trees):
        features[number, depth - tree.depth:] = tree.features
        borders[number, depth - tree.depth:] = tree.borders
        leaves[number, :2 ** tree.depth] = tree.leaves
    return Levels(features, borders, leaves)


def _class_of(booster: catboost.CatBoost) -> NDArray[np.int64]:
    names = json.loads(booster.get_metadata()["class_params"])["class_to_label"] if len(booster.classes_) else ()
    return np.array(names, np.int64)


def _link(attributes: Mapping[str, Any], booster: catboost.CatBoost) -> str:
    # The sum of several models is exported without it; their loss is told elsewhere.
    loss = json.loads(dict(booster.get_metadata()).get("loss_function", "{}")).get("type")
    return "logistic" if loss == "Logloss" else _exported_link(attributes)


def _exported_link(attributes: Mapping[str, Any]) -> str:
    names = {b"NONE": "identity", b"LOGISTIC": "logistic", b"SOFTMAX": "softmax"}
    return names[attributes["post_transform"]]


def _exported_attributes(booster: catboost.CatBoost, scale: float) -> dict[str, Any]:
    """Of the node with the trees, by name: lists of numbers, and bytes."""
    if scale != 1.0:
        # CatBoost refuses to export a scaled model; its leaves are the same without the scale.
        booster = booster.copy()
        booster.set_scale_and_bias(1.0, booster.get_scale_and_bias()[1])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        booster.save_model(path, format="onnx")
        node = onnx.load(path).graph.node[0]
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def _trees(attributes: Mapping[str, Any], n_outputs: int) -> tuple[Tree, ...]:
    tree_ids = np.array(attributes["nodes_treeids"])
    ends = np.flatnonzero(np.diff(tree_ids, append=tree_ids[-1] + 1)) + 1
    starts = np.concatenate([[0], ends[:-1]])
    columns = [np.array(attributes[name]) for name in ("nodes_nodeids", "nodes_featureids", "nodes_values",
                                                       "nodes_truenodeids", "nodes_falsenodeids")]
    weights = _leaf_weights(attributes, n_outputs)
    leaf_counts = (ends - starts + 1) // 2
    leaf_ends = np.cumsum(leaf_counts)
    return tuple(
        _tree([column[start:end] for column in columns], weights[leaf_end - leaf_count:leaf_end])
        for start, end, leaf_count, leaf_end in zip(starts, ends, leaf_counts, leaf_ends))


def _leaf_weights(attributes: Mapping[str, Any], n_outputs: int) -> NDArray[np.float32]:
    """float32[number of leaves, n_outputs], tree by tree, leaf by leaf."""
    kind = "target" if "target_weights" in attributes else "class"
    weights = np.array(attributes[f"{kind}_weights"], np.float32)
    # The last key is the first to sort by.
    order = np.lexsort([attributes[f"{kind}_{key}"] for key in ("ids", "nodeids", "treeids")])
    is_pair = _exported_link(attributes) == "logistic"  # exported as (-margin, margin)
    return weights[order].reshape(-1, 2)[:, 1:] if is_pair else weights[order].reshape(-1, n_outputs)


def _tree(columns: Sequence[Array], leaves: NDArray[np.float32]) -> Tree:
    """One tree of nodes 0, 1, 2, ... that lie level by level, children of i at 2i+1 (false) and 2i+2 (true).

    columns: of its nodes the number, feature, border, and the children if it is greater and if it is not.
    """
    nodes, features, borders, if_true, if_false = columns
    n_leaves = len(leaves)
    inner = np.arange(n_leaves - 1)
    firsts = 2 ** np.arange(n_leaves.bit_length() - 1) - 1
    level_of = np.repeat(np.arange(len(firsts)), firsts + 1)
    same_question = (features[firsts][level_of] == features[inner]) & (borders[firsts][level_of] == borders[inner])
    in_levels = (np.array_equal(nodes, np.arange(2 * n_leaves - 1)) and np.array_equal(if_true[inner], 2 * inner + 2)
                 and np.array_equal(if_false[inner], 2 * inner + 1))
    if not (in_levels and same_question.all()):
        raise ValueError("the exported trees do not ask one question per level")
    return Tree(features[firsts].astype(np.int64), borders[firsts].astype(np.float32), leaves)
