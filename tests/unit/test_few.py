"""What is told of data that teach or judge too little."""
from __future__ import annotations

import numpy as np
import pytest

from domain.few import may_be_few, warnings
from domain.gaps import complete, reasons
from domain.kinds.kind import Problem
from domain.splitting import TEST, TRAIN, VALID, moves, split
from domain.table import Table
from domain.task import Split
from tests.builders import DAY, LATE, make_task, texts

ROWS = 200
TASK = make_task(split=Split())


def found(targets, task=TASK) -> list[str]:
    column = texts(targets) if task.labels else np.array(targets, dtype=np.float64)
    return warnings(task, [Table({LATE: column})], [len(targets)])


def places(part: int, n_rows: int = ROWS) -> np.ndarray:
    table = Table({LATE: texts(["0"] * n_rows)})
    return np.flatnonzero(split(table, TASK.split, 0, moves(TASK.split, [table], [n_rows])) == part)


def labels(rare_at) -> list[str]:
    made = np.array(["0"] * ROWS)
    made[rare_at] = "1"
    return made.tolist()


def test_plenty_of_each_is_nothing_to_tell():
    assert found(["0", "1"] * 100) == []
    assert not may_be_few(TASK, {"0": 100, "1": 100}) and may_be_few(TASK, {"0": 1000, "1": 3})


@pytest.mark.parametrize(("part", "said"), [
    (TEST, "0 to stop a training, 1 to judge"), (VALID, "1 to stop a training")])
def test_a_positive_that_fell_into_what_is_held_out(part, said):
    first, second = found(labels(places(part)[:1]))
    assert "all 140" not in first and "training rows have the label 0, so a training will fail" in first
    assert second.startswith("all 1 rows with the label 1 are held out") and said in second and "add more" in second


def test_few_in_training_and_none_that_judges():
    told, = found(labels(places(TRAIN)[:3]))
    assert told == "no held-out row has the label 1 (3 rows have), so it is not judged: add more rows with it"
    told, = found(labels([*places(TRAIN)[:3], places(TEST)[0]]))
    assert told.startswith("3 training rows have the label 1, too few")


def test_a_label_that_no_row_has():
    assert any(told.startswith("no row has the label 1") for told in found(["0"] * ROWS))


def test_too_few_rows_at_all():
    assert "2 rows are too few" in found(["0", "1"])[0]


def test_a_constant_number():
    task = make_task(Problem.REGRESSION, split=Split())
    assert "the same late" in found([7.0] * ROWS, task)[0] and found(list(range(ROWS)), task) == []


def test_groups_are_held_out_whole():
    table = Table({LATE: texts(["1"] * 5 + ["0"] * 100), DAY: texts(["2013-01-01"] * 5 + [
        f"2013-02-{day % 28 + 1:02}" for day in range(100)])})
    by_day = [seed for seed in range(40) if any("are held out" in told for told in warnings(
        make_task(split=Split(by=DAY, seed=seed)), [table], [105]))]
    assert 0 < len(by_day) < 40


def test_metrics_that_cannot_be_had_are_none_with_a_reason():
    metrics = complete({"logloss": 0.1, "brier": 0.0, "accuracy": 1.0})
    assert set(metrics) == set(TASK.rules.metrics) and metrics["auc"] is None
    assert "same label" in reasons(metrics)["auc"] and "accuracy" not in reasons(metrics)
    assert complete({"rmse": 1.0, "mae": 1.0}) == {"rmse": 1.0, "mae": 1.0, "r2": None} and complete({}) == {}
