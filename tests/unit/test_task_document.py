"""Tasks as documents, both ways, and everything that can be wrong with one."""
from __future__ import annotations

import copy
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.columns import ColumnType
from domain.errors import InvalidInput
from domain.kinds.kind import Kind, Problem
from domain.schema import RESERVED, Column, Role, Schema
from domain.task import Split, Task
from domain.task_document import from_document, to_document
from domain.training import Refit, Training
from tests.builders import DAY, LATE, ROW_ID, TEMP, make_task

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
names = words.filter(lambda text: text == text.strip() and text and text not in RESERVED)


@st.composite
def tasks(draw) -> Task:
    problem = draw(st.sampled_from([Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION]))
    column_names = draw(st.lists(names, min_size=3, max_size=6, unique=True))
    target, *others = column_names
    kinds = st.sampled_from([ColumnType.NUMBER, ColumnType.CATEGORY, ColumnType.TEXT, ColumnType.DATETIME])
    columns = [Column(target, ColumnType.NUMBER if problem is Problem.REGRESSION else ColumnType.CATEGORY, Role.TARGET,
                      nullable=False, description=draw(words))]
    for position, name in enumerate(others):
        role = Role.FEATURE if position == 0 else draw(st.sampled_from([Role.FEATURE, Role.SPLIT, Role.IGNORED]))
        columns.append(Column(name, draw(kinds), role, draw(st.booleans()), tuple(draw(st.lists(words, max_size=2))),
                              draw(st.booleans()), draw(words),
                              day_first=draw(st.none() | st.booleans())))
    stored = [column.name for column in columns if column.role is not Role.IGNORED]
    size = {Problem.BINARY: (2, 2), Problem.MULTICLASS: (3, 5), Problem.REGRESSION: (0, 0)}[problem]
    labels = draw(st.lists(st.integers(-5, 99) if draw(st.booleans()) else words, min_size=size[0], max_size=size[1],
                           unique_by=str))
    split = Split(draw(st.none() | st.sampled_from(stored)), draw(st.integers(1, 30)), draw(st.floats(0.01, 0.5)),
                  draw(st.floats(0.01, 0.49)), draw(st.integers(0, 2**63 - 1)))
    training = Training.of(
        iterations=draw(st.integers(1, 10_000)), learning_rate=draw(st.floats(1e-4, 1)), name=draw(words),
        refit=draw(st.sampled_from(Refit)), trainer=draw(st.sampled_from(["catboost", "x"])))
    return Task(draw(st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)), Kind.TABULAR, problem,
                Schema(tuple(draw(st.permutations(columns)))), tuple(labels), split, training, draw(words),
                draw(st.none() | words.filter(bool)))


@given(tasks())
def test_a_task_comes_back_from_its_document(task):
    document = to_document(task)
    before = copy.deepcopy(document)
    assert from_document(document) == task
    assert document == before
    assert from_document(json.loads(json.dumps(document))) == task
    assert from_document(yaml.safe_load(yaml.safe_dump(document, allow_unicode=True))) == task


def test_what_a_document_may_leave_out():
    task = from_document({"name": "a", "kind": "tabular", "problem": "regression", "columns": [
        {"name": "x", "type": "number"}, {"name": "y", "type": "number", "role": "target"}]})
    assert (task.labels, task.split, task.training, task.description, task.demo) == ((), Split(), Training(), "", None)
    assert task.schema["x"] == Column("x", ColumnType.NUMBER)
    assert not task.schema["y"].nullable, "a row without its target teaches nothing"


def changed(**changes) -> dict:
    return to_document(make_task()) | changes


def with_column(**changes) -> dict:
    document = to_document(make_task())
    document["columns"][2] = {"name": "x", "type": "number"} | changes
    return document


def with_split(**changes) -> dict:
    return changed(split={"by": DAY} | changes)


def without(key: str) -> dict:
    return {name: value for name, value in to_document(make_task()).items() if name != key}


