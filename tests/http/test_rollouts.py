"""POST /deploy/{id}?as= and ?threshold=, GET /rollouts, POST /rollouts/{task}/promote and /abort."""
from __future__ import annotations

from datetime import datetime

import pytest
from starlette.testclient import TestClient

from adapters.system.clock import SystemClock
from domain.kinds.kind import Problem
from domain.late_labels import LateLabel
from tests.builders import CARRIER, DISTANCE, ROW, ROW_ID, TEMP, make_table, make_task
from tests.http.conftest import Service
from tests.http.files import csv_of
from tests.http.problems import check_problem
from tests.http.test_deployments import train
from tests.waiting import until

DEPLOYED = ["task", "experiment_id", "previous_experiment_id", "generation", "created_at", "reason", "deployed_by",
            "threshold", "rollout"]
ROLLOUT = ["task", "experiment_id", "as", "share", "by", "threshold", "generation", "serving_experiment_id", "since",
           "deployed_by"]


@pytest.fixture
def clock() -> SystemClock:
    """A takeover really waits for the thread that takes deployments over."""
    return SystemClock()


def roll_out(service: Service, query: str, number: int | None = None) -> dict:
    answer = service.client.post(f"/deploy/{train(service, -0.02) if number is None else number}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask(client: TestClient, row=ROW, request_id: str = "", query: str = "") -> dict:
    headers = {"X-Request-ID": request_id} if request_id else {}
    answer = client.post(f"/forward{query}", json=row, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_threshold_decides_and_the_probabilities_stay(service):
    number = train(service)
    service.client.post(f"/deploy/{number}")
    before = ask(service.client)
    positive = before["probabilities"]["1"]
    for threshold, expected in ((positive - 0.01, 1), (positive + 0.01, 0)):
        body = service.client.post(f"/deploy/{number}?threshold={threshold}").json()
        assert list(body) == DEPLOYED
        assert (body["experiment_id"], body["threshold"], body["reason"]) == (number, threshold, "deploy")
        answer = ask(service.client)
        assert (answer["prediction"], answer["probabilities"]) == (expected, before["probabilities"])
        assert service.client.post("/v2/models/flights/infer", json={"inputs": [
            {"name": name, "shape": [1], "datatype": "FP32" if isinstance(cell, int | float) else "BYTES",
             "data": ["" if cell is None else cell]} for name, cell in ROW.items()]}).json()["outputs"][0]["data"] == [
                 expected]
    assert service.client.get("/deployments").json()["deployments"][0]["threshold"] == positive + 0.01
    assert service.client.post("/rollback").json()["threshold"] == positive - 0.01
    assert ask(service.client)["prediction"] == 1
    assert service.client.post(f"/deploy/{number}").json()["threshold"] is None


def test_an_evaluation_judges_what_is_answered(service):
    table, number = make_table(make_task(), 200), train(service)
    positive = sum(label == "1" for label in table["late"].tolist())

    def metrics(query: str) -> dict:
        service.client.post(f"/deploy/{number}{query}")
        return service.client.post("/evaluate", content=csv_of(table), headers={"Content-Type": "text/csv"}
                                   ).json()["metrics"]

    plain, always, never = metrics(""), metrics("?threshold=0.0001"), metrics("?threshold=0.9999")
    assert always["recall"] == 1 and always["precision"] == pytest.approx(positive / 200)
    assert never["recall"] == 0 and never["precision"] is None
    assert plain["auc"] == always["auc"] == never["auc"] and plain["logloss"] == always["logloss"]


@pytest.mark.parametrize("query", [
    "threshold=0", "threshold=1", "threshold=nan", "threshold=-0.5", "threshold=x", "as=blue", "as=canary",
    "as=canary&share=1", "as=canary&share=0", "as=canary&share=nan", "as=shadow&share=2", "share=0.5", "by=a",
    "as=shadow&by=day", "as=canary&share=0.5&by=late", "as=canary&share=0.5&by=nope", "as=shadow&since=1",
    "as=shadow&threshold=2"])
def test_what_is_no_deployment_is_refused_and_named(service, query):
    number = train(service)
    body = check_problem(service.client.post(f"/deploy/{number}?{query}"), 400)
    named = {part.partition("=")[0] for part in query.split("&")} | {"share"}
    assert {error["where"].removeprefix("query.") for error in body["errors"]} <= named
    assert len(service.client.get("/deployments").json()["deployments"]) == 1


@pytest.mark.parametrize("problem", [Problem.MULTICLASS, Problem.REGRESSION])
def test_a_threshold_where_nothing_is_decided_by_one(empty, problem):
    empty.serve(make_task(problem))
    assert "no choice between two labels" in check_problem(empty.client.post("/deploy/1?threshold=0.4"), 400)["detail"]


def test_a_canary_answers_its_share_on_both_ways(service, framework):
    body = roll_out(service, "as=canary&share=0.3")
    assert list(body) == ROLLOUT
    assert (body["task"], body["experiment_id"], body["as"], body["share"], body["by"], body["threshold"],
            body["generation"], body["serving_experiment_id"]) == ("flights", 2, "canary", 0.3, None, None, 2, 1)
    assert datetime.fromisoformat(body["since"]).tzinfo
    seen = []
    for number in range(60):
        quick, slow = (ask(client, request_id=f"id-{number}") for client in (service.client, framework))
        assert quick == slow
        seen.append(quick["experiment_id"])
        assert seen[-1] == ask(service.client, request_id=f"id-{number}")["experiment_id"]
    assert 5 < seen.count(2) < 35 and set(seen) == {1, 2}


@pytest.mark.parametrize("column", [CARRIER, TEMP, ROW_ID])
def test_a_column_decides_on_both_ways(service, framework, column):
    roll_out(service, f"as=canary&share=0.5&by={column}")
    seen = {}
    for number in range(40):
        value = number % 10 if column == TEMP else f"v{number % 10}"
        for client in (service.client, framework):
            found = ask(client, ROW | {column: value})["experiment_id"]
            assert seen.setdefault(value, found) == found
    assert set(seen.values()) == {1, 2}


def test_a_canary_has_a_threshold_of_its_own(service):
    roll_out(service, "as=canary&share=0.5&threshold=0.0001")
    answers = [ask(service.client, ROW | {DISTANCE: 0, TEMP: -100}, request_id=f"id-{number}") for number in range(30)]
    assert all(0.0001 < answer["probabilities"]["1"] < 0.99 for answer in answers)
    assert {answer["prediction"] for answer in answers if answer["experiment_id"] == 2} == {1}
    assert {answer["prediction"] for answer in answers if answer["experiment_id"] == 1} == {0}


def test_a_version_that_is_named_answers_while_it_is_tried(service):
    roll_out(service, "as=shadow")
    tensors = {"inputs": [{"name": name, "shape": [1], "datatype": "FP32" if isinstance(cell, int | float) else "BYTES",
                           "data": ["" if cell is None else cell]} for name, cell in ROW.items()]}
    for version in ("1", "2"):
        answer = service.client.post(f"/v2/models/flights/versions/{version}/infer", json=tensors)
        assert (answer.status_code, answer.json()["model_version"]) == (200, version)
        assert service.client.get(f"/v2/models/flights/versions/{version}/ready").status_code == 200
    refused = service.client.post("/v2/models/flights/versions/3/infer", json=tensors)
    assert refused.status_code == 404 and "1 and 2 are" in refused.json()["error"]


def test_it_is_seen_beside_what_serves(service):
    roll_out(service, "as=canary&share=0.2")
    newest = service.client.get("/deployments").json()["deployments"][0]
    assert (newest["experiment_id"], newest["reason"], newest["rollout"]["experiment_id"], newest["rollout"]["as"]) == (
        1, "canary", 2, "canary")
    assert service.client.get("/tasks/flights").json()["deployment"]["experiment_id"] == 1
    text = service.client.get("/metrics").text
    assert 'progon_rollout_share{experiment_id="2",role="canary",task="flights"} 0.2' in text
    assert service.client.delete("/experiments/2").status_code == 409


def shipped(service: Service) -> None:
    """What the log was given is in the table."""
    spool, store = service.container.prediction_spool(), service.container.prediction_store()
    store.add(spool.pending(100_000))
    spool.shipped()


def state_of(service: Service) -> dict:
    shipped(service)
    state, = service.client.get("/rollouts?task=flights").json()["rollouts"]
    return state


def test_a_shadow_is_asked_the_same_and_set_against_what_serves(service):
    roll_out(service, "as=shadow")
    for number in range(40):
        row = ROW | {TEMP: float(10 * number - 200)}
        assert ask(service.client, row, request_id=f"r{number}")["experiment_id"] == 1
    until(lambda: state_of(service)["candidate"]["rows"] == 40, 20)
    service.client.put("/labels?task=flights", json=[
        {"request_id": f"r{number}", "label": str(int(number % 3 == 0))} for number in range(36)])
    service.container.prediction_store().join()
    state = state_of(service)
    assert (state["rollout"]["as"], state["candidate"]["rows"], state["serving"]["rows"], state["pairs"]) == (
        "shadow", 40, 40, 40)
    assert 0 < state["same"] < 1 and state["apart"] is None
    assert state["candidate"]["labelled"] == state["serving"]["labelled"] == 36
    for name in ("auc", "accuracy"):
        difference = state["differences"][name]
        assert difference["value"] == pytest.approx(
            state["candidate"]["quality"][name]["value"] - state["serving"]["quality"][name]["value"])
        assert difference["low"] < difference["value"] < difference["high"]
    given = service.client.get("/predictions?task=flights&limit=100").json()["predictions"]
    assert {row["experiment_id"] for row in given} == {1} and len(given) == 40
    silent = service.client.get("/predictions?task=flights&shadow=true&limit=100").json()["predictions"]
    assert {row["experiment_id"] for row in silent} == {2} and len(silent) == 40
    assert 'progon_shadow_rows_total{outcome="answered",task="flights"} 40.0' in service.client.get("/metrics").text


def test_a_candidate_whose_file_is_gone_is_told_of_and_can_be_aborted(service):
    roll_out(service, "as=shadow")
    ask(service.client)
    service.container.artifact_remover().remove("experiments/2")
    until(lambda: state_of(service)["candidate"]["rows"] == 1, 20)
    state = state_of(service)
    assert (state["rollout"]["experiment_id"], state["serving"]["rows"]) == (2, 1)
    assert (state["candidate"]["quality"], state["pairs"], state["same"]) == ({}, 0, None)
    assert service.client.post("/rollouts/flights/abort").status_code == 200


def test_promoted_it_answers_all(service):
    roll_out(service, "as=canary&share=0.01&threshold=0.6")
    body = service.client.post("/rollouts/flights/promote").json()
    assert list(body) == DEPLOYED
    assert (body["experiment_id"], body["previous_experiment_id"], body["reason"], body["threshold"],
            body["rollout"]) == (2, 1, "promote", 0.6, None)
    assert {ask(service.client)["experiment_id"] for _ in range(5)} == {2}
    assert service.client.get("/rollouts").json() == {"rollouts": []}
    assert "no rollout of flights goes on" in check_problem(
        service.client.post("/rollouts/flights/promote"), 409)["detail"]
    assert service.client.post("/rollback").json()["experiment_id"] == 1
    acts = [entry["act"] for entry in service.client.get("/audit").json()["entries"]]
    assert acts == ["rollout begun", "rollout promoted", "rolled back"]


def test_aborted_it_answers_nobody(service):
    roll_out(service, "as=canary&share=0.99")
    body = service.client.post("/rollouts/flights/abort").json()
    assert (body["experiment_id"], body["reason"], body["rollout"]) == (1, "abort", None)
    assert {ask(service.client)["experiment_id"] for _ in range(10)} == {1}
    check_problem(service.client.post("/rollouts/flights/abort"), 409)
    assert [entry["act"] for entry in service.client.get("/audit").json()["entries"]][-1] == "rollout aborted"


@pytest.mark.parametrize(("method", "path"), [
    ("get", "/rollouts?task=nope"), ("post", "/rollouts/nope/promote"), ("post", "/rollouts/nope/abort")])
def test_an_unknown_task(service, method, path):
    check_problem(getattr(service.client, method)(path), 404)


def test_what_is_asked_twice_with_one_key_is_done_once(service):
    number, headers = train(service), {"Idempotency-Key": "k1"}
    first, second = (service.client.post(f"/deploy/{number}?as=canary&share=0.5", headers=headers) for _ in range(2))
    assert first.json() == second.json() and second.headers["Idempotent-Replayed"] == "true"
    assert len(service.client.get("/deployments").json()["deployments"]) == 2


def test_labels_that_come_later_reach_a_shadow_that_is_shipped_later(service):
    service.labels.add("flights", [LateLabel("r1", "1", 1)])
    roll_out(service, "as=shadow")
    ask(service.client, request_id="r1")
    until(lambda: state_of(service)["candidate"]["labelled"] == 1, 20)
