"""The contract of ExperimentMirror, over the one in memory and MLflow's own server."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from adapters.mlflow.experiment_mirror import MlflowExperimentMirror
from adapters.mlflow.rest import MlflowServer
from application.ports.experiment_mirror import LeftFile
from domain.experiment import Status
from tests.builders import make_task, succeeded
from tests.fakes.experiment_mirror import InMemoryExperimentMirror
from tests.mlflow_server import needs_mlflow, tracking_server

CURVE = [{"iteration": number, "part": part, "logloss": 1 / number} for part in ("train", "valid")
         for number in (1, 2, 3)]


class InMemory:
    def __init__(self) -> None:
        self.mirror = InMemoryExperimentMirror()

    def shown(self, task):
        all_of_them = [*self.mirror.shown.values(), *((one, [], {}) for one in self.mirror.running.values())]
        return [{"name": experiment.name, "status": experiment.status, "files": files,
                 "params": {name: str(value) for name, value in experiment.params.items()},
                 "auc": experiment.metrics.get("test", {}).get("auc"),
                 "curve": [point["logloss"] for point in curve if point["part"] == "valid"]}
                for experiment, curve, files in all_of_them if experiment.task == task]


class OfMlflow:
    def __init__(self, url: str) -> None:
        self.server = MlflowServer(url)
        self.mirror, self._files = MlflowExperimentMirror(self.server), httpx.Client(base_url=url)

    def close(self):
        self.server.close()
        self._files.close()

    def shown(self, task):
        place = self.server.get("experiments/get-by-name", experiment_name=task)["experiment"]["experiment_id"]
        runs = self.server.post("runs/search", experiment_ids=[place])["runs"]
        return [self._of(run) for run in runs]

    def _of(self, run):
        info, data = run["info"], run["data"]
        history = self.server.get("metrics/get-history", run_id=info["run_id"], metric_key="curve/valid/logloss")
        metrics = {metric["key"]: metric["value"] for metric in data.get("metrics", ())}
        names = {"RUNNING": "running", "FINISHED": "succeeded", "FAILED": "failed"}
        return {"name": info["run_name"], "status": names[info["status"]],
                "params": {each["key"]: each["value"] for each in data.get("params", ())},
                "auc": metrics.get("test/auc"),
                "curve": [point["value"] for point in history.get("metrics", ())],
                "files": {path: self._read(info["artifact_uri"], path) for path in ("metrics.json", "plots/a.svg")
                          if info["status"] == "FINISHED"}}

    def _read(self, uri, path):
        root = uri.removeprefix("mlflow-artifacts:/")
        return self._files.get(f"/api/2.0/mlflow-artifacts/artifacts/{root}/{path}").raise_for_status().content


@pytest.fixture
def task(request):
    """A name of this test's own, as the server goes on for all."""
    return request.function.__name__.removeprefix("test_")[:40]


@pytest.fixture(scope="module")
def mlflow_url(tmp_path_factory):
    with tracking_server(tmp_path_factory.mktemp("mlflow")) as url:
        yield url


@pytest.fixture(params=["in memory", pytest.param("mlflow", marks=needs_mlflow)])
def world(request):
    if request.param == "in memory":
        yield InMemory()
    else:
        world = OfMlflow(request.getfixturevalue("mlflow_url"))
        yield world
        world.close()


def experiment_of(task_name, number=1):
    return replace(succeeded(make_task(name=task_name)), id=number, name=f"number {number}",
                   metrics={"test": {"auc": 0.75}}, params={"depth": 6, "trainer": "catboost"})


def left():
    return [LeftFile("metrics.json", 2, iter([b"{", b"}"])), LeftFile("plots/a.svg", 4, iter([b"<a/>"]))]


def refuses_to_be_read():
    raise AssertionError("a file was asked for")
    yield


def test_it_is_there_whole(world, task):
    world.mirror.put(experiment_of(task), CURVE, left())
    shown, = world.shown(task)
    assert shown == {"name": "number 1", "status": "succeeded", "params": {"depth": "6", "trainer": "catboost"},
                     "auc": 0.75, "curve": [1.0, 0.5, 1 / 3],
                     "files": {"metrics.json": b"{}", "plots/a.svg": b"<a/>"}}


def running(experiment, **changed):
    return replace(experiment, status=Status.RUNNING, metrics={}, finished_at=None, **changed)


def test_one_that_runs_is_shown_and_becomes_whole_when_it_has_ended(world, task):
    for _ in range(2):
        world.mirror.begin(running(experiment_of(task)))
    shown, = world.shown(task)
    assert (shown["status"], shown["params"], shown["auc"], shown["curve"]) == (
        "running", {"depth": "6", "trainer": "catboost"}, None, [])
    world.mirror.put(replace(experiment_of(task), name="another"), CURVE, left())
    shown, = world.shown(task)
    assert (shown["name"], shown["status"], shown["auc"], len(shown["files"])) == ("another", "succeeded", 0.75, 2)
    world.mirror.begin(running(experiment_of(task)))
    assert world.shown(task) == [shown], "it has ended"


def test_one_whose_parameters_changed_while_it_ran(world, task):
    world.mirror.begin(running(experiment_of(task), params={"depth": 4}))
    world.mirror.put(experiment_of(task), CURVE, left())
    shown, = world.shown(task)
    assert (shown["status"], shown["params"]["depth"]) == ("succeeded", "6")


def test_what_is_there_stays_and_no_file_is_asked_for(world, task):
    world.mirror.put(experiment_of(task), CURVE, left())
    world.mirror.put(experiment_of(task), [], refuses_to_be_read())
    assert len(world.shown(task)) == 1 and len(world.shown(task)[0]["curve"]) == 3


def test_what_was_left_half_done_is_done_anew(world, task):
    def broken():
        yield LeftFile("metrics.json", 2, iter([b"{}"]))
        raise OSError("the artifacts are away")

    with pytest.raises(OSError):
        world.mirror.put(experiment_of(task), CURVE, broken())
    world.mirror.put(experiment_of(task), CURVE, left())
    shown, = world.shown(task)
    assert shown["files"].keys() == {"metrics.json", "plots/a.svg"} and len(shown["curve"]) == 3


def test_one_that_failed_is_shown_too(world, task):
    failed = replace(experiment_of(task), status=Status.FAILED, metrics={}, error="no rows")
    world.mirror.put(failed, [], [])
    shown, = world.shown(task)
    assert (shown["status"], shown["auc"], shown["curve"]) == ("failed", None, [])


def test_experiments_of_two_services_with_one_number_are_two(world, task):
    if isinstance(world, InMemory):
        pytest.skip("left out: one in memory is of one service")
    one = experiment_of(task)
    world.mirror.put(one, CURVE, left())
    world.mirror.put(replace(one, created_at=one.created_at + timedelta(seconds=1)), CURVE, left())
    assert len(world.shown(task)) == 2


def test_numbers_that_are_none_are_taken(world, task):
    odd = replace(experiment_of(task), metrics={"test": {"auc": float("nan"), "r2": float("-inf")}},
                  params={"class_weights": json.dumps({"a": 1.5}), "empty": "", "long": "x" * 9_000})
    world.mirror.put(odd, [], left())
    assert world.shown(task)[0]["name"] == "number 1"
