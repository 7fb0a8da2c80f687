"""The sums that Prometheus sees are right with one process and with four, and a stop finishes what is in flight."""
from __future__ import annotations

import json
import socket
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import ROW
from tests.e2e.server import Server, wait_until, web
from tests.e2e.small_task import csv_of, put_small_task
from tests.e2e.traffic import BODY, Traffic

CSV = {"Content-Type": "text/csv"}
pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def serve(home: Path, workers: int) -> Server:
    put_small_task(home).storage().close()
    server = Server(home, PROGON_WORKERS=workers, PROGON_DASK_SCHEDULER="tcp://127.0.0.1:9",
                    PROGON_MONITOR_REFRESH_S=0.1)
    return server.start("/readyz")


def scrape(url: str) -> dict:
    # A connection of its own, so that any of the processes may answer.
    text = web.get(f"{url}/metrics").text
    return {(sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text) for sample in family.samples}


def total(found: dict, name: str, **labels: str) -> float:
    return sum(value for key, value in found.items() if key[0] == name and set(labels.items()) <= set(key[1:]))


@pytest.mark.parametrize("workers", [1, 4])
def test_what_was_sent_is_what_is_counted(tmp_path, workers):
    with serve(tmp_path, workers) as server:
        traffic = Traffic(server.port, 8, 600).start()
        traffic.join()
        for number in range(4):
            assert web.post(f"{server.url}/forward", json={}).status_code == 400
            answer = web.post(f"{server.url}/evaluate", content=csv_of(300, number), headers=CSV)
            assert answer.status_code == 200
        answered = len(traffic.answered)
        labels = Counter(str(answer["prediction"]) for answer in traffic.answered.values())
        for _ in range(2 * workers):
            found = scrape(server.url)
            assert total(found, "progon_requests_total", route="/forward", status="200") == answered
            assert total(found, "progon_requests_total", route="/forward", status="400") == 4
            assert total(found, "progon_requests_total", route="/evaluate", task="small") == 4
            assert total(found, "progon_request_seconds_count", route="/forward") == answered + 4
            assert total(found, "progon_predictions_total") == answered + 1_200
            assert total(found, "progon_prediction_score_count", task="small") == answered + 1_200
        (label, count), = labels.items()
        assert total(found, "progon_predictions_total", label=label) >= count
        wait_until(lambda: total(scrape(server.url), "progon_prediction_log_backlog_rows") == 0, "an empty backlog")
        # The model may have been looked at before the labels were in the table.
        wait_until(lambda: total(scrape(server.url), "progon_live_quality", metric="auc"), "a live quality")
        found = scrape(server.url)
        assert total(found, "progon_feature_drift", feature="prediction_score") > 0
        assert 0.5 < total(found, "progon_live_quality", metric="auc") <= 1
        assert server.stop() in (0, -15)
    rows = sqlite3.connect(tmp_path / "progon.db").execute("SELECT count(*) FROM prediction_log").fetchone()
    assert rows == (answered + 1_200,)


def test_a_late_label_reaches_the_log_and_the_live_quality(tmp_path):
    with serve(tmp_path, 1) as server:
        def ask(late: object) -> str:
            row = ROW if late else ROW | {"temp. °F": 10}
            return web.post(f"{server.url}/forward", json=row).json()["request_id"]

        names = {ask(number % 2): number % 2 for number in range(20)}
        lines = ["request_id,day,Перевозчик,temp. °F,тип двигателя,\"расстояние, км\",late"]
        lines += [f"{name},2013-01-0{1 + label},UA,39.5,,1400,{label}" for name, label in names.items()]
        answer = web.put(f"{server.url}/add_data", content="\n".join(lines).encode(), headers=CSV)
        assert answer.json()["late_labels"] == 20, answer.text
        wait_until(lambda: total(scrape(server.url), "progon_live_quality", metric="logloss") > 0, "a live quality")
        # The quality may be of those that were shipped first.
        wanted, log = {name: str(label) for name, label in names.items()}, sqlite3.connect(tmp_path / "progon.db")
        wait_until(lambda: dict(log.execute("SELECT request_id, label FROM prediction_log")) == wanted, "all labels")


def test_a_stop_answers_what_is_in_flight_and_keeps_it(tmp_path):
    with serve(tmp_path, 1) as server, socket.create_connection(("127.0.0.1", server.port)) as client:
        head = (f"POST /forward HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Request-ID: last\r\n"
                f"Content-Length: {len(BODY)}\r\n\r\n")
        client.sendall(head.encode() + BODY[:10])
        wait_until(lambda: web.get(f"{server.url}/healthz").status_code == 200, "the server to have read it")
        server.process.terminate()
        wait_until(lambda: "Shutting down" in server.log.read_text(), "the stop to begin")
        client.sendall(BODY[10:])
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
        assert b" 200 OK" in answer and b'"request_id":"last"' in answer
        assert server.process.wait(30) in (0, -15)
        kept = sqlite3.connect(tmp_path / "progon.db").execute("SELECT request_id FROM prediction_log").fetchall()
        assert kept == [("last",)]
        for line in server.log.read_text().splitlines():
            json.loads(line)
