"""GET /metrics, and what is told of each request."""
from __future__ import annotations

import io
import json
import logging
import sys
from datetime import datetime, timedelta
from queue import SimpleQueue

import pytest
from prometheus_client.parser import text_string_to_metric_families

from application.ports.prediction_spool import SpooledRows
from application.serving.current_request import CurrentRequest, current_request
from domain.drift import Drift, Histogram
from domain.observation import ObservedModel
from domain.traffic import TrafficMinute
from entrypoints.http.app import create_app
from entrypoints.http.slots import Slots
from entrypoints.processes import logs
from tests.builders import ROW, make_answered, make_table, make_task, text_cells
from tests.fakes.clock import START
from tests.fakes.observation_store import InMemoryObservationStore
from tests.http.problems import check_problem

CSV = {"Content-Type": "text/csv"}
CONTRACT = {
    "progon_requests", "progon_request_seconds", "progon_inference_seconds", "progon_predictions",
    "progon_prediction_score", "progon_model_info", "progon_feature_drift", "progon_live_quality",
    "progon_training_progress", "progon_prediction_log_backlog_rows", "progon_busy",
}


def scrape(service) -> dict:
    answer = service.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = list(text_string_to_metric_families(answer.text))
    assert CONTRACT <= {family.name for family in families}
    return {(sample.name, *sorted(sample.labels.items())): sample.value
            for family in families for sample in family.samples}


def requests_of(found: dict) -> dict:
    return {tuple(value for _, value in key[1:]): count for key, count in found.items()
            if key[0] == "progon_requests_total"}


def csv_of(rows: int) -> str:
    cells = text_cells(make_table(make_task(), rows))
    return "\n".join([",".join(f'"{name}"' for name in cells),
                      *(",".join(row) for row in zip(*cells.values(), strict=True))])


def test_every_name_of_the_contract_is_there_before_anything_happens(empty):
    assert requests_of(scrape(empty)) == {}


def test_requests_are_counted_by_route_task_and_status(service):
    client = service.client
    for _ in range(3):
        assert client.post("/forward", json=ROW).status_code == 200
    client.post("/forward", json={})
    client.post("/forward?task=nope", json=ROW)
    for path in ("/metrics/1", "/metrics/2", "/metrics/999", "/tasks/flights", "/nowhere", "/nowhere/else"):
        client.get(path)
    assert client.post("/evaluate", content=csv_of(20), headers=CSV).status_code == 200
    assert requests_of(scrape(service)) == {
        ("/forward", "200", "flights"): 3, ("/forward", "400", "flights"): 1, ("/forward", "404", ""): 1,
        ("/metrics/{experiment_id}", "200", ""): 1, ("/metrics/{experiment_id}", "404", ""): 2,
        ("/tasks/{name}", "200", ""): 1, ("other", "404", ""): 2, ("/evaluate", "200", "flights"): 1,
    }


def test_what_the_models_did_is_counted(service):
    service.client.post("/forward", json=ROW)
    service.client.post("/forward_batch", content=csv_of(20), headers=CSV)
    found = scrape(service)
    assert sum(count for key, count in found.items() if key[0] == "progon_predictions_total") == 21
    task = ("task", "flights")
    assert found["progon_inference_seconds_count", task] == 2
    assert found["progon_prediction_score_count", task] == 21
    experiment = service.served["flights"]
    assert found["progon_model_info", ("commit_hash", "abc"), ("experiment_id", str(experiment.id)), task] == 1


def test_a_scrape_needs_no_database(service):
    class Away(InMemoryObservationStore):
        def all(self):
            raise OSError("no route to host")

    service.container.observation_store.override(Away())
    service.client.post("/forward", json=ROW)
    text = service.client.get("/metrics").text
    assert 'progon_requests_total{route="/forward",status="200",task="flights"} 1.0' in text
    assert "progon_model_info{" not in text


