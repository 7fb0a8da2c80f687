"""kill -9 at random moments: what was acknowledged is there once, nothing is half there, no experiment hangs."""
from __future__ import annotations

import random
import threading
import time

import httpx
import pytest

from tests.e2e.server import Server, wait_until
from tests.e2e.small_task import csv_of, put_small_task

KILLS = 20
ROWS = 3_000
pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class Client(threading.Thread):
    """Adds data, retrains and deploys for as long as the service lives; keeps what was acknowledged."""

    def __init__(self, url: str, seed: int) -> None:
        super().__init__(daemon=True)
        self._url, self._seed = url, seed
        self.versions: list[tuple[int, int]] = []
        self.deployed: list[tuple[int, int]] = []

    def run(self) -> None:
        number = 0
        with httpx.Client(base_url=self._url, timeout=60) as client:
            try:
                while True:
                    number += 1
                    self._round(client, number)
            except httpx.HTTPError:
                return

    def _round(self, client: httpx.Client, number: int) -> None:
        body = csv_of(rows=ROWS, seed=self._seed * 1_000 + number)
        added = client.put("/add_data", content=body, headers={"Content-Type": "text/csv"})
        assert added.status_code == 200, added.text
        self.versions.append((added.json()["dataset_version"], added.json()["rows_added"]))
        if not unfinished(client):
            # One at a time, so that each kill meets a training and the queue is worked off soon in the end.
            queued = client.put("/retrain", params={"wait": 0}, json={"dataset_version": 1})
            assert queued.status_code == 202, queued.text
        deployed = client.post(f"/deploy/{1 + number % 2}")
        assert deployed.status_code == 200, deployed.text
        self.deployed.append((deployed.json()["generation"], deployed.json()["experiment_id"]))


def test_nothing_acknowledged_is_lost(tmp_path):
    put_small_task(tmp_path, experiments=2)
    chance, versions, deployed = random.Random(7), [], []
    server = Server(tmp_path, PROGON_RECOVER_S=0.2)
    for kill in range(KILLS):
        server.start("/readyz")
        client = Client(server.url, kill)
        client.start()
        wait_until(lambda: client.versions or not client.is_alive(), "a first acknowledged batch")
        time.sleep(chance.uniform(0, 0.6))  # the moment of the kill is what is drawn, not something waited for
        server.kill()
        client.join(60)
        assert not client.is_alive()
        versions += client.versions
        deployed += client.deployed
    server.start("/readyz")
    with server, httpx.Client(base_url=server.url, timeout=60) as client:
        check_data(client, versions)
        check_deployments(client, deployed)
        wait_until(lambda: not unfinished(client), "the end of every experiment", within_s=600)


def check_data(client: httpx.Client, acknowledged: list[tuple[int, int]]) -> None:
    listed = client.get("/datasets/small").json()["versions"]
    rows = {entry["dataset_version"]: entry["rows_added"] for entry in listed}
    assert sorted(rows) == list(range(1, len(rows) + 1)), "versions without a gap"
    assert len(set(version for version, _ in acknowledged)) == len(acknowledged), "no version was given twice"
    for version, added in acknowledged:
        assert rows[version] == added == ROWS
    # What was written but not acknowledged before the kill may be there too, and then it is there whole.
    assert set(rows.values()) <= {ROWS, rows[1]}
    body = csv_of(rows=ROWS, seed=1)
    again = client.put("/add_data", content=body, headers={"Content-Type": "text/csv"}).json()
    assert again["duplicate"] is True


def check_deployments(client: httpx.Client, acknowledged: list[tuple[int, int]]) -> None:
    history = client.get("/deployments", params={"task": "small", "limit": 1000}).json()["deployments"]
    generations = {entry["generation"]: entry["experiment_id"] for entry in history}
    assert sorted(generations) == list(range(1, len(generations) + 1))
    for generation, experiment_id in acknowledged:
        assert generations[generation] == experiment_id
    assert client.get("/metadata", params={"task": "small"}).json()["experiment_id"] == history[0]["experiment_id"]


def unfinished(client: httpx.Client) -> list[int]:
    found = client.get("/experiments", params={"task": "small", "limit": 1000}).json()["experiments"]
    return [entry["experiment_id"] for entry in found if entry["status"] in ("queued", "running")]