WRONG = {
    "unknown key": (changed(colour="red", size=1), ["task.colour", "task.size"]),
    "no name": (without("name"), ["task.name"]), "name": (changed(name=5), ["task.name"]),
    "odd name": (changed(name="Flights!"), ["name"]), "long name": (changed(name="x" * 41), ["name"]),
    "empty name": (changed(name=""), ["name"]), "path as name": (changed(name="../x"), ["name"]),
    "no kind": (without("kind"), ["task.kind"]), "kind": (changed(kind="sound"), ["task.kind"]),
    "problem": (changed(problem="ranking"), ["task.problem"]),
    "null problem": (changed(problem=None), ["task.problem"]),
    "no columns": (without("columns"), ["columns"]), "empty columns": (changed(columns=[]), ["columns"]),
    "text columns": (changed(columns="abc"), ["columns"]), "columns": (changed(columns={"a": 1}), ["columns"]),
    "text column": (changed(columns=["a"]), ["columns[0]"]), "null column": (changed(columns=[None]), ["columns[0]"]),
    "column key": (with_column(colour=1), ["columns[2].colour"]),
    "column name": (with_column(name=1), ["columns[2].name"]),
    "column type": (with_column(type="date"), ["columns[2].type"]),
    "column role": (with_column(role="label"), ["columns[2].role"]),
    "nullable": (with_column(nullable="yes"), ["columns[2].nullable"]),
    "private": (with_column(private=1), ["columns[2].private"]),
    "missing": (with_column(missing="NA"), ["columns[2].missing"]),
    "column description": (with_column(description=1), ["columns[2].description"]),
    "column twice": (with_column(name=LATE), [f"column {LATE}"]),
    "nameless column": (with_column(name=""), ["columns"]),
    "reserved column": (with_column(name="prediction"), ["column prediction"]),
    "two targets": (with_column(role="target"), ["columns"]),
    "no target": (changed(columns=[{"name": "x", "type": "number"}]), ["columns"]),
    "no feature": (changed(columns=[{"name": "x", "type": "number", "role": "target"}]), ["columns"]),
    "labels": (changed(labels="01"), ["labels"]), "label": (changed(labels=[0, 1.5]), ["labels"]),
    "bool labels": (changed(labels=[False, True]), ["labels"]), "one label": (changed(labels=[1]), ["labels"]),
    "three labels": (changed(labels=[1, 2, 3]), ["labels"]), "same labels": (changed(labels=["1", "1"]), ["labels"]),
    "mixed labels": (changed(labels=[0, "b"]), ["labels"]), "null labels": (changed(labels=None), ["labels"]),
    "two of many": (changed(problem="multiclass"), ["labels"]),
    "number target": (changed(problem="regression", labels=[]), [f"column {LATE}"]),
    "split": (changed(split=[1]), ["split"]), "split key": (with_split(seeds=1), ["split.seeds"]),
    "split by": (with_split(by="nowhere"), ["split.by"]), "split by ignored": (with_split(by=ROW_ID), ["split.by"]),
    "split by type": (with_split(by=5), ["split.by"]), "seed": (with_split(seed=-1), ["split.seed"]),
    "large seed": (with_split(seed=2**63), ["split.seed"]), "seed type": (with_split(seed="1"), ["split.seed"]),
    "prefix": (with_split(prefix_chars=0), ["split.prefix_chars"]), "holdout": (with_split(holdout=0), ["split"]),
    "holdout type": (with_split(holdout=True), ["split.holdout"]),
    "sum": (with_split(holdout=0.5, valid=0.5), ["split"]),
    "no share": (with_split(holdout=float("nan")), ["split"]), "training": (changed(training=[]), ["training"]),
    "training value": (changed(training={"trees": [1], "refit": 5, "seed": "x"}),
                       ["params.trees", "params.refit", "params.seed"]),
    "half a pair": (with_column(name="\ud800"), ["columns[2].name"]),
    "NUL": (with_column(name="a\0"), ["columns[2].name"]),
    "half a pair told": (changed(description="\ud800"), ["task.description"]),
    "long text": (changed(description="x" * 10_001), ["task.description"]),
    "half a pair as label": (changed(labels=["\ud800", "b"]), ["labels"]),
    "huge label": (changed(labels=[2**63, 0]), ["labels"]), "tiny label": (changed(labels=[-2**63 - 1, 0]), ["labels"]),
    "huge channels": (with_column(channels=2**31), ["columns[2].channels"]),
    "negative bits": (with_column(bits=-1), ["columns[2].bits"]),
    "half a pair for missing": (with_column(missing=["\ud800"]), ["columns[2].missing"]),
    "nested missing": (with_column(missing=[["NA"]]), ["columns[2].missing"]),
    "demo": (changed(demo=1), ["task.demo"]), "description": (changed(description=[]), ["task.description"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name):
    document, where = WRONG[name]
    with pytest.raises(InvalidInput) as failure:
        from_document(document)
    assert [fault.where for fault in failure.value.faults] == where
    assert failure.value.detail and all(fault.problem for fault in failure.value.faults)


def test_a_whole_number_is_one_as_json_may_write_it():
    document = to_document(make_task())
    split = document["split"]
    assert from_document(document | {"split": split | {"seed": 7.0}}).split.seed == 7
    with pytest.raises(InvalidInput):
        from_document(document | {"split": split | {"seed": 7.5}})


@pytest.mark.parametrize("document", [None, [], "a", 1, True])
def test_what_is_no_document_at_all(document):
    with pytest.raises(InvalidInput, match="a task is an object"):
        from_document(document)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | words, lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)), max_leaves=5), st.sampled_from(
        ["name", "kind", "problem", "columns", "labels", "split", "training", "description", "demo"]))
def test_whatever_stands_in_one_place_is_a_task_or_named(value, key):
    try:
        from_document(changed(**{key: value}))
    except InvalidInput as failure:
        assert failure.faults


def test_a_private_column_and_a_description_are_kept():
    task = from_document(to_document(make_task()))
    assert task.schema[TEMP].description == "при вылете"
    assert [column.name for column in task.schema.columns if column.private]


@pytest.mark.parametrize(("positive", "labels"), [(0, [1, 0]), ("0", [1, 0]), (1, [0, 1]), (None, [0, 1])])
def test_the_positive_label_is_the_last_one(positive, labels):
    task = from_document({**to_document(make_task()), "positive": positive})
    assert list(task.labels) == labels and task.positive == labels[-1]
    assert from_document(to_document(task)) == task


@pytest.mark.parametrize(("problem", "positive", "said"), [
    (Problem.BINARY, 2, "is one of 0, 1, got the number 2"), (Problem.BINARY, True, "is one of 0, 1, got true"),
    (Problem.BINARY, [], "is one of 0, 1"), (Problem.MULTICLASS, "late", "the problem is multiclass"),
    (Problem.REGRESSION, 1, "is for two classes")])
def test_a_positive_label_that_cannot_be(problem, positive, said):
    with pytest.raises(InvalidInput) as caught:
        from_document({**to_document(make_task(problem)), "positive": positive})
    assert caught.value.faults[0].where == "positive" and said in caught.value.faults[0].problem