def keep(service, entry_id: str = "e", n_rows: int = 1, **changes) -> None:
    """Into the prediction log of the task `flights`."""
    rows = make_answered(n_rows, experiment_id=service.served["flights"].id, **changes)
    service.container.prediction_store().add([SpooledRows(entry_id, rows)])


def test_what_was_seen_of_a_model(service):
    body = service.client.get("/observations?task=flights").json()
    model, = body["models"]
    assert body["window_h"] == 24
    assert (model["task"], model["experiment_id"], model["promised"], model["observed_at"], model["drift"]) == (
        "flights", service.served["flights"].id, {"auc": 0.75}, None, [])
    drift = {"temp": Drift(0.25, 0.125, 0.0, Histogram((0.5, 0.25, 0.25), (1.5,), -1.0, 3.0), (0.25, 0.625, 0.125)),
             "c": Drift(1.5, 0.0, None, Histogram((0.5, 0.5, 0.0), categories=("да",)), (0.0, 1.0, 0.0))}
    service.container.observation_store().put(ObservedModel(
        "flights", model["experiment_id"], START, 500, 20, drift, {"auc": 0.5, "logloss": float("nan")}))
    model, = service.client.get("/observations").json()["models"]
    assert (model["rows"], model["labelled_rows"], model["quality"]) == (500, 20, {"auc": 0.5, "logloss": None})
    assert model["drift"] == [
        {"feature": "temp", "psi": 0.25, "missing": 0.125, "unseen": 0.0, "edges": [1.5], "low": -1.0, "high": 3.0,
         "reference": [0.5, 0.25, 0.25], "current": [0.25, 0.625, 0.125]},
        {"feature": "c", "psi": 1.5, "missing": 0.0, "unseen": None, "categories": ["да"],
         "reference": [0.5, 0.5, 0.0], "current": [0.0, 1.0, 0.0]}]
    scraped = scrape(service)
    assert scraped["progon_feature_drift", ("feature", "temp"), ("task", "flights")] == 0.25
    assert scraped["progon_live_quality", ("metric", "auc"), ("task", "flights")] == 0.5
    assert scraped["progon_promised_quality", ("metric", "auc"), ("task", "flights")] == 0.75


def test_how_a_task_has_done_lately(service):
    experiment, now = service.served["flights"].id, START
    an_hour_ago = now - timedelta(hours=1)
    keep(service, "a", 40, created_at=an_hour_ago, predictions=["1"] * 30 + ["0"] * 10, latency_s=0.25,
         labels=["1"] * 20 + ["0"] * 20)
    keep(service, "b", 3, created_at=now, predictions=["0"] * 3)
    keep(service, "old", 3, created_at=now - timedelta(days=2))
    minute = an_hour_ago.replace(second=0, microsecond=0)
    service.container.traffic_log().add([TrafficMinute("flights", minute, 9, 2, 1), TrafficMinute("x", minute, 9)])
    body = service.client.get("/observations/history?task=flights").json()
    assert (body["task"], body["last"], body["step_s"], len(body["spans"])) == ("flights", "24h", 3600, 24)
    before, last = body["spans"][-2:]
    assert (before["requests"], before["refused"], before["failed"]) == (9, 2, 1)
    assert (before["answers"], before["looked_at"], before["experiment_id"]) == (40, 40, experiment)
    assert (before["latency_median_s"], before["latency_p95_s"], before["labels"]) == (
        0.25, 0.25, {"1": 0.75, "0": 0.25})
    assert before["labelled"] == 40 and before["quality"]["accuracy"]["value"] == 0.75
    assert before["quality"]["accuracy"]["low"] < 0.75 < before["quality"]["accuracy"]["high"]
    assert (last["answers"], last["labels"], last["quality"], last["drift"]) == (3, {"0": 1.0}, {}, {})
    assert {span["answers"] for span in body["spans"][:-2]} == {0} and body["spans"][0]["latency_p95_s"] is None
    month = service.client.get("/observations/history?task=flights&last=30d").json()
    assert (month["step_s"], len(month["spans"]), sum(span["answers"] for span in month["spans"])) == (86400, 30, 46)


