"""PUT /retrain, and what can be done with an experiment: watch it, cancel it, take its files."""
from __future__ import annotations

import io
import json
from dataclasses import replace
from threading import Timer

import pytest

from domain.experiment import Progress
from domain.search import Trial
from tests.builders import make_experiment, make_table, make_task, succeeded
from tests.fakes.clock import START, FixedClock
from tests.fakes.executor import ThreadExecutor
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.http.problems import check_problem

METRICS = {"test": {"auc": 0.7}}
ENDS = {
    "succeeded": lambda running: running.succeed(START, METRICS, from_cache=True),
    "failed": lambda running: running.fail(START, "мало строк"),
    "cancelled": lambda running: running.cancel(START),
}


@pytest.fixture
def ending(empty):
    """ending["with"]: how the next trainings end; None: never."""
    how: dict[str, str | None] = {"with": "succeeded"}

    def work(experiment_id: int) -> None:
        empty.experiments.update(experiment_id, lambda queued: queued.start(START))
        if how["with"]:
            empty.experiments.update(experiment_id, ENDS[how["with"]])

    store, task = InMemoryFeatureStore(FixedClock()), make_task()
    empty.tasks.add(task)
    store.append(task, [make_table(task, 40)])
    executor = ThreadExecutor(work)
    empty.container.feature_store.override(store)
    empty.container.executor.override(executor)
    yield how
    executor.close()


def test_it_answers_with_the_end(empty, ending):
    answer = empty.client.put("/retrain", json={"params": {"depth": 4}, "dataset_version": 1, "name": "проба"})
    assert (answer.status_code, answer.headers["Location"]) == (200, "/metrics/1")
    body = answer.json()
    assert (body["experiment_id"], body["status"], body["from_cache"]) == (1, "succeeded", True)
    assert {part: {name: value for name, value in values.items() if value is not None}
            for part, values in body["metrics"].items()} == METRICS
    assert (body["name"], body["params"]["depth"], body["dataset_version"]) == ("проба", 4, 1)


@pytest.mark.parametrize("body", [None, "", "{}", '{"params": null, "name": null, "dataset_version": null}'])
def test_nothing_has_to_be_said(empty, ending, body):
    assert empty.client.put("/retrain?task=flights", content=body).json()["name"] == "flights-v1"


def test_a_search_is_shown_with_its_trials(empty, ending):
    store, task = empty.container.feature_store(), empty.tasks.get("flights")
    store.append(task, [make_table(task, 3_000, seed=1)])
    ending["with"] = None
    queued = empty.client.put("/retrain?wait=0", json={"params": {"search": {"trials": 3}, "seed": 1}}).json()
    assert (queued["parent"], queued["children"]) == (None, [])
    assert queued["search"] == {"by": "logloss", "planned": 3, "budget_s": None, "best": None, "note": "", "trials": []}
    trials = [Trial(2, {}, "succeeded", 0.5), Trial(3, {"depth": 4}, "succeeded", 0.4), Trial(4, {}, "failed")]
    for trial in trials:
        empty.experiments.add(make_experiment(task, parent=1))
        empty.experiments.update(1, lambda searching, trial=trial: replace(
            searching, search=searching.search.with_trial(trial)))
    *children, parent = empty.client.get("/experiments").json()["experiments"]
    assert [child["parent"] for child in children] == [1, 1, 1] and children[0]["search"] is None
    assert (parent["children"], parent["search"]["best"]) == ([2, 3, 4], 3)
    assert parent["search"]["trials"][1:] == [
        {"experiment_id": 3, "params": {"depth": 4}, "status": "succeeded", "value": 0.4},
        {"experiment_id": 4, "params": {}, "status": "failed", "value": None}]


@pytest.mark.parametrize(("search", "where", "said"), [
    (True, "params.search", "rows would choose between settings"),
    ({"trials": 0}, "params.search.trials", "between 2 and 200"), ("yes", "params.search", "expected true")])
def test_a_search_that_cannot_be_done(empty, ending, search, where, said):
    problem = check_problem(empty.client.put("/retrain", json={"params": {"search": search}}), 400)
    assert any(error["where"] == where and said in error["problem"] for error in problem["errors"])


@pytest.mark.parametrize("wait", ["0", "0.3"])
def test_one_that_is_not_done_in_time_is_accepted(empty, ending, wait):
    ending["with"] = None
    answer = empty.client.put(f"/retrain?wait={wait}")
    assert (answer.status_code, answer.headers["Location"]) == (202, "/metrics/1")
    assert answer.json()["status"] in ("queued", "running")


def test_one_that_fails_within_the_wait(empty, ending):
    ending["with"] = "failed"
    body = check_problem(empty.client.put("/retrain"), 403)
    assert body["detail"] == "experiment 1 failed: мало строк"


def test_one_that_is_cancelled_within_the_wait(empty, ending):
    ending["with"] = "cancelled"
    assert "cancelled" in check_problem(empty.client.put("/retrain"), 409)["detail"]


@pytest.mark.parametrize(("body", "where"), [
    ('{"nme": 1}', "nme"), ('{"name": 3}', "name"), ('{"dataset_version": true}', "dataset_version"),
    ('{"dataset_version": "1"}', "dataset_version"), ('{"params": []}', "params"),
    ('{"params": {"dept": 3}}', "params.dept"), ('{"params": {"depth": 99}}', "params.depth"),
    ('{"params": {"learning_rate": NaN}}', "params.learning_rate"),
])
def test_what_cannot_be_used_is_named(empty, ending, body, where):
    assert check_problem(empty.client.put("/retrain", content=body), 400)["errors"][0]["where"] == where
    assert empty.experiments.list() == []


