"""GET /metrics, and what is told of each request."""
from __future__ import annotations

import io
import json
import logging
import sys
from queue import SimpleQueue

import pytest
from prometheus_client.parser import text_string_to_metric_families

from application.observed.request import ObservedRequest, current_request
from entrypoints import logs
from entrypoints.http.app import create_app
from tests.builders import ROW, make_table, make_task, text_cells
from tests.fakes.prediction_store import InMemoryPredictionStore

CSV = {"Content-Type": "text/csv"}
CONTRACT = {
    "progon_requests", "progon_request_seconds", "progon_inference_seconds", "progon_predictions",
    "progon_prediction_score", "progon_model_info", "progon_feature_drift", "progon_live_quality",
    "progon_training_progress", "progon_prediction_log_backlog_rows", "progon_busy",
}


@pytest.fixture(autouse=True)
def no_database(empty):
    empty.container.prediction_store.override(InMemoryPredictionStore())


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
    class Away(InMemoryPredictionStore):
        def newest(self, *_, **__):
            raise OSError("no route to host")

    service.container.prediction_store.override(Away())
    service.client.post("/forward", json=ROW)
    text = service.client.get("/metrics").text
    assert 'progon_requests_total{route="/forward",status="200",task="flights"} 1.0' in text
    assert "progon_model_info" not in text


def test_not_ready_while_draining(service):
    assert service.client.get("/readyz").status_code == 200
    service.client.app.state.draining.begun = True
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
    token = current_request.set(ObservedRequest("0190-abc", "/forward"))
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
