"""The commands that work on files and deployments, on a home with a real database and a real small model."""
from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from domain.columns import ColumnType
from domain.experiment import Status
from entrypoints.cli import main
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.builders import ROW, succeeded
from tests.commands import BOTH, progon_on
from tests.e2e.small_task import TASK, csv_of, put_small_task
from tests.http.files import READ_AS_CSV

ROWS = 40
FILE = csv_of(ROWS, seed=7)


@pytest.fixture(scope="module", params=BOTH)
def progon(request, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    put_small_task(home, experiments=3, commit_hash="abc").storage().close()
    (home / "rows.csv").write_bytes(FILE)
    with progon_on(home, request.param) as progon:
        yield progon


@pytest.fixture
def home(progon):
    return progon.home


def test_a_file_is_answered_in_its_order(progon, home):
    said = progon.told("forward-batch", "small", home / "rows.csv", "-o", home / "answers.csv")
    assert bool(progon.url) == bool(said.pop("request_id", ""))
    assert said == {"task": "small", "experiment_id": 1, "count": ROWS, "output": str(home / "answers.csv"),
                    "read": READ_AS_CSV, "passed_over": []}
    answered = list(csv.DictReader(io.StringIO((home / "answers.csv").read_text())))
    assert len(answered) == ROWS
    assert {"prediction", *(f"probability_{label}" for label in TASK.labels)} <= set(answered[0])
    for given, answer in zip(csv.DictReader(io.StringIO(FILE.decode())), answered, strict=True):
        assert {name: answer[name] for name in given} == given


def test_a_file_that_there_is_nothing_for_is_told(progon, home):
    result = progon("forward", "small", "-o", home / "answer.png", typed=json.dumps(ROW), code=1)
    assert "answer.png was not written" in result.stderr and not (home / "answer.png").exists()


def test_what_is_not_answered_whole_leaves_the_old_file(progon, home):
    (home / "kept.csv").write_text("as it was")
    lines = FILE.splitlines(keepends=True)
    (home / "faulty.csv").write_bytes(b"".join([*lines, lines[-1].replace(b",", b",x", 1), b"1,2\n"]))
    result = progon("forward-batch", "small", home / "faulty.csv", "-o", home / "kept.csv", code=1)
    assert f"row {ROWS + 2}" in result.stderr
    assert (home / "kept.csv").read_text() == "as it was"
    assert not list(home.glob(".kept.csv*"))
    progon("forward-batch", "small", home / "rows.csv", "-o", home / "no folder" / "x.csv", code=1)


def test_a_device_is_written_in_place(progon, home):
    progon("forward-batch", "small", home / "rows.csv", "-o", "/dev/null")
    assert Path("/dev/null").is_char_device()


def test_a_file_is_evaluated(progon, home):
    said = progon.told("evaluate", "small", home / "rows.csv")
    assert said["count"] == ROWS and said["experiment_id"] == 1 and 0 <= said["metrics"]["auc"] <= 1
    result = progon("evaluate", "small", home / "rows.csv")
    assert f"experiment 1 on {ROWS} rows" in result.stdout and "auc" in result.stdout
    assert "rows.csv, percent: 100 of 100" in result.stderr


def test_explanations_stand_beside_the_answers(progon, home):
    names = [column.name for column in TASK.schema.features]
    wanted = ["explanation_base", *(f"contribution_{name}" for name in names)]
    for command in ("forward-batch", "evaluate"):
        said = progon.told(command, "small", home / "rows.csv", "--explain", "-o", home / "why.csv")
        assert (said["count"], said["output"], "metrics" in said) == (
            ROWS, str(home / "why.csv"), command == "evaluate")
        rows = list(csv.DictReader(io.StringIO((home / "why.csv").read_text())))
        assert len(rows) == ROWS and list(rows[0])[-len(wanted):] == wanted
        for row in rows:
            assert sum(float(row[name]) for name in wanted) == pytest.approx(
                float(row[f"probability_{row['prediction']}"]), abs=1e-4)


def test_more_rows_than_can_be_explained_leave_no_file(progon, home):
    (home / "many.csv").write_bytes(csv_of(10_001, seed=7))
    result = progon("forward-batch", "small", home / "many.csv", "--explain", "-o", home / "many-why.csv", code=1)
    assert "PROGON_MAX_EXPLAINED_ROWS" in result.stderr and not (home / "many-why.csv").exists()


def test_an_evaluation_leaves_answers_where_it_is_told_to(progon, home):
    progon("forward-batch", "small", home / "rows.csv", "-o", home / "answers.parquet")
    said = progon("evaluate", "small", home / "rows.csv", "-o", home / "judged.parquet").stdout
    assert f"experiment 1 on {ROWS} rows" in said
    answered, judged = (pq.read_table(home / f"{name}.parquet") for name in ("answers", "judged"))
    told = ["prediction", *(f"probability_{label}" for label in TASK.labels)]
    assert judged.column_names == answered.column_names and judged.select(told).equals(answered.select(told))
    result = progon("evaluate", "small", home / "rows.csv", "-o", home / "judged.xlsx", code=1)
    assert "answers are written as" in result.stderr
    assert "--explain needs -o" in progon("evaluate", "small", home / "rows.csv", "--explain", code=2).stderr
    said = progon.told("evaluate", "small", home / "rows.csv")
    assert "output" not in said and 0 <= said["metrics"]["auc"] <= 1


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def test_what_is_told_of_a_file_is_what_the_service_tells(progon, home):
    rows = list(csv.DictReader(io.StringIO(FILE.decode())))
    write(home / "bare.csv", [rows[0] | {TASK.schema.target.name: ""}, *rows[1:]])
    said = progon.told("evaluate", "small", home / "bare.csv")
    assert (said["count"], said["rows_without_target"]) == (ROWS, 1) and "unseen" not in said
    assert f"on {ROWS - 1} rows; 1 without a target were not judged" in progon(
        "evaluate", "small", home / "bare.csv").stdout
    strange = {column.name: "never seen" for column in TASK.schema.features if column.type is ColumnType.CATEGORY}
    write(home / "odd.csv", [row | strange for row in rows])
    for command in (["evaluate", "small", home / "odd.csv"],
                    ["forward-batch", "small", home / "odd.csv", "-o", home / "odd answers.csv"]):
        assert progon.told(*command)["unseen"] == dict.fromkeys(strange, 1.0) != {}
        assert "never seen in training: 100.0% of" in progon(*command).stdout


def test_data_is_added_once(progon, home):
    said = progon.told("add-data", "small", home / "rows.csv")
    assert (said["task"], said["dataset_version"], said["rows_added"], said["duplicate"]) == ("small", 2, ROWS, False)
    assert "nothing added" in progon("add-data", "small", home / "rows.csv").stdout


def test_in_service_and_back(progon):
    said = progon.told("deploy", 2)
    assert (said["task"], said["experiment_id"], said["previous_experiment_id"]) == ("small", 2, 1)
    again = progon.told("deploy", 3)
    assert again["generation"] == said["generation"] + 1
    assert progon("rollback", "small").stdout == "small is served by experiment 2, before by 3\n"
    assert progon.told("rollback", "small")["experiment_id"] == 1
    assert "no earlier deployment" in progon("rollback", "small", code=1).stderr


def test_only_what_is_better(progon):
    assert "is not better: auc" in progon("deploy", 2, "--if-better", "auc", code=1).stderr
    assert "no metric of this task" in progon("deploy", 2, "--if-better", "rmse", code=1).stderr


@pytest.mark.parametrize("arguments", [
    ("add-data", "nobody", "rows.csv"), ("evaluate", "nobody", "rows.csv"), ("rollback", "nobody"), ("deploy", "99"),
    ("forward-batch", "nobody", "rows.csv", "-o", "x.csv"), ("add-data", "small", "no such file"),
])
def test_what_is_not_there_is_a_failure(progon, home, monkeypatch, arguments):
    monkeypatch.chdir(home)
    assert "\nerror: " in f"\n{progon(*arguments, code=1).stderr}"


@pytest.mark.parametrize("arguments", [
    ("add-data", "small"), ("deploy", "one"), ("deploy",), ("rollback",), ("forward-batch", "small", "rows.csv"),
    ("evaluate", "small", ".")])
def test_wrong_usage(progon, arguments):
    progon(*arguments, code=2)


def test_what_has_not_succeeded_is_not_deployed(progon, home):
    container = make_container(Settings(home=home))
    queued = container.experiment_log().add(replace(succeeded(TASK), status=Status.QUEUED))
    container.storage().close()
    assert "only a succeeded one" in progon("deploy", queued.id, code=1).stderr


@pytest.mark.parametrize(("database_url", "said"), [
    ("", "error: PROGON_HOME: /proc/nowhere cannot be made"),
    ("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1", "error: the database does not answer")])
def test_a_home_that_cannot_be_written_is_told_where_it_is_needed(database_url, said):
    """A read-only container that only moves the tables of a database server on needs none."""
    result = CliRunner().invoke(main, ["migrate"], env={
        "PROGON_HOME": "/proc/nowhere", "PROGON_DATABASE_URL": database_url})
    assert (result.exit_code, said in result.stderr) == (1, True), result.output