@pytest.mark.parametrize("content", ["[]", "1", "{", '"x"', "\xff", "null"])
def test_a_body_that_is_no_object(empty, ending, content):
    check_problem(empty.client.put("/retrain", content=content), 400)


@pytest.mark.parametrize(("query", "status"), [
    ("?wait=-1", 400), ("?wait=nan", 400), ("?wait=inf", 400), ("?wait=3601", 400), ("?wait=x", 400),
    ("?task=none", 404), ("?task=%00", 404)])
def test_wrong_parameters(empty, ending, query, status):
    check_problem(empty.client.put(f"/retrain{query}"), status)


def test_an_unknown_dataset_version(empty, ending):
    for version in (2, 0, -1, 10**30):
        check_problem(empty.client.put("/retrain", json={"dataset_version": version}), 404)


def test_accepted_while_nothing_takes_work(empty, ending):
    empty.container.executor().close()
    answer = empty.client.put("/retrain?wait=0")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


def test_cancel(empty):
    empty.experiments.add(make_experiment(make_task()))
    empty.experiments.add(make_experiment(make_task()))
    empty.experiments.update(2, lambda queued: queued.start(START))
    answer = empty.client.post("/experiments/1/cancel")
    assert (answer.status_code, answer.json()) == (202, empty.client.get("/metrics/1").json())
    assert answer.json()["status"] == "cancelled"
    assert empty.client.post("/experiments/2/cancel").json()["status"] == "running"
    assert empty.experiments.get(2).cancel_requested
    check_problem(empty.client.post("/experiments/1/cancel"), 409)
    check_problem(empty.client.post("/experiments/3/cancel"), 404)


def told(service, experiment_id: int) -> list[tuple[str, dict]]:
    text = service.client.get(f"/experiments/{experiment_id}/events", headers={"Last-Event-ID": "7"}).text
    events = [dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
              for block in text.strip().split("\n\n")]
    return [(event["event"], json.loads(event["data"])) for event in events if event]


def test_events_of_one_that_has_ended(empty):
    empty.experiments.add(succeeded(make_task()))
    assert told(empty, 1) == [
        ("progress", {"status": "succeeded", "progress": 1.0, "stage": "done", "iteration": 0, "iterations": 0}),
        ("done", empty.client.get("/metrics/1").json())]


def test_events_while_it_runs(empty, tmp_path):
    empty.experiments.add(make_experiment(make_task()))
    progress = Progress(0.5, "train_model", 5, 10, 0.25)
    empty.experiments.update(1, lambda queued: queued.start(START).beat(START, progress))
    log = tmp_path / "workspaces" / "1" / "dvc.log"
    log.parent.mkdir(parents=True)
    log.write_text("first\nsecond\nhalf", encoding="utf-8")

    def fail() -> None:
        empty.artifacts.put("experiments/1/dvc.log", io.BytesIO(b"first\nsecond\nhalf of it\n"))
        empty.experiments.update(1, lambda running: running.fail(START, "мало строк"))

    Timer(0.6, fail).start()
    events = told(empty, 1)
    assert [name for name, _ in events] == ["progress", "metric", "log", "log", "progress", "log", "done"]
    assert events[1][1] == {"iteration": 5, "loss": 0.25}
    assert [body["line"] for name, body in events if name == "log"] == ["first", "second", "half of it"]
    assert (events[-1][1]["status"], events[-1][1]["error"]) == ("failed", "мало строк")


def test_events_end_when_the_process_is_to_end(empty):
    empty.experiments.add(make_experiment(make_task()))
    empty.client.app.state.draining.begin()
    assert [name for name, _ in told(empty, 1)] == ["progress"]


def test_events_of_an_unknown_one(empty):
    check_problem(empty.client.get("/experiments/1/events"), 404)


@pytest.fixture
def files(empty):
    empty.experiments.add(succeeded(make_task()))
    for path in ("model.onnx", "plots/roc.svg", "report.html", "metrics.json", "имя и ещё.txt"):
        empty.artifacts.put(f"experiments/1/{path}", io.BytesIO(b"<script>alert(1)</script>"))
    empty.artifacts.put("experiments/10/other", io.BytesIO(b"x"))
    return empty


def test_artifacts(files):
    body = files.client.get("/experiments/1/artifacts").json()
    assert {"path": "plots/roc.svg", "size_bytes": 25} in body["artifacts"]
    assert len(body["artifacts"]) == 5
    check_problem(files.client.get("/experiments/2/artifacts"), 404)


@pytest.mark.parametrize(("path", "media_type", "shown"), [
    ("model.onnx", "application/octet-stream", "attachment"), ("plots/roc.svg", "image/svg+xml", "inline"),
    ("report.html", "text/html; charset=utf-8", "attachment"), ("metrics.json", "application/json", "inline"),
    ("имя и ещё.txt", "text/plain; charset=utf-8", "inline"),
])
def test_an_artifact_is_sent_and_can_do_nothing(files, path, media_type, shown):
    answer = files.client.get(f"/experiments/1/artifacts/{path}")
    assert (answer.status_code, answer.content) == (200, b"<script>alert(1)</script>")
    assert (answer.headers["Content-Type"], answer.headers["Content-Length"]) == (media_type, "25")
    assert answer.headers["Content-Disposition"].startswith(f"{shown}; filename*=UTF-8''")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [
    "1/artifacts/none", "1/artifacts/plots", "2/artifacts/model.onnx", "1/artifacts/%2e%2e/10/other",
    "1/artifacts//etc/passwd", "1/artifacts/a%00b", "1/artifacts/a%5Cb", "1/artifacts/" + "x" * 900, "1/artifacts/"])
def test_no_other_file_can_be_had(files, path):
    check_problem(files.client.get(f"/experiments/{path}"), 404)