@pytest.mark.parametrize(("query", "status", "words"), [
    ("", 400, "task"), ("?task=nobody", 404, "nobody"), ("?task=flights&last=1y", 400, "last")])
def test_how_nothing_known_has_done(service, query, status, words):
    answer = service.client.get(f"/observations/history{query}")
    assert answer.status_code == status and words in answer.text


def test_the_prediction_log_page_by_page(service):
    for number in range(5):
        keep(service, f"e{number}", 2, request_id=f"r{number}", created_at=START + timedelta(seconds=number))
    first = service.client.get("/predictions?task=flights&limit=4").json()
    assert [(row["request_id"], row["row_no"]) for row in first["predictions"]] == [
        ("r4", 2), ("r4", 1), ("r3", 2), ("r3", 1)]
    second = service.client.get("/predictions", params={"task": "flights", "limit": 6, "before": first["next"]}).json()
    assert [row["request_id"] for row in second["predictions"]] == ["r2", "r2", "r1", "r1", "r0", "r0"]
    assert second["next"] is None


def test_the_prediction_log_by_what_is_asked_for(service):
    keep(service, "a", 2, request_id="one", predictions=["1", "0"], labels=["1", "1"])
    keep(service, "b", 1, request_id="two", predictions=["0"], created_at=START + timedelta(hours=1))

    def found(**params) -> list:
        answer = service.client.get("/predictions", params={"task": "flights"} | params)
        assert answer.status_code == 200, answer.text
        return sorted((row["request_id"], row["row_no"]) for row in answer.json()["predictions"])

    assert found(prediction="0") == [("one", 2), ("two", 1)]
    assert found(label="1") == found(labelled="true") == [("one", 1), ("one", 2)]
    assert found(request_id="two") == [("two", 1)]
    assert found(since=(START + timedelta(minutes=1)).isoformat()) == [("two", 1)]
    naive = (START + timedelta(minutes=1)).replace(tzinfo=None).isoformat()
    assert found(until=naive) == [("one", 1), ("one", 2)]
    assert found(experiment_id=str(service.served["flights"].id + 1)) == found(request_id="\0'; --") == []
    row, = service.client.get("/predictions?task=flights&request_id=two").json()["predictions"]
    assert set(row) == {"request_id", "row_no", "created_at", "route", "task", "experiment_id", "inputs", "prediction",
                        "score", "label", "latency_s", "probabilities"}


@pytest.mark.parametrize(("query", "named"), [
    ("before=AAAA", "before"), ("before=%00", "before"), ("before=WyIyMDI2IiwiIiwxXQ", "before"), ("limit=0", "limit"),
    ("limit=1001", "limit"), ("since=yesterday", "since"), ("until=0001-01-01T00:00:00%2B14:00", "until"),
    ("experiment_id=99999999999999", "experiment_id"), ("labelled=perhaps", "labelled"),
])
def test_a_wrong_wish_is_named(service, query, named):
    body = check_problem(service.client.get(f"/predictions?task=flights&{query}"), 400)
    assert named in body["errors"][0]["where"]


@pytest.mark.parametrize("path", ["/predictions?task=nope", "/observations?task=nope", "/traffic?task=nope"])
def test_an_unknown_task_is_told(service, path):
    check_problem(service.client.get(path), 404)


def test_the_traffic_of_the_last_hour(service):
    minute = START.replace(second=0, microsecond=0)
    service.container.traffic_log().add([
        TrafficMinute("flights", minute - timedelta(minutes=60), 100), TrafficMinute("nuclei", minute, 1),
        TrafficMinute("flights", minute - timedelta(minutes=59), 5, 2, 1), TrafficMinute("flights", minute, 3)])
    body = service.client.get("/traffic?task=flights").json()
    task, = body["tasks"]
    assert datetime.fromisoformat(body["since"]) == minute - timedelta(minutes=59)
    assert (task["requests"], task["refused"], task["failed"], len(task["minutes"])) == (8, 2, 1, 2)
    assert [task["task"] for task in service.client.get("/traffic?minutes=1").json()["tasks"]] == ["flights", "nuclei"]
    check_problem(service.client.get("/traffic?minutes=0"), 400)


