"""A trainer of somebody else: the file of docs/trainers.md, in a folder outside of the project."""
from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.kinds.kind import Problem
from domain.task_document import to_document
from entrypoints.cli import main
from entrypoints.settings import Settings
from entrypoints.wiring import get
from entrypoints.wiring.container import make_container
from tests.builders import QUICK, ROW, make_table, make_task, text_cells

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
DOCS = Path(__file__).parents[2] / "docs" / "trainers.md"


def own_trainer() -> str:
    code, = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return code


@pytest.fixture
def progon(tmp_path):
    (tmp_path / "trainers").mkdir()
    (tmp_path / "trainers" / "forest.py").write_text(own_trainer(), encoding="utf-8")

    def run(*arguments: str, fails: bool = False, sent: str = "") -> str:
        done = CliRunner().invoke(main, arguments, input=sent, env={
            "PROGON_HOME": str(tmp_path / "home"), "PROGON_TRAINERS": str(tmp_path / "trainers"),
            "PROGON_COMMIT_HASH": "0" * 40})
        assert (done.exit_code != 0) is fails, done.output
        return done.stderr if fails else done.stdout

    return run


def test_a_trainer_of_forty_lines_trains_is_compared_and_serves(progon, tmp_path):
    assert len(own_trainer().splitlines()) <= 40
    task = make_task(Problem.BINARY, name="flights")
    table = make_table(task, 300)
    document, data = tmp_path / "task.json", tmp_path / "rows.csv"
    document.write_text(json.dumps(to_document(task)), encoding="utf-8")
    with data.open("w", encoding="utf-8", newline="") as file:
        cells = text_cells(table)
        csv.writer(file).writerows([list(cells), *zip(*cells.values(), strict=True)])
    progon("task", "create", "--file", str(document), "--data", str(data))

    wish = ("flights", "--trainer", "forest", "--set", "trees=20", "--json")
    assert "min_rows_in_leaf" in progon("trainers")
    refused = progon("retrain", "flights", "--trainer", "forest", "--set", "depth=6", "--set", "trees=0", fails=True)
    assert "params.depth" in refused and "params.trees" in refused

    forest = json.loads(progon("retrain", *wish))
    assert forest["params"] == {
        "trainer": "forest", "trees": 20, "min_rows_in_leaf": 5, "seed": QUICK.seed, "refit": "valid"}
    assert forest["metrics"]["test"]["auc"] > 0.8
    assert json.loads(progon("retrain", *wish))["from_cache"]

    progon("deploy", str(forest["experiment_id"]))
    answer = json.loads(progon("forward", "flights", "--json", sent=json.dumps(ROW)))
    assert answer["experiment_id"] == forest["experiment_id"]

    file = tmp_path / "trainers" / "forest.py"
    file.write_text(file.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
    changed = json.loads(progon("retrain", *wish))
    assert not changed["from_cache"], "the code of the trainer is in the key of the cache"
    container = make_container(Settings(home=tmp_path / "home"))
    get.serving_models(container).refresh()
    compared = get.compare_experiment(container).execute(changed["experiment_id"])
    assert compared.serving_experiment_id == forest["experiment_id"]
    assert compared.candidate == compared.serving == pytest.approx(forest["metrics"]["test"])
