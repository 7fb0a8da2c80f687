"""PATCH and DELETE of tasks, DELETE of experiments and of the newest data, GET /history."""
from __future__ import annotations

import json
from dataclasses import replace

import pytest
import yaml
from starlette.testclient import TestClient

from adapters.system.clock import SystemClock
from application.ports.experiment_log import UnknownExperiment
from domain.experiment import Status
from domain.provenance import model_path
from entrypoints.http.app import create_app
from tests.builders import ENGINE, ROW, ROW_ID, TEMP, make_experiment, make_table, make_task, text_cells
from tests.fakes.executor import ThreadExecutor
from tests.http.problems import check_problem, faults
from tests.waiting import until


class NoExecutor(ThreadExecutor):
    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.close()


@pytest.fixture
def clock() -> SystemClock:
    """A deletion really waits for the thread that takes models out of service."""
    return SystemClock()


@pytest.fixture
def stored(service):
    """With 40 rows. Nothing trains here."""
    service.container.executor.override(NoExecutor())
    service.store.append(service.tasks.get("flights"), [make_table(make_task(), 40)])
    return service


def edit(service, changes, name: str = "flights"):
    return service.client.patch(f"/tasks/{name}", json=changes)


# PATCH /tasks/{name}

@pytest.mark.parametrize(("kind", "write"), [("application/json", json.dumps), ("application/yaml", yaml.safe_dump)])
def test_a_task_is_changed(service, kind, write):
    changes = {"description": "new", "training": {"depth": 2}, "columns": {TEMP: {"private": True, "missing": ["-"]}}}
    answer = service.client.patch("/tasks/flights", content=write(changes), headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["schema_version"], body["description"], body["training"]["depth"]) == (2, "new", 2)
    assert service.client.get("/tasks/flights").json() == body
    before = service.client.get("/tasks/flights?schema_version=1").json()
    assert (before["schema_version"], before["description"]) == (1, make_task().description)
    check_problem(service.client.get("/tasks/flights?schema_version=9"), 404)


def test_it_goes_on_being_served_in_its_new_manner(stored):
    required = {name: value for name, value in ROW.items() if name != ENGINE}
    assert stored.client.post("/forward", json=ROW | {TEMP: "нет"}).status_code == 400
    edit(stored, {"columns": {TEMP: {"missing": ["нет"]}, ROW_ID: {"role": "feature"}}})
    row = required | {ENGINE: "?"}
    until(lambda: stored.container.serving_models().current("flights").task.schema_version == 2)
    answer = stored.client.post("/forward", json=row | {ROW_ID: "x"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["experiment_id"] == stored.served["flights"].id


def test_all_faults_are_named_at_once(stored):
    answer = edit(stored, {"labels": [1, 0], "colour": 1, "split": {"seed": 9}, "columns": {
        TEMP: {"nullable": False}, "nope": {}, ROW_ID: {"role": "feature", "nullable": False}}})
    assert set(faults(check_problem(answer, 400))) == {
        "labels", "colour", "split", f"column {TEMP}.nullable", "column nope", f"column {ROW_ID}.nullable"}
    assert stored.client.get("/tasks/flights").json()["schema_version"] == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"5", b"{", b'{"description": 5}', b"\xff", b"null"])
def test_what_cannot_be_read(service, content):
    for kind in ("application/json", "application/yaml"):
        check_problem(service.client.patch("/tasks/flights", content=content, headers={"Content-Type": kind}), 400)


def test_an_unknown_task(service):
    check_problem(edit(service, {}, "nope"), 404)
    check_problem(service.client.patch("/tasks/flights?colour=red", json={}), 400)


def test_a_training_names_the_schema_version(stored):
    edit(stored, {"description": "new"})
    body = stored.client.put("/retrain?task=flights&wait=0").json()
    assert body["schema_version"] == 2
    assert stored.client.get(f"/metrics/{body['experiment_id']}").json()["schema_version"] == 2
    assert stored.client.get("/metrics/1").json()["schema_version"] == 1


def test_rows_of_a_column_that_was_taken_in(stored):
    edit(stored, {"columns": {ROW_ID: {"role": "feature"}}})
    cells = text_cells(make_table(make_task(), 20, seed=5)) | {ROW_ID: [f"r{number}" for number in range(20)]}
    lines = [",".join(f'"{cell}"' for cell in row) for row in [list(cells), *zip(*cells.values(), strict=True)]]
    added = stored.client.put("/add_data?task=flights", content="\n".join(lines).encode(),
                              headers={"Content-Type": "text/csv"})
    assert added.status_code == 200, added.text
    columns = {one["name"]: one for one in stored.client.get("/datasets/flights/columns").json()["columns"]}
    assert columns[ROW_ID]["missing"] == 40 and columns[ROW_ID]["distinct"] == 20


# DELETE /experiments/{id}

def test_an_experiment_is_deleted(service):
    number = service.experiments.add(make_experiment(make_task())).id
    check_problem(service.client.delete(f"/experiments/{number}"), 409)
    service.client.post(f"/experiments/{number}/cancel")
    answer = service.client.delete(f"/experiments/{number}")
    assert answer.status_code == 200 and answer.json()["experiment_id"] == number
    check_problem(service.client.get(f"/metrics/{number}"), 404)
    check_problem(service.client.delete(f"/experiments/{number}"), 404)


