"""Trainings of the real service: seen live, cancelled, killed, and none of them hangs."""
from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpx
import psutil
import pytest

from domain.training import Training
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.builders import make_table, make_task
from tests.commands import Progon
from tests.e2e.server import Server, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("e2e-retrain")]
TASK = make_task(name="small", training=Training.of(iterations=60, depth=3, early_stopping_rounds=0))
# Takes far longer than any test here.
LONG = {"iterations": 10_000, "depth": 10, "early_stopping_rounds": 0}
RUN = ("run_experiment", "dvc", "extract-data", "train-model", "inference-model")


def _command(process: psutil.Process) -> list[str]:
    """Empty for one that ended since it was listed."""
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


class Service:
    """The server, and what the tests ask of it."""

    def __init__(self, server: Server) -> None:
        self.server, self.client = server, httpx.Client(base_url=server.url, timeout=90)

    def retrain(self, wait_s: float = 0, **body: object) -> dict:
        answer = self.client.put("/retrain", params={"wait": wait_s}, json=body)
        assert answer.status_code == (202 if wait_s == 0 else 200), answer.text
        assert answer.headers["Location"] == f"/metrics/{answer.json()['experiment_id']}"
        return answer.json()

    def look(self, experiment_id: int) -> dict:
        return self.client.get(f"/metrics/{experiment_id}").raise_for_status().json()

    def wait(self, experiment_id: int, *statuses: str, within_s: float = 60) -> dict:
        def reached() -> dict | None:
            seen = self.look(experiment_id)
            return seen if seen["status"] in statuses else None
        return wait_until(reached, f"experiment {experiment_id} {statuses}", within_s)

    def wait_for_stage(self, experiment_id: int, stage: str) -> None:
        wait_until(lambda: self.look(experiment_id)["stage"] == stage, f"{stage} of {experiment_id}")

    def run_processes(self) -> list[psutil.Process]:
        """Those of experiments, zombies not counted."""
        return [process for process in processes(self.server.home) if any(word in RUN or Path(word).name in RUN
                or word == "entrypoints.processes.run_experiment" for word in _command(process))]

    def engine(self) -> psutil.Process:
        return wait_until(lambda: next((process for process in processes(self.server.home)
                                        if "entrypoints.processes.engine" in process.cmdline()), None), "an engine")


