"""Trainings on a Dask scheduler and worker that somebody else keeps, as on a cluster."""
from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from domain.training import Training
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.builders import make_table, make_task
from tests.e2e.server import Server, free_port, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
TASK = make_task(name="small", training=Training.of(iterations=20, depth=3, early_stopping_rounds=0))


@contextmanager
def dask(home: Path, environment: Mapping[str, str], *arguments: str) -> Iterator[subprocess.Popen]:
    """`dask ARGUMENTS` while in the block; what it says goes into a file of its name."""
    with (home / f"dask {arguments[0]}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"],
            cwd=home, env={**environment, "DASK_TEMPORARY_DIRECTORY": str(home)}, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def address_in(file: Path) -> str | None:
    """Written when the scheduler listens."""
    try:
        return json.loads(file.read_text())["address"]
    except (FileNotFoundError, json.JSONDecodeError):
        return None


@pytest.fixture
def home(tmp_path) -> Path:
    container = make_container(Settings(home=tmp_path))
    container.storage().migrate()
    container.task_catalog().add(TASK)
    container.feature_store().append(TASK, [make_table(TASK, 300)])
    container.storage().close()
    return tmp_path


def test_what_is_queued_runs_when_a_worker_joins_the_scheduler(home):
    scheduler_file, port = home / "scheduler.json", free_port()
    address = f"tcp://127.0.0.1:{port}"
    server = Server(home, PROGON_DASK_SCHEDULER=address, PROGON_RECOVER_S=0.5, PROGON_TRAINING_THREADS=1)
    where = ("--port", str(port), "--scheduler-file", str(scheduler_file))
    with dask(home, server.environment, "scheduler", *where) as scheduler, server:
        server.launch()
        wait_until(lambda: address_in(scheduler_file) == address, "the scheduler")
        wait_until(lambda: server.answers("/healthz"), "the service")
        with httpx.Client(base_url=server.url, timeout=60) as client:
            queued = client.put("/retrain", params={"wait": 0})
            assert (queued.status_code, queued.json()["status"]) == (202, "queued"), queued.text
            number = queued.json()["experiment_id"]
            with dask(home, server.environment, "worker", address, "--nworkers", "1", "--nthreads", "1") as worker:
                done = wait_until(lambda: ended(client, number), "the end of the training")
                assert (done["status"], done["error"]) == ("succeeded", None)
                assert done["metrics"]["test"]["auc"] > 0.5
                assert worker.poll() is None and scheduler.poll() is None
            assert client.post(f"/deploy/{number}").json()["experiment_id"] == number
        assert not any("entrypoints.processes.engine" in child.cmdline() for child in psutil.Process(
            server.process.pid).children(recursive=True)), "the service keeps no cluster of its own"


def ended(client: httpx.Client, number: int) -> dict | None:
    seen = client.get(f"/metrics/{number}").raise_for_status().json()
    return None if seen["status"] in ("queued", "running") else seen