def test_the_one_that_serves_stays(service):
    number = service.served["flights"].id
    assert "serves" in check_problem(service.client.delete(f"/experiments/{number}"), 409)["detail"]
    assert service.artifacts.read(model_path(number))


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "9" * 40])
def test_no_such_experiment(service, number):
    check_problem(service.client.delete(f"/experiments/{number}"), 404)


# DELETE /datasets/{task}/versions/newest

def test_the_newest_data_are_taken_back(stored):
    stored.store.append(stored.tasks.get("flights"), [make_table(make_task(), 9, seed=3)])
    check_problem(stored.client.delete("/datasets/flights/versions/newest?version=1"), 409)
    answer = stored.client.delete("/datasets/flights/versions/newest?version=2")
    assert answer.json() == {"task": "flights", "dataset_version": 2, "rows_removed": 9, "newest": 1}
    assert stored.client.get("/datasets/flights").json()["rows"] == 40
    assert "which serves" in check_problem(stored.client.delete("/datasets/flights/versions/newest"), 409)["detail"]


def test_there_are_no_data(service):
    check_problem(service.client.delete("/datasets/flights/versions/newest"), 404)
    check_problem(service.client.delete("/datasets/nope/versions/newest"), 404)
    check_problem(service.client.delete("/datasets/flights/versions/newest?version=0"), 400)


# DELETE /tasks/{name}

@pytest.mark.parametrize("query", ["", "?confirm=", "?confirm=flight", "?confirm=Flights"])
def test_a_task_is_not_deleted_by_accident(service, query):
    assert list(faults(check_problem(service.client.delete(f"/tasks/flights{query}"), 400))) == ["confirm"]
    assert service.client.post("/forward", json=ROW).status_code == 200


def test_a_task_is_deleted_and_made_anew(stored):
    number = stored.served["flights"].id
    answer = stored.client.delete("/tasks/flights?confirm=flights")
    assert (answer.status_code, answer.json()) == (200, {"task": "flights", "schema_version": 1}), answer.text
    check_problem(stored.client.post("/forward?task=flights", json=ROW), 404)
    for path in ("/tasks/flights", "/datasets/flights", f"/metrics/{number}", "/deployments?task=flights",
                 f"/experiments/{number}/artifacts", "/predictions?task=flights"):
        check_problem(stored.client.get(path), 404)
    check_problem(stored.client.delete("/tasks/flights?confirm=flights"), 404)
    assert stored.client.get("/readyz").status_code == 503
    deployments = stored.client.get("/deployments").json()["deployments"]
    assert [(one["reason"], one["experiment_id"]) for one in deployments] == [("removed", number), ("deploy", number)]
    stored.tasks.add(make_task())
    body = stored.client.get("/tasks/flights").json()
    assert (body["versions"], body["deployment"], body["schema_version"]) == ([], None, 2)
    assert stored.client.get("/experiments?task=flights").json()["experiments"] == []
    assert stored.client.get("/deployments?task=flights").json()["deployments"] == []
    check_problem(stored.client.post("/forward", json=ROW), 403)


def test_what_waits_to_be_trained_goes_too(service):
    number = service.experiments.add(make_experiment(make_task())).id
    assert service.client.delete("/tasks/flights?confirm=flights").status_code == 200
    with pytest.raises(UnknownExperiment):
        service.experiments.get(number)


# GET /history

def test_the_history(stored):
    edit(stored, {"description": "new"})
    number = stored.experiments.add(make_experiment(make_task(), status=Status.CANCELLED)).id
    stored.client.delete(f"/experiments/{number}")
    stored.client.delete("/tasks/flights?confirm=flights")
    body = stored.client.get("/history?limit=2").json()
    assert [entry["act"] for entry in body["entries"]] == ["task deleted", "experiment deleted"]
    assert {entry["by"] for entry in body["entries"]} == {None}
    rest = stored.client.get(f"/history?task=flights&before={body['next']}").json()
    assert [entry["act"] for entry in rest["entries"]] == ["task changed"] and rest["next"] is None
    assert rest["entries"][0]["detail"]["description"] == {"before": make_task().description, "after": "new"}
    assert stored.client.get("/history?task=nope").json() == {"entries": [], "next": None}
    check_problem(stored.client.get("/history?limit=0"), 400)


def test_a_key_that_may_only_ask_changes_nothing(settings, service):
    service.container.settings.override(replace(settings, api_keys="reading:read,writing:write:anna"))
    with TestClient(create_app(service.container), raise_server_exceptions=False) as client:
        reading, writing = ({"Authorization": f"Bearer {key}"} for key in ("reading", "writing"))
        for method, path in (("PATCH", "/tasks/flights"), ("DELETE", "/tasks/flights?confirm=flights"),
                             ("DELETE", "/experiments/1"), ("DELETE", "/datasets/flights/versions/newest")):
            assert client.request(method, path, headers=reading).status_code == 403, path
        client.patch("/tasks/flights", json={"description": "new"}, headers=writing)
        assert client.get("/history", headers=reading).json()["entries"][0]["by"] == "anna"
