"""The plots, as data."""
from __future__ import annotations

import json

import numpy as np
import pytest

from domain.kinds.kind import Problem
from domain.prediction import Predictions
from domain.report import MAX_BARS, MAX_POINTS, PlotKind, evaluation_plots, training_plots
from tests.builders import make_task

CURVE = [{"iteration": number, "train": 1 / number, "valid": 2 / number} for number in (1, 2, 3)]


def predicted(problem: Problem, n_rows: int, seed: int = 0) -> tuple[np.ndarray, Predictions]:
    random, task = np.random.default_rng(seed), make_task(problem)
    if problem is Problem.REGRESSION:
        return random.random(n_rows), Predictions(random.random(n_rows).astype(np.float32), None, ())
    probabilities = random.dirichlet(np.ones(len(task.labels)), n_rows).astype(np.float32)
    values = np.array(task.labels, dtype=object)[probabilities.argmax(axis=1)]
    return random.integers(0, len(task.labels), n_rows), Predictions(values, probabilities, task.labels)


def test_learning_curves_and_importance():
    curves, bars = training_plots(CURVE, {f"f{number}": number / 100 for number in range(50)}, "logloss")
    assert (curves.x, curves.y, curves.series) == ("iteration", "logloss", "part")
    assert curves.rows[0] == {"iteration": 1, "part": "train", "logloss": 1.0}
    assert [row["logloss"] for row in curves.rows if row["part"] == "valid"] == [2, 1, 2 / 3]
    assert [row["feature"] for row in bars.rows] == [f"f{number}" for number in range(49, 49 - MAX_BARS, -1)]


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
@pytest.mark.parametrize("n_rows", [1, 10, 5_000])
def test_every_plot_can_be_drawn_and_written(problem, n_rows):
    plots = evaluation_plots(make_task(problem), *predicted(problem, n_rows))
    assert plots
    assert len({plot.name for plot in plots}) == len(plots)
    for plot in plots:
        assert 0 < len(plot.rows) <= MAX_POINTS
        assert all({plot.x, plot.y} <= set(row) for row in plot.rows)
        assert json.loads(json.dumps(plot.rows, allow_nan=False)) == list(plot.rows)


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS])
def test_the_confusion_counts_every_row_once(problem):
    task, (targets, answers) = make_task(problem), predicted(problem, 500)
    matrix = evaluation_plots(task, targets, answers)[0]
    assert matrix.kind is PlotKind.MATRIX
    counts = {(row["actual"], row["predicted"]): row["count"] for row in matrix.rows}
    assert len(counts) == len(task.labels) ** 2
    for (actual, guess), count in counts.items():
        hits = [str(task.labels[t]) == actual and str(v) == guess for t, v in zip(targets, answers.values, strict=True)]
        assert sum(hits) == count


def test_points_of_a_regression_are_thinned_and_keep_their_ends():
    targets, answers = predicted(Problem.REGRESSION, 5_000)
    plot = evaluation_plots(make_task(Problem.REGRESSION), targets, answers)[0]
    assert len(plot.rows) == MAX_POINTS
    for row, position in ((plot.rows[0], 0), (plot.rows[-1], -1)):
        assert row == {"actual": targets[position], "predicted": pytest.approx(float(answers.values[position]))}
