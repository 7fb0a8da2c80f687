"""What is to be doubted of a model, with figures; and nothing of one that is as good as it looks."""
from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest

from domain.columns import ColumnType
from domain.doubtful_columns import column_warnings
from domain.doubtful_metrics import FEW_PICTURES, FEW_ROWS, metric_warnings
from domain.kinds.kind import Kind, Problem
from domain.learned import Learned, look_at
from domain.schema import Column, Role, Schema
from domain.splitting import Parts, part
from domain.table import Table
from domain.task import Task
from entrypoints.admin import doubts
from entrypoints.admin.language import language
from tests.builders import DAY, LABELS, make_parts, make_table, make_task, make_timed_task, texts, with_days

EN, RU = language("en"), language("ru")
CLASSES, NUMBERS = Problem.MULTICLASS, Problem.REGRESSION


def said_of(problem=Problem.BINARY, rows=400, counts=None, train=None, **test: float) -> list[str]:
    task = make_task(problem)
    counts = counts or ([rows // len(task.labels)] * len(task.labels) if task.labels else [])
    metrics = {"test": test, "train": test if train is None else dict.fromkeys(test, train)}
    return list(metric_warnings(task, metrics, rows, {"test": counts}))


@pytest.mark.parametrize(("problem", "test"), [
    (Problem.BINARY, {"auc": 0.75}), (CLASSES, {"accuracy": 0.7, "logloss": 0.7}), (NUMBERS, {"r2": 0.6}),
    (Problem.BINARY, {}), (CLASSES, {}), (NUMBERS, {})])
def test_what_is_well_known_is_not_doubted(problem, test):
    assert said_of(problem, **test) == []


@pytest.mark.parametrize(("problem", "test", "rows"), [
    (Problem.BINARY, {"auc": 0.75}, 60), (Problem.BINARY, {"auc": 1.0}, 8),
    (CLASSES, {"accuracy": 0.9}, FEW_ROWS - 1),
    (NUMBERS, {"r2": 0.95}, FEW_ROWS - 1), (NUMBERS, {"r2": 0.5}, 40)])
def test_few_rows_say_little(problem, test, rows):
    told = said_of(problem, rows, **test)
    assert len(told) == 1 and told[0].startswith(f"{rows} held-out rows say little: {next(iter(test))} ")
    assert not said_of(problem, rows * 100, **test)


def test_the_interval_of_auc_is_that_of_its_source():
    """Hanley, McNeil 1982: an area of 0.893 of 51 positives and 58 negatives has a standard error of 0.032."""
    told, = said_of(rows=19, counts=[58, 51], auc=0.893)
    low, high = (float(word) for word in told.split("from ")[1].split(" (")[0].split(" to "))
    assert (high - low) / 2 / 1.96 == pytest.approx(0.032, abs=0.002)


def test_the_interval_of_accuracy_is_that_of_its_source():
    """Wilson's of 9 of 10: 0.596 to 0.982."""
    told = said_of(CLASSES, 10, [4, 3, 3], accuracy=0.9)[0]
    assert "from 0.60 to 0.98 " in told


@pytest.mark.parametrize(("problem", "test", "counts", "words"), [
    (Problem.BINARY, {"auc": 0.52}, [200, 200],
     "auc 0.520 on 400 held-out rows is not told from chance, which has 0.5"),
    (Problem.BINARY, {"auc": 0.4}, [200, 200], "chance"),
    (CLASSES, {"accuracy": 0.71, "logloss": 0.9}, [40, 280, 80], "always answering late, which has 0.700"),
    (NUMBERS, {"r2": -0.1}, None, "always answering the mean, which has 0.000")])
def test_what_is_no_better_than_a_guess(problem, test, counts, words):
    told = said_of(problem, counts=counts, **test)
    assert len(told) == 1 and words in told[0]


def test_many_of_one_label_do_not_hide_that_others_are_known():
    rare = {"counts": [380, 10, 10], "accuracy": 0.95}
    prior = -(0.95 * math.log(0.95) + 0.05 * math.log(0.025))
    assert said_of(CLASSES, logloss=prior, **rare) and not said_of(CLASSES, logloss=prior / 2, **rare)


@pytest.mark.parametrize(("problem", "test", "train", "told"), [
    (Problem.BINARY, {"auc": 0.7}, 0.99, True), (Problem.BINARY, {"auc": 0.84}, 0.92, False),
    (CLASSES, {"accuracy": 0.6}, 1.0, True), (CLASSES, {"accuracy": 0.9}, 1.0, False),
    (NUMBERS, {"r2": 0.5}, 0.98, True), (NUMBERS, {"r2": 0.94}, 0.99, False)])
def test_a_gap_between_training_and_held_out_rows(problem, test, train, told):
    found = said_of(problem, train=train, **test)
    assert len(found) == told
    if told:
        value, = test.values()
        assert f"{train:.3f} against {value:.3f}" in found[0]


def test_a_gap_that_may_be_chance():
    assert not any("against" in told for told in said_of(rows=30, auc=0.7, train=0.9))


def test_few_pictures():
    columns = Column("image", ColumnType.PICTURE), Column("mask", ColumnType.MASK, Role.TARGET, nullable=False)
    task = Task("cells", Kind.IMAGE, Problem.SEGMENTATION, Schema(columns), ("a", "b"))
    assert metric_warnings(task, {"test": {"iou": 0.8}}, FEW_PICTURES, {}) == []
    told, = metric_warnings(task, {"test": {"iou": 0.8}}, 1, {})
    assert told.startswith("1 held-out pictures judge") and doubts.said(RU, told) != told


ROWS = 100


def columns_said(importance=None, **columns) -> list[str]:
    """columns: name -> type, values of train, values of test; the same stand in valid."""
    schema = Schema((*(Column(name, kind) for name, (kind, _, _) in columns.items()),
                     Column("fine", ColumnType.NUMBER), Column("y", ColumnType.NUMBER, Role.TARGET, nullable=False)))
    train, test = (Table({name: _cells(values[place]) for name, values in columns.items()}
                         | {"fine": np.arange(float(ROWS))}) for place in (1, 2))
    task = Task("a", Kind.TABULAR, Problem.REGRESSION, schema)
    return list(column_warnings(task, Parts(train, test, test), importance or {}))


def _cells(values):
    return texts(values) if isinstance(values[0], str) else np.array(values)


def test_a_category_of_names():
    """Of valid and test all values but one in four are new."""
    first, second = ([f"{place}{n}" if n % 4 else "known" for n in range(ROWS)] for place in "ab")
    assert columns_said(town=(ColumnType.CATEGORY, first, second)) == [
        "town: 75% of the values in the rows of valid and test never came in training, so the model knows nothing of "
        "them"]
    assert not columns_said(town=(ColumnType.CATEGORY, first, first))
    blank = ["known"] * 80 + [""] * 20
    assert not columns_said(town=(ColumnType.CATEGORY, blank, blank))


def test_a_text_of_words_that_never_come_again():
    first, second = ([f"{place}{n} {place}{n + 1}" for n in range(ROWS)] for place in "ab")
    told, = columns_said(note=(ColumnType.TEXT, first, second))
    assert told.startswith("note: 100% of the words in the rows of valid and test never came")
    sentences = [f"The train number {n} was late" for n in range(ROWS)]
    assert not columns_said(note=(ColumnType.TEXT, sentences[:50] * 2, sentences[50:] * 2))


@pytest.mark.parametrize(("kind", "blank", "value"), [
    (ColumnType.NUMBER, math.nan, 1.5), (ColumnType.CATEGORY, "", "a"), (ColumnType.DATETIME, "", "2024-01-31")])
def test_a_column_that_is_blank_nearly_everywhere(kind, blank, value):
    told, = columns_said(gust=(kind, [blank] * 96 + [value] * 4, [value] * ROWS))
    assert told == "gust: 96% of the training rows have no value there, so little can be learned of it"
    assert not columns_said(gust=(kind, [blank] * 76 + [value] * 24, [value] * ROWS))


def test_columns_that_nothing_depends_on():
    names = [f"n{number}" for number in range(12)]
    columns = {name: (ColumnType.NUMBER, [1.0] * ROWS, [1.0] * ROWS) for name in names}
    told, = columns_said({"fine": 1.0} | dict.fromkeys(names, 0.0), **columns)
    assert told == (f"no answer depends on {', '.join(names[:10])} and 2 more: the model found nothing there to learn")
    told, = columns_said({"fine": 1.0, "n0": 0.0}, n0=columns["n0"])
    assert told == "no answer depends on n0: the model found nothing there to learn"
    assert not columns_said({"fine": 0.0, "n0": 0.0}, n0=columns["n0"]), "an importance that nobody has measured"


@pytest.mark.parametrize("problem", list(LABELS))
def test_what_is_looked_at_where_the_rows_are_comes_to_where_the_metrics_are(problem):
    task = make_task(problem)
    parts = make_parts(task)
    found = look_at(task, parts, {})
    again = Learned.from_plain(json.loads(json.dumps(found.to_plain())))
    assert again == found
    told = again.told(task, {"train": {}, "test": {}})
    assert told == {"warnings": [], "parts": {
        name: {"rows": table.n_rows, "since": None, "until": None}
        for name, table in (("train", parts.train), ("valid", parts.valid), ("test", parts.test))}}
    assert sum(map(sum, found.counts.values())) == (240 if task.labels else 0)


def test_when_the_parts_begin_and_end():
    task = make_timed_task()
    found = look_at(task, part(with_days(make_table(task, 300), "2012"), task.split), {})
    assert [(part.since, part.until) for part in found.parts.values()] == [
        ("2012-01-01", "2012-08-14"), ("2012-08-15", "2012-09-16"), ("2012-09-17", "2012-11-20")]
    assert DAY in task.schema


def every_warning() -> list[str]:
    first, second = ([f"{place}{n}" for n in range(ROWS)] for place in "ab")
    many = {f"n{number}": (ColumnType.NUMBER, [1.0] * ROWS, [1.0] * ROWS) for number in range(12)}
    return [
        *said_of(rows=10, auc=0.6), *said_of(auc=0.7, train=0.99), *said_of(NUMBERS, r2=-0.1),
        *said_of(CLASSES, counts=[40, 280, 80], accuracy=0.71), *said_of(CLASSES, rows=9, accuracy=0.9),
        *columns_said(a=(ColumnType.CATEGORY, first, second), b=(ColumnType.TEXT, first, second),
                      c=(ColumnType.NUMBER, [math.nan] * ROWS, [1.0] * ROWS)),
        *columns_said({"fine": 1.0} | dict.fromkeys(many, 0.0), **many),
        *columns_said({"fine": 1.0, "n0": 0.0}, n0=many["n0"])]


@pytest.mark.parametrize("number", range(len(every_warning())))
def test_every_warning_has_its_russian(number):
    warning = every_warning()[number]
    russian, english = doubts.said(RU, warning), doubts.said(EN, warning)
    assert re.search("[а-я]{3}", russian) and "%(" not in russian
    assert english.split(":")[-1].split()[1:3] == warning.split(":")[-1].split()[1:3]
