"""What can be said of these trainers without their libraries."""
from __future__ import annotations

from domain.kinds.kind import Kind, Problem
from domain.trainer_card import NO_WEIGHTS, Parameter, ParameterType, TrainerCard

_INTEGER, _NUMBER = ParameterType.INTEGER, ParameterType.NUMBER
CLASS_WEIGHTS = Parameter(
    ParameterType.WEIGHTS, NO_WEIGHTS, meaning="how much rows count by their class: none, balanced (each class as much "
    "as any other), or a number for each label")
_OF_TABLES = (Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION)

LINEAR = TrainerCard("linear", (Kind.TABULAR,), _OF_TABLES, {
    "iterations": Parameter(_INTEGER, 12, 1, 50, "penalties that are tried, from strong to weak; valid chooses",
                            tried=()),
    "strongest": Parameter(_NUMBER, 1_000.0, 1e-6, 1e9,
                           "the first penalty on the squares of the weights; each other is a third of the one before",
                           tried=()),
    "max_categories": Parameter(_INTEGER, 50, 0, 1_000,
                                "a column of more categories is encoded by the target, not one-hot", tried=(2, 300)),
    "class_weights": CLASS_WEIGHTS,
}, refits=True, ladder=({}, {"max_categories": 10}, {"max_categories": 300}))

LIGHTGBM = TrainerCard("lightgbm", (Kind.TABULAR,), _OF_TABLES, {
    "iterations": Parameter(_INTEGER, 1_000, 1, 10_000, "trees at most (of each class)", tried=()),
    "learning_rate": Parameter(_NUMBER, 0.05, 1e-4, 1.0, "how much each tree adds", tried=(0.02, 0.15)),
    "leaves": Parameter(_INTEGER, 31, 2, 1_024, "leaves of a tree at most", tried=(7, 255)),
    "depth": Parameter(_INTEGER, -1, -1, 64, "questions on the way to a leaf at most; -1 is no limit", tried=()),
    "min_rows_in_leaf": Parameter(_INTEGER, 20, 1, 100_000, "training rows in a leaf at least", tried=(5, 200)),
    "l2_leaf_reg": Parameter(_NUMBER, 0.0, 0.0, 1e6, "how strongly the leaves are drawn towards nothing",
                             tried=(0.0, 20.0)),
    "column_share": Parameter(_NUMBER, 0.8, 0.01, 1.0, "share of the columns that each tree looks at",
                              tried=(0.4, 1.0)),
    "early_stopping_rounds": Parameter(_INTEGER, 50, 0, 10_000,
                                       "trees without gain on valid after which it stops; 0 is never", tried=()),
    "encoding_folds": Parameter(_INTEGER, 5, 2, 20, "folds in which categories are encoded by the target", tried=()),
    "class_weights": CLASS_WEIGHTS,
}, refits=True, ladder=(
    {}, {"leaves": 15}, {"leaves": 63, "min_rows_in_leaf": 50}, {"leaves": 127, "column_share": 0.5},
    {"learning_rate": 0.02, "iterations": 3_000, "early_stopping_rounds": 150}))
