"""LightGBM on numbers as they are and categories by the mean target, its trees as one node of ONNX."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import spox.opset.ai.onnx.ml.v3 as ml
import spox.opset.ai.onnx.v17 as op
from numpy.typing import NDArray
from spox import Var

from adapters.matrix.cards import LIGHTGBM
from adapters.matrix.encoding import Matrix, fit_plain
from adapters.matrix.model import BOTH, Curve, MatrixModel, OfMatrix, of_rows, summed, targets_of
from application.ports.trainer import Trainer, TrainingFailed
from domain.class_weights import class_weights
from domain.columns.rules import Form
from domain.kinds.kind import Problem
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.trainer_card import TrainerCard

_OBJECTIVES = {Problem.BINARY: "binary", Problem.MULTICLASS: "multiclass", Problem.REGRESSION: "regression"}
_METRICS = {Problem.BINARY: "binary_logloss", Problem.MULTICLASS: "multi_logloss", Problem.REGRESSION: "rmse"}


class LightgbmTrainer(Trainer):
    """threads: of the training; the result does not depend on it."""

    def __init__(self, threads: int = -1) -> None:
        self._threads = threads

    def describe(self) -> TrainerCard:
        return LIGHTGBM

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> MatrixModel:
        params: dict[str, Any] = LIGHTGBM.resolved(task.training.params, task.kind, parts.n_rows, task.problem)
        encoder, matrix = fit_plain(task, parts.train, params["encoding_folds"])
        targets, valid_targets = targets_of(task, parts.train), task.targets(parts.valid[task.schema.target.name])
        weights = class_weights(task, params["class_weights"], targets)
        train = lightgbm.Dataset(matrix, targets, weight=of_rows(weights, targets), params={"verbose": -1})
        valid = train.create_valid(encoder.transform(parts.valid), valid_targets,
                                   weight=of_rows(weights, valid_targets))
        told: dict[str, Any] = {}
        metric = _METRICS[task.problem]

        def tell(done: lightgbm.callback.CallbackEnv) -> None:
            on_iteration(done.iteration + 1, params["iterations"], told["valid"][metric][-1])

        tell.order = 25  # type: ignore[attr-defined]  # after what is told has been recorded, before the stopping
        callbacks: list[Any] = [lightgbm.record_evaluation(told), tell]
        if params["early_stopping_rounds"]:
            callbacks.append(lightgbm.early_stopping(params["early_stopping_rounds"], verbose=False))
        booster = self._train(task, params, params["iterations"], train, {"train": train, "valid": valid}, callbacks)
        curve = [{"iteration": number, "train": float(seen), "valid": float(unseen)} for number, (seen, unseen) in
                 enumerate(zip(told["train"][metric], told["valid"][metric], strict=True), start=1)]
        trees = _best(curve) if params["early_stopping_rounds"] else len(curve)

        def refit(rows: Table) -> MatrixModel:
            """More rows carry more trees."""
            return self._refit(task, params, round(trees * rows.n_rows / parts.train.n_rows), curve, rows)

        return _model(task, encoder, Trees(task, booster, trees), curve, refit)

    def _refit(self, task: Task, params: Mapping[str, Any], trees: int, curve: Curve, rows: Table) -> MatrixModel:
        encoder, matrix = fit_plain(task, rows, params["encoding_folds"])
        targets = targets_of(task, rows)
        weights = of_rows(class_weights(task, params["class_weights"], targets), targets)
        data = lightgbm.Dataset(matrix, targets, weight=weights, params={"verbose": -1})
        return _model(task, encoder, Trees(task, self._train(task, params, trees, data, {}, []), trees), curve)

    def _train(self, task: Task, params: Mapping[str, Any], trees: int, rows: lightgbm.Dataset,
               watched: Mapping[str, lightgbm.Dataset], callbacks: list[Any]) -> lightgbm.Booster:
        own = {
            "objective": _OBJECTIVES[task.problem], "metric": _METRICS[task.problem], "verbose": -1,
            "learning_rate": params["learning_rate"], "num_leaves": params["leaves"], "max_depth": params["depth"],
            "min_data_in_leaf": params["min_rows_in_leaf"], "lambda_l2": params["l2_leaf_reg"],
            "feature_fraction": params["column_share"], "seed": task.training.seed, "deterministic": True,
            "force_row_wise": True, "num_threads": max(self._threads, 0)}
        if task.problem is Problem.MULTICLASS:
            own["num_class"] = len(task.labels)
        try:
            return lightgbm.train(own, rows, trees, valid_sets=list(watched.values()), valid_names=list(watched),
                                  callbacks=callbacks)
        except lightgbm.basic.LightGBMError as failure:
            raise TrainingFailed(f"LightGBM could not train: {failure}") from failure


def _best(curve: Curve) -> int:
    return int(np.argmin([entry["valid"] for entry in curve])) + 1


def _model(task: Task, encoder: Any, trees: Trees, curve: Curve,
           refit: Callable[[Table], MatrixModel] | None = None) -> MatrixModel:
    borders = {column.name: trees.borders(encoder.owners.index(column.name)) for column in task.schema.features
               if column.rules.form is Form.NUMBERS}
    return MatrixModel(task, encoder, trees, curve, summed(encoder.owners, trees.gains()), borders, refit)


class Trees(OfMatrix):
    def __init__(self, task: Task, booster: lightgbm.Booster, count: int) -> None:
        self._problem, self._booster, self._count = task.problem, booster, count
        self._outputs = len(task.labels) if task.problem is Problem.MULTICLASS else 1
        self._nodes = [node for tree in booster.dump_model(num_iteration=count)["tree_info"]
                       for node in _nodes(tree["tree_index"], tree["tree_structure"])]

    def answers(self, matrix: Matrix) -> Matrix:
        answers = np.asarray(self._booster.predict(matrix, num_iteration=self._count))
        if self._problem is Problem.BINARY:
            answers = np.column_stack([1 - answers, answers])
        return answers.astype(np.float32)

    def in_graph(self, matrix: Var) -> Var:
        scores = ml.tree_ensemble_regressor(
            matrix, n_targets=self._outputs, aggregate_function="SUM", **_attributes(self._nodes, self._outputs))
        if self._problem is Problem.REGRESSION:
            return scores
        if self._problem is Problem.BINARY:
            return op.sigmoid(op.mul(scores, op.constant(value=BOTH)))
        return op.softmax(scores, axis=1)

    def native(self) -> bytes:
        return self._booster.model_to_string(num_iteration=self._count).encode()

    def gains(self) -> NDArray[np.float64]:
        return self._booster.feature_importance("gain", iteration=self._count)

    def borders(self, feature: int) -> NDArray[np.float32]:
        found = [node["border"] for node in self._nodes if node["mode"] != "LEAF" and node["feature"] == feature]
        return np.unique(np.array(found, np.float32)) if found else np.zeros(1, np.float32)


def _nodes(tree: int, root: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each node of a tree with a number, its children after it."""
    waiting = [(0, root)]
    given = 1
    while waiting:
        number, node = waiting.pop()
        if "leaf_value" in node and "split_feature" not in node:
            yield {"tree": tree, "node": number, "mode": "LEAF", "value": node["leaf_value"]}
            continue
        if node["decision_type"] != "<=":
            raise TrainingFailed(f"a split by {node['decision_type']} has no place in the model file")
        below = (given, given + 1)
        given += 2
        yield {"tree": tree, "node": number, "mode": "BRANCH_LEQ", "feature": node["split_feature"],
               "border": _border(node["threshold"]), "below": below, "missing": _missing_goes_left(node)}
        waiting += [(below[1], node["right_child"]), (below[0], node["left_child"])]


