"""The three stages as commands, on a small task with real adapters."""
from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from click.testing import CliRunner, Result

from adapters.catboost.trainer import CatboostTrainedModel
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pyarrow.table_files import ParquetTableFiles
from adapters.sqlmodel.database import Database
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from adapters.sqlmodel.storage import SqlmodelStorage
from adapters.system.clock import SystemClock
from domain.columns import ColumnType
from domain.kinds.kind import Problem
from domain.schema import Column
from domain.scoring import score
from domain.task import Task
from domain.task_document import to_document
from pipelines import extract_data, inference_model, train_model
from tests.builders import LATE, make_table, make_task

PROBLEMS = (Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION)
ROWS = 300


@dataclass(frozen=True)
class Desk:
    """A folder with a task, its parameters and its data in a database."""

    folder: Path
    task: Task
    fingerprint: str

    def run(self, command, *arguments: str) -> Result:
        environment = {"PROGON_HOME": str(self.folder), "PROGON_COMMIT_HASH": "abc123", "PROGON_DATABASE_URL": None,
                       "PROGON_ARTIFACTS_URL": None, "PROGON_PROGRESS_FILE": str(self.folder / "progress.jsonl"),
                       "PROGON_TRAINING_THREADS": "1"}
        arguments = ["--task-file", str(self.folder / "task.yaml"), *arguments]
        return CliRunner().invoke(command, arguments, env=environment)

    def extract(self, fingerprint: str | None = None, version: int = 1, out: str = "data") -> Result:
        return self.run(extract_data.command, "--dataset-version", str(version), "--fingerprint",
                        fingerprint or self.fingerprint, "--out", str(self.folder / out))

    def train(self, out: str = "model", params: str = "params.yaml", data: str = "data") -> Result:
        return self.run(train_model.command, "--params", str(self.folder / params), "--data", str(self.folder / data),
                        "--out", str(self.folder / out))

    def infer(self, out: str = "report", model: str = "model/model.onnx") -> Result:
        return self.run(inference_model.command, "--model", str(self.folder / model), "--data",
                        str(self.folder / "data"), "--out", str(self.folder / out))


def make_desk(folder: Path, problem: Problem) -> Desk:
    task = make_task(problem)
    database = Database(f"sqlite:///{folder / 'progon.db'}")
    SqlmodelStorage(database).migrate()
    version = SqlmodelFeatureStore(database, SystemClock()).append(task, [make_table(task, ROWS)]).version
    database.close()
    (folder / "task.yaml").write_text(yaml.safe_dump(to_document(task), allow_unicode=True), encoding="utf-8")
    params = {"dataset": {"version": 1, "fingerprint": version.fingerprint}, "training": {"iterations": 8}}
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    return Desk(folder, task, version.fingerprint)


@pytest.fixture(scope="module", params=[
    pytest.param(problem, marks=pytest.mark.xdist_group(f"stages of {problem}")) for problem in PROBLEMS])
def desk(request, tmp_path_factory) -> Desk:
    """All three stages have run."""
    desk = make_desk(tmp_path_factory.mktemp(request.param), request.param)
    for result in (desk.extract(), desk.train(), desk.infer()):
        assert result.exit_code == 0, result.output
    return desk


@pytest.fixture
def fresh(tmp_path) -> Desk:
    return make_desk(tmp_path, Problem.BINARY)


def check_failed(result: Result, words: str) -> None:
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), f"a traceback: {result.exception!r}"
    told = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert words in "\n".join(told)


def read(desk: Desk, name: str, columns=None):
    return ParquetTableFiles().read(desk.folder / name, columns or desk.task.schema.stored)


def test_the_rows_are_parted_into_files(desk):
    parts = [read(desk, f"data/{name}.parquet") for name in ("train", "valid", "test")]
    assert sum(part.n_rows for part in parts) == ROWS
    assert min(part.n_rows for part in parts) > 10


def test_the_model_file_says_where_it_comes_from(desk):
    card = OnnxModelLoader().load((desk.folder / "model/model.onnx").read_bytes()).card
    said = {key: card.metadata[key] for key in ("task", "commit_hash", "dataset_version", "experiment_name", "problem")}
    assert said == {"task": "flights", "commit_hash": "abc123", "dataset_version": "1", "experiment_name": "flights-v1",
                    "problem": desk.task.problem}
    assert card.experiment_id is None, "it was run by hand"
    assert card.labels == desk.task.labels
    assert set(json.loads(card.metadata["metrics"])) == {"train", "valid"}


def test_the_answers_are_those_of_the_model_and_so_are_the_metrics(desk):
    test = read(desk, "data/test.parquet")
    expected = OnnxModelLoader().load((desk.folder / "model/model.onnx").read_bytes()).predict(test)
    kind = ColumnType.NUMBER if desk.task.problem is Problem.REGRESSION else ColumnType.CATEGORY
    columns = [Column("actual", kind), Column("prediction", kind), Column("score", ColumnType.NUMBER)]
    answers = read(desk, "report/predictions.parquet", columns)
    np.testing.assert_array_equal(answers["actual"], test[LATE])
    np.testing.assert_array_equal(answers["score"], expected.scores)
    wanted = expected.values if kind is ColumnType.NUMBER else [str(value) for value in expected.values]
    np.testing.assert_array_equal(answers["prediction"], wanted)
    told = json.loads((desk.folder / "report/metrics.json").read_text(encoding="utf-8"))
    assert told == {"test": score(desk.task, desk.task.targets(test[LATE]), expected)}