def test_a_request_turned_away_is_counted(settings, service):
    slots = Slots(1, 0.01, service.container.telemetry().turned_away)
    service.container.slots.override(slots)
    service.client.portal.call(slots.take)
    busy = service.client.post("/forward_batch", content=csv_of(5), headers=CSV)
    assert busy.headers["retry-after"] and check_problem(busy, 503)["title"] == "busy"
    assert scrape(service)["progon_busy_total",] == 1
    service.client.portal.call(slots.give_back)
    assert service.client.post("/forward_batch", content=csv_of(5), headers=CSV).status_code == 200
    assert scrape(service)["progon_busy_total",] == 1


def test_not_ready_while_draining(service):
    assert service.client.get("/readyz").status_code == 200
    service.client.app.state.draining.begin()
    answer = service.client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["the process is about to end"])
    assert service.client.post("/forward", json=ROW).status_code == 200, "what comes is still answered"


def test_one_line_for_each_request(service, caplog):
    caplog.set_level(logging.INFO, "progon.access")
    service.client.post("/forward", json=ROW)
    service.client.get("/metrics/77")
    lines = [record for record in caplog.records if record.name == "progon.access"]
    assert [(line.method, line.route, line.status) for line in lines] == [
        ("POST", "/forward", 200), ("GET", "/metrics/{experiment_id}", 404)]
    assert all(line.duration_ms > 0 for line in lines)


def record(message: str, *arguments, **more) -> logging.LogRecord:
    made = logging.getLogger("progon.test").makeRecord(
        "progon.test", logging.WARNING, __file__, 1, message, arguments, None, extra=more)
    return logs.RequestQueueHandler(None).prepare(made)


def test_lines_for_machines():
    line = json.loads(logs.JsonLines().format(record("задача %s", "flights", route="/forward")))
    assert (line["message"], line["level"], line["logger"], line["route"]) == (
        "задача flights", "warning", "progon.test", "/forward")
    assert line["time"].endswith("Z") and "request_id" not in line


def test_lines_for_people_and_their_request():
    token = current_request.set(CurrentRequest("0190-abc", "/forward"))
    try:
        assert logs.PlainLines().format(record("it is %d", 5)).endswith("WARNING progon.test: it is 5 [0190-abc]")
    finally:
        current_request.reset(token)


def test_a_failure_is_one_line_for_machines():
    try:
        raise ValueError("broken")
    except ValueError:
        made = logging.getLogger("x").makeRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    text = logs.JsonLines().format(logs.RequestQueueHandler(None).prepare(made))
    assert "\n" not in text and "ValueError: broken" in json.loads(text)["exception"]


def test_many_lines_are_written_in_order_and_a_bad_one_stops_none():
    written, queue = io.StringIO(), SimpleQueue()
    output = logging.StreamHandler(written)
    output.setFormatter(logs.PlainLines())
    listener = logs.Listener(queue, output)
    for number in range(250):
        queue.put(record("line %d", number))
    queue.put(record("%d", "no number"))
    queue.put(record("the end"))
    listener.start()
    listener.stop()
    lines = written.getvalue().splitlines()
    assert [line.rpartition(" ")[2] for line in lines[:250]] == [str(number) for number in range(250)]
    assert "cannot be written" in lines[250] and lines[251].endswith("the end")


def test_an_app_is_made_without_files(settings, tmp_path, service):
    create_app(service.container)
    assert not (settings.home / "spool").exists(), "nothing is made before the first answer"