def _border(threshold: float) -> float:
    """The largest float32 that is not above it: rows are float32, so it parts them the same way."""
    rounded = np.float32(threshold)
    return float(rounded if float(rounded) <= threshold else np.nextafter(rounded, np.float32(-np.inf)))


def _missing_goes_left(node: Mapping[str, Any]) -> bool:
    """A split that saw no missing number in training takes one for 0."""
    return bool(node["default_left"]) if node["missing_type"] == "NaN" else bool(0.0 <= node["threshold"])


def _attributes(nodes: list[dict[str, Any]], outputs: int) -> dict[str, Any]:
    leaves = [node for node in nodes if node["mode"] == "LEAF"]
    return {
        "nodes_treeids": [node["tree"] for node in nodes], "nodes_nodeids": [node["node"] for node in nodes],
        "nodes_modes": [node["mode"] for node in nodes],
        "nodes_featureids": [node.get("feature", 0) for node in nodes],
        "nodes_values": [node.get("border", 0.0) for node in nodes],
        "nodes_truenodeids": [node.get("below", (0, 0))[0] for node in nodes],
        "nodes_falsenodeids": [node.get("below", (0, 0))[1] for node in nodes],
        "nodes_missing_value_tracks_true": [int(node.get("missing", False)) for node in nodes],
        "target_treeids": [node["tree"] for node in leaves], "target_nodeids": [node["node"] for node in leaves],
        "target_ids": [node["tree"] % outputs for node in leaves],
        "target_weights": [node["value"] for node in leaves],
    }
