"""A search through the real pipeline: trials in workspaces of their own, the best one out of the cache."""
from __future__ import annotations

import csv
import json

import httpx
import pytest
from click.testing import CliRunner

from domain.kinds.kind import Problem
from domain.task import Split
from domain.task_document import to_document
from entrypoints.cli import main
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.builders import ROW, make_table, make_task, text_cells
from tests.e2e.server import Server, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
TASK = make_task(Problem.BINARY, name="flights", split=Split(None, 10, 0.2, 0.3))
# Takes far longer than the test.
LONG = {"iterations": 10_000, "depth": 10, "early_stopping_rounds": 0}


@pytest.fixture
def progon(tmp_path):
    def run(*arguments: str, fails: bool = False, sent: str = "") -> str:
        done = CliRunner().invoke(main, arguments, input=sent, env={
            "PROGON_HOME": str(tmp_path / "home"), "PROGON_COMMIT_HASH": "0" * 40})
        assert (done.exit_code != 0) is fails, done.output
        return done.stderr if fails else done.stdout

    return run


def test_the_best_of_a_search_serves(progon, tmp_path):
    for name, rows in (("few", 200), ("many", 2_400)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            cells = text_cells(make_table(TASK, rows, seed=rows))
            csv.writer(file).writerows([list(cells), *zip(*cells.values(), strict=True)])
    (tmp_path / "task.json").write_text(json.dumps(to_document(TASK)), encoding="utf-8")
    progon("task", "create", "--file", str(tmp_path / "task.json"), "--data", str(tmp_path / "few.csv"))
    assert "rows would choose between settings" in progon("retrain", "flights", "--search", fails=True)

    progon("add-data", "flights", str(tmp_path / "many.csv"))
    done = json.loads(progon("retrain", "flights", "--trainer", "linear", "--set", "iterations=3", "--search",
                             "--trials", "2", "--json"))
    assert done["status"] == "succeeded" and done["from_cache"] and len(done["children"]) == 2
    trials = [json.loads(progon("metrics", str(number), "--json")) for number in done["children"]]
    assert [trial["parent"] for trial in trials] == [done["experiment_id"]] * 2
    best = min(trials, key=lambda trial: trial["metrics"]["valid"]["logloss"])
    assert done["search"]["best"] == best["experiment_id"] and done["metrics"] == best["metrics"]
    assert "best" in progon("metrics", str(done["experiment_id"]))

    progon("deploy", str(done["experiment_id"]))
    answer = json.loads(progon("forward", "flights", "--json", sent=json.dumps(ROW)))
    assert answer["experiment_id"] == done["experiment_id"]


def test_cancelling_a_search_ends_the_trial_that_runs(tmp_path):
    """Through the queue of the service, where a run is a process of its own."""
    home = (tmp_path / "home").resolve()
    container = make_container(Settings(home=home))
    container.storage().migrate()
    container.task_catalog().add(TASK)
    container.feature_store().append(TASK, [make_table(TASK, 2_400)])
    container.storage().close()
    with Server(home, PROGON_RECOVER_S=0.5, PROGON_TRAINING_THREADS=1) as server, httpx.Client(
            base_url=server.start().url, timeout=90) as client:
        asked = client.put("/retrain", params={"wait": 0}, json={"params": {**LONG, "search": {"trials": 2}}})
        number = asked.raise_for_status().json()["experiment_id"]
        wait_until(lambda: client.get(f"/metrics/{number}").json()["stage"] == "search", "a trial", 120)
        trial = client.get("/experiments").json()["experiments"][0]
        assert (trial["status"], trial["parent"]) == ("running", number)
        assert client.post(f"/experiments/{number}/cancel").status_code == 202
        for each in (trial["experiment_id"], number):
            wait_until(lambda each=each: client.get(f"/metrics/{each}").json()["status"] == "cancelled", "its end", 5)
        ended = client.get(f"/metrics/{number}").json()
        assert ended["children"] == [trial["experiment_id"]] and ended["search"]["best"] is None
