"""The commands that change and remove, on a home with a real database."""
from __future__ import annotations

import pytest

from domain.deployment import Deployment
from domain.provenance import model_path
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.builders import CARRIER, ENGINE, LATE, ROW_ID, TEMP, make_table, make_task, succeeded
from tests.commands import BOTH, progon_on
from tests.fakes.clock import START


@pytest.fixture
def home(tmp_path):
    container = make_container(Settings(home=tmp_path))
    container.storage().migrate()
    task = container.task_catalog().add(make_task())
    for seed in (1, 2):
        container.feature_store().append(task, [make_table(task, 30, seed)])
    for number in (1, 2):
        container.experiment_log().add(succeeded(task))
        (tmp_path / f"model-{number}").write_bytes(b"a model")
        with (tmp_path / f"model-{number}").open("rb") as model:
            container.artifact_store().put(model_path(number), model)
    container.deployment_log().append("flights", lambda _: Deployment("flights", 1, None, 1, START))
    container.storage().close()
    return tmp_path


@pytest.fixture(params=BOTH)
def progon(request, home):
    with progon_on(home, request.param) as progon:
        yield progon


def columns_of(body: dict) -> dict[str, dict]:
    return {column["name"]: column for column in body["columns"]}


def test_a_task_is_changed_by_options(progon):
    body = progon.told(
        "task", "edit", "flights", "--description", "new", "--param", "depth=2", "--nullable", CARRIER,
        "--private", TEMP, "--take-in", ROW_ID, "--missing", f"{ENGINE}=-", "--missing", f"{ENGINE}=нет",
        "--about", f"{LATE}=the target")
    columns = columns_of(body)
    assert (body["schema_version"], body["description"], body["training"]["depth"]) == (2, "new", 2)
    assert "nullable" not in columns[CARRIER] and columns[TEMP]["private"]
    assert columns[ENGINE]["missing"] == ["-", "нет"]
    assert columns[ROW_ID]["since"] == 2 and columns[LATE]["description"] == "the target"
    assert "schema version 2" in progon("task", "show", "flights").output
    again = progon("task", "edit", "flights", "--public", TEMP, "--missing", f"{ENGINE}=")
    assert "schema version 3" in again.output
    assert "nothing to change" in progon("task", "edit", "flights", "--public", TEMP).output


def test_by_a_document(progon, home):
    changes = home / "changes.yaml"
    changes.write_text("description: новое\ncolumns:\n  'temp. °F': {private: true}\n", encoding="utf-8")
    body = progon.told("task", "edit", "flights", "--file", changes)
    assert body["description"] == "новое" and columns_of(body)[TEMP]["private"]


def test_all_faults_are_told(progon):
    refused = progon("task", "edit", "flights", "--required", TEMP, "--label", "2", "--private", "nope", code=1)
    for words in (f"column {TEMP}.nullable", "labels", "column nope: there is no such column"):
        assert words in refused.output


@pytest.mark.parametrize("options", [
    (), ("--required", TEMP, "--nullable", TEMP), ("--param", "depth"), ("--description", "x", "--file", __file__)])
def test_wrong_usage(progon, options):
    progon("task", "edit", "flights", *options, code=2)


def test_an_experiment_is_deleted_after_a_question(progon):
    assert "Aborted" in progon("delete-experiment", 2, typed="n\n", code=1).output
    assert "experiment 2 is deleted" in progon("delete-experiment", 2, typed="y\n").output
    assert "there is no experiment 2" in progon("delete-experiment", 2, "--yes", code=1).output
    assert "serves" in progon("delete-experiment", 1, "--yes", code=1).output


def test_data_are_taken_back_after_a_question(progon):
    assert "30 rows" in progon("undo-data", "flights", typed="n\n", code=1).output
    body = progon.told("undo-data", "flights", "--yes")
    assert body == {"task": "flights", "dataset_version": 2, "rows_removed": 30, "newest": 1}
    assert "learned from it" in progon("undo-data", "flights", "--yes", code=1).output


def test_a_task_is_deleted_once_its_name_is_typed(progon, home):
    assert "say its name once more" in progon("task", "delete", "flights", typed="flight\n", code=1).output
    progon("task", "delete", "flights", "--confirm", "Flights", code=1)
    assert "flights is deleted" in progon("task", "delete", "flights", typed="flights\n").output
    assert "there is no task flights" in progon("task", "show", "flights", code=1).output
    assert not list((home / "artifacts").glob("experiments/*"))
    said = progon.told("history")["entries"]
    assert [(entry["act"], entry["task"]) for entry in said] == [("task deleted", "flights")] and said[0]["by"]
    assert "task deleted" in progon("history", "flights").output
    assert "nothing was changed" in progon("history", "nope").output
