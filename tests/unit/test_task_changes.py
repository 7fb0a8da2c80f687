from __future__ import annotations

from dataclasses import replace

import pytest

from domain.errors import InvalidInput
from domain.kinds.kind import Problem
from domain.schema import Role
from domain.task_changes import as_trained, draft
from domain.task_document import from_document, to_document
from tests.builders import CARRIER, DAY, DISTANCE, ENGINE, LATE, ROW_ID, TEMP, make_task, make_timed_task
from tests.pictures import make_picture_task

TASK = make_task()


def faults(task, changes) -> dict[str, str]:
    drafted = draft(task, changes)
    assert drafted.task is None
    return {fault.where: fault.problem for fault in drafted.faults}


def test_everything_that_may_change_at_once():
    drafted = draft(make_task(Problem.MULTICLASS), {
        "description": "new", "training": {"depth": 4}, "labels": [*make_task(Problem.MULTICLASS).labels, "lost"],
        "columns": {TEMP: {"nullable": False, "missing": ["-", 99], "description": "in the shade", "private": True},
                    DISTANCE: {"nullable": True, "private": False}, ROW_ID: {"role": "feature", "type": "number"},
                    LATE: {"description": "the target"}}})
    task = drafted.task
    assert not drafted.faults and not drafted.split_changed
    assert (task.schema_version, task.description, task.labels[-1]) == (2, "new", "lost")
    assert task.training == TASK.training.override({"depth": 4})
    temp, distance, row_id = (task.schema[name] for name in (TEMP, DISTANCE, ROW_ID))
    assert (temp.nullable, temp.missing, temp.description, temp.private) == (False, ("-", "99"), "in the shade", True)
    assert distance.nullable and not distance.private
    assert (row_id.role, row_id.type, row_id.since) == (Role.FEATURE, "number", 2)
    assert task.schema[CARRIER] == TASK.schema[CARRIER]
    assert from_document(to_document(task)) == task
    assert [change.after.name for change in drafted.columns if change.taken_in] == [ROW_ID]
    assert [change.after.name for change in drafted.columns if change.required_now] == [TEMP]


def test_columns_may_be_a_list_as_in_a_task_document():
    changed = draft(TASK, {"columns": [{"name": TEMP, "private": True}, {"name": ENGINE, "missing": []}]}).task
    assert changed.schema[TEMP].private and changed.schema[ENGINE].missing == ()


@pytest.mark.parametrize("changes", [{}, {"description": TASK.description}, {"columns": {}}, {"labels": [0, 1]},
                                     {"columns": {TEMP: {"nullable": True}}}, {"split": {"seed": 7}}])
def test_what_changes_nothing(changes):
    drafted = draft(TASK, changes)
    assert drafted.task == TASK and not drafted.faults and not drafted.split_changed


def test_how_rows_are_parted():
    drafted = draft(TASK, {"split": {"holdout": 0.5}})
    assert drafted.split_changed and drafted.task.split == replace(TASK.split, holdout=0.5)


def test_all_faults_at_once():
    found = faults(TASK, {
        "name": "other", "colour": "red", "description": 5, "training": {"depth": [99], "seed": -1},
        "labels": [1, 0], "columns": {
            "nope": {}, TEMP: {"nullable": "perhaps", "missing": 5, "bits": 16, "type": "category"},
            CARRIER: [], LATE: {"nullable": True}, ROW_ID: {"role": "target"}, ENGINE: {"role": "ignored"},
            DISTANCE: {"digits": 5}}})
    assert set(found) == {
        "name", "colour", "task.description", "params.depth", "params.seed", "labels", "column nope",
        f"column {TEMP}.nullable", f"column {TEMP}.missing", f"column {TEMP}.bits", f"column {CARRIER}",
        f"column {LATE}.nullable", f"column {ROW_ID}.role", f"column {ENGINE}.role", f"column {DISTANCE}.digits"}
    assert "what can is" in found["name"] and "there is no such column" in found["column nope"]
    assert "in their order (0, 1)" in found["labels"]


@pytest.mark.parametrize(("labels", "problem"), [
    ([0, 1, 2], "has 2 to 2 different labels"), ([0], "begin with those that there are"),
    ([0, 1, "2"], "are all strings or all integers"), ("01", "expected strings or integers"),
    ([0, 1, None], "expected strings or integers")])
def test_labels_that_cannot_be(labels, problem):
    assert any(problem in fault.problem for fault in draft(TASK, {"labels": labels}).faults)


def test_a_label_twice():
    task = make_task(Problem.MULTICLASS)
    assert "labels" in faults(task, {"labels": [*task.labels, task.labels[0]]})


@pytest.mark.parametrize("labels", [5, [1, 2]])
def test_a_number_has_no_labels(labels):
    drafted = draft(make_task(Problem.REGRESSION), {"labels": labels})
    assert "labels" in [fault.where for fault in drafted.faults]


@pytest.mark.parametrize("changes", [None, 5, "description: x", []])
def test_what_is_no_object(changes):
    with pytest.raises(InvalidInput):
        draft(TASK, changes)


@pytest.mark.parametrize("columns", [5, "x", [5], [{"private": True}], [{"name": TEMP}, {"name": TEMP}]])
def test_columns_that_cannot_be_read(columns):
    assert any(where.startswith("columns") for where in faults(TASK, {"columns": columns}))


def test_a_new_class_of_masks_comes_with_its_pixel_value():
    task = make_picture_task()
    target = task.schema.target.name
    labels = [*task.labels, "border"]
    if task.schema.target.values:
        values = [*task.schema.target.values, 7]
        changed = draft(task, {"labels": labels, "columns": {target: {"values": values}}}).task
        assert changed.schema.target.values[-1] == 7
        assert faults(task, {"labels": labels}), "no pixel stands for it"
    else:
        changed = draft(task, {"labels": labels}).task
    assert changed.labels == tuple(labels)


def test_a_model_keeps_columns_and_labels_and_follows_in_manner():
    trained = make_task(Problem.MULTICLASS)
    newest = draft(trained, {
        "labels": [*trained.labels, "lost"], "description": "new",
        "columns": {TEMP: {"nullable": False, "private": True, "missing": ["-"]}, ROW_ID: {"role": "feature"}}}).task
    served = as_trained(newest, trained)
    assert served.labels == trained.labels and served.schema[ROW_ID].role is Role.IGNORED
    assert (served.schema[TEMP].nullable, served.schema[TEMP].private, served.schema[TEMP].missing) == (
        False, True, ("-",))
    assert (served.schema_version, served.description) == (2, "new")
    assert [column.name for column in served.schema.features] == [column.name for column in trained.schema.features]


def test_a_model_from_when_rows_were_parted_by_time_goes_on_answering():
    trained = make_timed_task()
    newest = draft(trained, {"split": {"by_time": None}, "columns": {DAY: {"nullable": True}}}).task
    assert newest.split.by_time is None and as_trained(newest, trained).schema[DAY].nullable
