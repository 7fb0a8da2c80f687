"""What can be said of training with CatBoost without CatBoost."""
from __future__ import annotations

from domain.kinds.kind import Kind, Problem
from domain.trainer_card import NO_WEIGHTS, Adapted, Parameter, ParameterType, TrainerCard

_INTEGER, _NUMBER = ParameterType.INTEGER, ParameterType.NUMBER

CARD = TrainerCard(
    "catboost", (Kind.TABULAR, Kind.IMAGE), tuple(Problem), {
        "iterations": Parameter(_INTEGER, 500, 1, 10_000, "trees at most", tried=()),
        "depth": Parameter(_INTEGER, 6, 1, 10, "questions that a tree asks one after the other",
                           tried=(4, 9)),
        "learning_rate": Parameter(_NUMBER, 0.1, 1e-4, 1.0, "how much each tree adds", tried=(0.02, 0.15)),
        "l2_leaf_reg": Parameter(_NUMBER, 3.0, 0.0, 1e6, "how strongly the leaves are drawn towards nothing",
                                 tried=(0.3, 30.0)),
        "border_count": Parameter(_INTEGER, 254, 1, 1_000,
                                  "values by which the numbers of a column are parted, at most", tried=()),
        "early_stopping_rounds": Parameter(_INTEGER, 50, 0, 10_000,
                                           "trees without gain on valid after which it stops; 0 is never", tried=()),
        "encoding_folds": Parameter(_INTEGER, 5, 2, 20, "folds in which categories are encoded by the target",
                                    tried=()),
        "folds": Parameter(_INTEGER, 0, 0, 20, "of tables, parts of the rows that each stop a model of the others; the "
                           "mean of these models answers. Less than 2: one model", tried=()),
        "class_weights": Parameter(
            ParameterType.WEIGHTS, NO_WEIGHTS, meaning="how much rows, pictures or pixels count by their class: none, "
            "balanced (each class as much as any other), or a number for each label"),
    },
    # Smaller steps are better nearly everywhere, and on tables of this size they take seconds; of few rows the mean of
    # several models is (docs/quality.md), with no more trees in all. Of several classes each step is as many trees as
    # there are classes, and the answers gain by trees, and by deeper ones, long after their log loss has ceased to;
    # where there are more rows, a file four times as large for each of the classes is too much. Deep trees take most of
    # their time to look at borders, of which so few rows need no more.
    adapted=(Adapted(Kind.TABULAR, 2_500, {"learning_rate": 0.05, "iterations": 300, "early_stopping_rounds": 75,
                                           "folds": 5}),
             Adapted(Kind.TABULAR, 10_000, {"learning_rate": 0.1, "iterations": 1_000, "early_stopping_rounds": 100,
                                            "depth": 8, "border_count": 64}, (Problem.MULTICLASS,)),
             Adapted(Kind.TABULAR, 20_000, {"learning_rate": 0.1, "iterations": 1_000, "early_stopping_rounds": 100},
                     (Problem.MULTICLASS,)),
             Adapted(Kind.TABULAR, 20_000, {"learning_rate": 0.05, "iterations": 1_500, "early_stopping_rounds": 75}),
             Adapted(Kind.TABULAR, 60_000, {"learning_rate": 0.07, "iterations": 1_000, "early_stopping_rounds": 75})),
    refits=True,
    ladder=({}, {"depth": 4}, {"depth": 8}, {"depth": 8, "l2_leaf_reg": 10.0},
            {"learning_rate": 0.03, "iterations": 3_000, "early_stopping_rounds": 150}))