def processes(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("PROGON_HOME") == str(home):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("home").resolve()
    container = make_container(Settings(home=home))
    container.storage().migrate()
    container.task_catalog().add(TASK)
    container.feature_store().append(TASK, [make_table(TASK, 500)])
    container.storage().close()
    with Server(home, PROGON_RECOVER_S=0.5, PROGON_TRAINING_THREADS=1) as server:
        service = Service(server.start())
        yield service
        service.client.close()
        service.server.stop()
        assert processes(home) == []


def events(service: Service, experiment_id: int) -> list[tuple[str, dict]]:
    """To the end of the stream."""
    told: list[tuple[str, dict]] = []
    with service.client.stream("GET", f"/experiments/{experiment_id}/events", timeout=60) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                told.append((name, json.loads(line.removeprefix("data: "))))
    return told


def test_a_training_is_seen_live_and_the_same_again_costs_none(service):
    began = time.monotonic()
    first = service.retrain()["experiment_id"]
    told = events(service, first)
    first_s = time.monotonic() - began
    names = [name for name, _ in told]
    assert names[0] == "progress" and names[-1] == "done"
    assert {"progress", "log", "done"} <= set(names)
    shares = [body["progress"] for name, body in told if name == "progress"]
    assert shares == sorted(shares) and len(set(shares)) > 3
    stages = {body["stage"] for name, body in told if name == "progress"}
    assert stages >= {"train_model", "done"}
    assert any("train_model" in body["line"] for name, body in told if name == "log")
    done = told[-1][1]
    assert done == service.look(first)
    assert (done["status"], done["from_cache"], done["progress"]) == ("succeeded", False, 1.0)
    assert done["metrics"]["test"]["auc"] > 0.8
    assert [name for name, _ in events(service, first)] == ["progress", "done"]
    began = time.monotonic()
    again = service.retrain(60)
    assert again["from_cache"] and again["metrics"] == done["metrics"]
    assert time.monotonic() - began < first_s
    files = service.client.get(f"/experiments/{first}/artifacts").json()["artifacts"]
    assert {"model.onnx", "metrics.json", "dvc.log"} <= {file["path"] for file in files}


def test_a_command_by_url_waits_as_one_on_the_home_does(service, tmp_path):
    """Of data that are there already, so that it comes from the cache and takes a second."""
    service.wait(service.retrain()["experiment_id"], "succeeded")
    said = []
    for progon in (Progon(service.server.home), Progon(tmp_path / "none", service.server.url)):
        result = progon("retrain", "small", "--name", "again", "--wait")
        assert "training here" not in result.stderr
        said.append(re.sub(r"experiment \d+", "experiment N", result.stdout))
        assert "test" in result.stdout and "auc" in result.stdout
        refused = progon("retrain", "small", "--dataset-version", "99", "--wait", code=1)
        assert "has no dataset version 99" in refused.stderr
    assert said[0] == said[1] and "experiment N (again): succeeded" in said[0]
    queued = Progon(tmp_path, service.server.url).told("retrain", "small", "--set", "iterations=10000")
    assert queued["status"] in ("queued", "running")
    words = Progon(tmp_path, service.server.url)("cancel", queued["experiment_id"]).stdout
    assert "is told to stop" in words or "cancelled" in words
    service.wait(queued["experiment_id"], "cancelled")
    assert not (tmp_path / "none").exists()


def test_several_at_once_queue_and_the_service_goes_on_answering(service):
    # The second and the third come from the cache: what is tried here is the queue.
    ids = [service.retrain(params={"seed": seed})["experiment_id"] for seed in (1, TASK.training.seed, 1)]
    slowest_s = 0.0
    while not all(service.look(number)["status"] == "succeeded" for number in ids):
        began = time.monotonic()
        assert service.client.get("/healthz").status_code == 200
        slowest_s = max(slowest_s, time.monotonic() - began)
        assert not {service.look(number)["status"] for number in ids} & {"failed", "cancelled"}
        time.sleep(0.1)
    starts = [service.look(number)["started_at"] for number in ids]
    ends = [service.look(number)["finished_at"] for number in ids]
    assert starts == sorted(starts)
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert slowest_s < 5


def test_cancelled_within_five_seconds_and_nothing_of_it_is_left(service):
    running = service.retrain(params=LONG)["experiment_id"]
    queued = service.retrain(params=LONG)["experiment_id"]
    service.wait_for_stage(running, "train_model")
    assert service.run_processes()
    answer = service.client.post(f"/experiments/{queued}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert service.client.post(f"/experiments/{running}/cancel").status_code == 202
    service.wait(running, "cancelled", within_s=5)
    wait_until(lambda: not service.run_processes(), "its processes gone", 5)
    assert service.client.post(f"/experiments/{running}/cancel").status_code == 409
    assert not list((service.server.home / "workspaces").iterdir())


def test_a_run_that_fails_within_the_wait_is_told_with_its_reason(service):
    answer = service.client.put("/retrain", json={"dataset_version": 99})
    assert answer.status_code == 404
    answers: list[httpx.Response] = []
    asking = Thread(target=lambda: answers.append(service.client.put("/retrain", json={"params": LONG})))
    asking.start()
    newest = wait_until(lambda: service.client.get("/experiments?status=running").json()["experiments"], "a run")[0]
    wait_until(service.run_processes, "its process")
    for process in service.run_processes():
        if "entrypoints.processes.run_experiment" in process.cmdline():
            process.kill()
    asking.join()
    assert answers[0].status_code == 403
    reason = f"experiment {newest['experiment_id']} failed: the process that ran it ended without telling why"
    assert answers[0].json()["detail"] == reason
    wait_until(lambda: not service.run_processes(), "its processes gone", 5)


def test_the_engine_is_killed_in_the_middle(service):
    lost = service.retrain(params=LONG)["experiment_id"]
    waiting = service.retrain()["experiment_id"]
    service.wait_for_stage(lost, "train_model")
    service.engine().kill()
    failed = service.wait(lost, "failed", within_s=10)
    assert failed["error"] == "the process that ran it ended without telling why"
    assert "train_model" in service.client.get(f"/experiments/{lost}/artifacts/dvc.log").raise_for_status().text
    service.wait(waiting, "succeeded")
    assert service.retrain(60)["from_cache"]


def test_the_whole_service_is_killed_in_the_middle(service):
    lost = service.retrain(params=LONG)["experiment_id"]
    waiting = service.retrain()["experiment_id"]
    service.wait_for_stage(lost, "train_model")
    service.server.kill()
    wait_until(lambda: not processes(service.server.home), "all of its processes gone", 10)
    service.server.start()
    failed = service.wait(lost, "failed", within_s=10)
    assert failed["error"] == "the process that ran it ended without telling why"
    service.wait(waiting, "succeeded")


def test_a_stop_ends_open_streams_and_says_why_runs_ended(service):
    stopped = service.retrain(params=LONG)["experiment_id"]
    service.wait_for_stage(stopped, "train_model")
    told: list = []
    listening = Thread(target=lambda: told.extend(events(service, stopped)))
    listening.start()
    wait_until(lambda: psutil.Process(service.server.process.pid).net_connections(), "a connection")
    began = time.monotonic()
    os.kill(service.server.process.pid, signal.SIGTERM)
    assert service.server.process.wait(20) == 0
    assert time.monotonic() - began < 10
    listening.join()
    assert processes(service.server.home) == []
    service.server.start()
    assert service.look(stopped)["error"] == "the service was stopped while it ran"