def test_the_metrics_and_plots_are_there(desk):
    assert set(json.loads((desk.folder / "model/metrics.json").read_text(encoding="utf-8"))) == {"train", "valid"}
    plots = {path.stem for path in desk.folder.glob("*/plots/*.json")}
    assert {"learning_curves", "feature_importance"} < plots
    assert {path.stem for path in desk.folder.glob("*/plots/*.svg")} == plots
    assert (desk.folder / "model/model.cbm").stat().st_size


def test_the_same_training_gives_the_same_bytes_but_for_the_moment(desk):
    assert desk.train("again").exit_code == 0
    models = [onnx.load(desk.folder / folder / "model.onnx") for folder in ("model", "again")]
    for model in models:
        props = {entry.key: entry.value for entry in model.metadata_props}
        assert props.pop("saved_at")
        del model.metadata_props[:]
        onnx.helper.set_model_props(model, props)
    one, other = (model.SerializeToString(deterministic=True) for model in models)
    assert one == other
    for path in [*(desk.folder / "model").glob("plots/*"), desk.folder / "model/metrics.json"]:
        assert path.read_bytes() == (desk.folder / "again" / path.relative_to(desk.folder / "model")).read_bytes()


def test_extracting_again_gives_the_same_bytes(desk):
    assert desk.extract(out="data2").exit_code == 0
    for name in ("train", "valid", "test"):
        one, other = (desk.folder / folder / f"{name}.parquet" for folder in ("data", "data2"))
        assert one.read_bytes() == other.read_bytes()


def test_tensorboard_reads_the_events(desk):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folders = {path.parent for path in (desk.folder / "model/tensorboard").rglob("*tfevents*")}
    assert folders
    curve = json.loads((desk.folder / "model/plots/learning_curves.json").read_text(encoding="utf-8"))
    for folder in folders:
        events = EventAccumulator(str(folder))
        events.Reload()
        scalars = events.Tags()["scalars"]
        assert scalars
        assert all(len(events.Scalars(tag)) == len(curve) / 2 for tag in scalars)


def test_progress_is_told_to_whoever_runs_the_pipeline(desk):
    lines = [json.loads(line) for line in (desk.folder / "progress.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["stage"] for line in lines} == {"extract_data", "train_model", "inference_model"}
    trained = [line for line in lines if line["stage"] == "train_model"][:9]
    assert [line["iteration"] for line in trained] == list(range(9))
    assert trained[-1]["loss"] is not None


def test_other_rows_than_the_pinned_ones(fresh):
    check_failed(fresh.extract("0" * 64), "dataset version 1 of flights holds other rows than the pinned ones")
    assert fresh.extract("unpinned").exit_code == 0


def test_a_version_that_is_not_there(fresh):
    check_failed(fresh.extract(version=2), "the task flights has no dataset version 2")


def test_a_file_that_differs_from_the_trained_model_does_not_pass(fresh, monkeypatch):
    assert fresh.extract().exit_code == 0
    predict = CatboostTrainedModel.predict

    def crooked(self, table):
        answers = predict(self, table)
        return replace(answers, probabilities=answers.probabilities + np.float32(1e-3))

    with monkeypatch.context() as patch:
        patch.setattr(CatboostTrainedModel, "predict", crooked)
        check_failed(fresh.train(), "the model file differs from the trained model by 0.001")
    assert not (fresh.folder / "model/model.onnx").exists()


@pytest.mark.parametrize(("text", "words"), [
    ("{dataset: {version: 1}, training: {iterations: 0}}", "params.iterations"),
    ("{dataset: {version: 1}, training: {trees: 5}}", "params.trees"), ("{training: {}}", "dataset"),
    ("{dataset: {version: 1}, training: [1]}", "training"), ("[1, 2]", "params.yaml"), ("{", "params.yaml"),
    ("", "params.yaml"),
])
def test_parameters_that_cannot_be_used(fresh, text, words):
    (fresh.folder / "params.yaml").write_text(text, encoding="utf-8")
    check_failed(fresh.train(), words)


@pytest.mark.parametrize(("text", "words"), [
    ("name: 5", "task.name"), ("{", "not YAML"), ("a: 2001-99-99", "not YAML"), ("", "a task is an object"),
])
def test_a_task_that_cannot_be_used(fresh, text, words):
    (fresh.folder / "task.yaml").write_text(text, encoding="utf-8")
    check_failed(fresh.extract(), words)


def test_what_the_stage_before_did_not_leave(fresh):
    check_failed(fresh.train(), "train.parquet")
    assert fresh.extract().exit_code == 0
    check_failed(fresh.infer(), "model.onnx")
    (fresh.folder / "model.onnx").write_bytes(b"not a model")
    check_failed(fresh.infer(model="model.onnx"), "not a model file")


def test_a_setting_that_cannot_be_read(fresh, monkeypatch):
    monkeypatch.setenv("PROGON_PORT", "http")
    check_failed(fresh.extract(), "PROGON_PORT is 'http', expected a whole number")
