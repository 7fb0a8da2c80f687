"""The contract of the port PipelineRunner. The real one runs the project's own dvc.yaml, seven seconds a time; so each
run is made once and looked at by several tests."""
from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from adapters.dvc.pipeline_runner import DvcPipelineRunner
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.sqlmodel.database import Database
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from adapters.sqlmodel.storage import SqlmodelStorage
from adapters.system.clock import SystemClock
from application.ports.model_runner import ModelLoader
from application.ports.pipeline_runner import (
    PipelineCancelled,
    PipelineFailed,
    PipelineOutcome,
    PipelineRun,
    PipelineRunner,
)
from domain.dataset import DatasetVersion
from domain.errors import ExperimentFailed
from domain.experiment import Progress
from domain.paths import is_safe
from tests.builders import make_table, make_task
from tests.fakes.clock import FixedClock
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.model_runner import LinearModelLoader
from tests.fakes.pipeline_runner import InProcessPipelineRunner
from tests.fakes.trainer import LinearTrainer

ROOT = Path(__file__).parents[2]
TASK = make_task()
OTHER = replace(TASK, training=TASK.training.override({"iterations": 5}))
# The stages are given the database by the environment, and the workspace by this variable: so a process is known.
MARK = "PROGON_PROGRESS_FILE="


@dataclass(frozen=True)
class Known:
    runner: PipelineRunner
    loader: ModelLoader
    data: DatasetVersion
    home: Path


def fake(home: Path) -> Iterator[Known]:
    store = InMemoryFeatureStore(FixedClock())
    data = store.append(TASK, [make_table(TASK, 400)]).version
    yield Known(InProcessPipelineRunner(home, store, LinearTrainer(), LinearModelLoader()), LinearModelLoader(), data,
                home)


def real(home: Path) -> Iterator[Known]:
    database = Database(f"sqlite:///{home / 'progon.db'}")
    SqlmodelStorage(database).migrate()
    data = SqlmodelFeatureStore(database, SystemClock()).append(TASK, [make_table(TASK, 400)]).version
    environment = os.environ | {"PROGON_HOME": str(home), "PROGON_COMMIT_HASH": "abc", "HOME": str(home)}
    runner = DvcPipelineRunner(home, ROOT / "dvc.yaml", environment, lambda name: {"source": name})
    yield Known(runner, OnnxModelLoader(), data, home)
    database.close()


@pytest.fixture(scope="module", params=[
    pytest.param(fake, id="InProcessPipelineRunner"),
    pytest.param(real, id="DvcPipelineRunner", marks=[pytest.mark.slow, pytest.mark.xdist_group("dvc")])])
def known(request, tmp_path_factory) -> Iterator[Known]:
    yield from request.param(tmp_path_factory.mktemp("home"))


@dataclass(frozen=True)
class Ran:
    outcome: PipelineOutcome
    told: list[Progress]


def run(known: Known, experiment_id: int, task=TASK) -> Ran:
    told: list[Progress] = []
    outcome = known.runner.run(PipelineRun(experiment_id, task, known.data), lambda progress: not told.append(progress))
    return Ran(outcome, told)


@pytest.fixture(scope="module")
def first(known) -> Ran:
    return run(known, 1)


@pytest.fixture(scope="module")
def later(known, first) -> dict[str, Ran]:
    """The same again and another training, side by side."""
    with ThreadPoolExecutor(2) as pool:
        again, other = pool.submit(run, known, 2), pool.submit(run, known, 3, OTHER)
        return {"again": again.result(), "other": other.result()}


def processes_of(workspace: Path) -> list[str]:
    """The commands of all processes, of whatever group, that were started for a workspace."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and f"{MARK}{workspace}".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it has ended meanwhile
    return found


def test_it_leaves_a_model_that_answers(known, first):
    runner = known.loader.load(first.outcome.model)
    assert (runner.card.task, runner.card.labels) == ("flights", (0, 1))
    assert runner.predict(make_table(TASK, 20)).n_rows == 20
    assert not first.outcome.from_cache


def test_it_judges_the_model_on_every_part(first):
    assert set(first.outcome.metrics) == {"train", "valid", "test"}
    for values in first.outcome.metrics.values():
        assert 0.6 < values["auc"] <= 1
        assert {"logloss", "f1", "accuracy"} <= set(values)


def test_it_tells_which_rows_are_in_every_part(first):
    learned, counted = first.outcome.learned, first.outcome.learned.counts
    assert sum(part.rows for part in learned.parts.values()) == sum(map(sum, counted.values())) > 0
    assert set(learned.told(make_task(), first.outcome.metrics)) == {"parts", "warnings"}


def test_it_leaves_files_under_safe_names(first):
    files = first.outcome.files
    assert {"plots/learning_curves.json", "plots/learning_curves.svg", "plots/roc.json", "plots/confusion.svg"} <= set(
        files)
    assert any("tfevents" in path for path in files)
    for path, file in files.items():
        assert is_safe(path)
        assert file.is_file()
    assert not {"model.onnx", "metrics.json"} & set(files), "the experiment's own are written by whoever publishes it"


def test_it_tells_how_far_it_is(first):
    assert first.told
    shares = [progress.share for progress in first.told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


def test_what_it_said_is_read_in_whole_lines(known, first):
    text = known.runner.read_log(1)
    assert text and text.endswith(b"\n")
    line = text.index(b"\n") + 1
    assert known.runner.read_log(1, line) == text[line:]
    assert known.runner.read_log(1, len(text)) == b""
    assert known.runner.read_log(999) == b""


def test_the_same_again_comes_from_the_cache(first, later):
    again = later["again"].outcome
    assert again.from_cache
    assert (again.model, again.metrics, again.learned) == (
        first.outcome.model, first.outcome.metrics, first.outcome.learned)
    assert {path for path in again.files if path.startswith("plots/")} == {
        path for path in first.outcome.files if path.startswith("plots/")}
    for path in again.files:
        if path.startswith("plots/"):
            assert again.files[path].read_bytes() == first.outcome.files[path].read_bytes()


def test_other_parameters_do_not_come_from_the_cache(first, later):
    other = later["other"].outcome
    assert not other.from_cache
    assert other.model != first.outcome.model
    assert other.metrics != first.outcome.metrics


def test_each_experiment_has_files_of_its_own_until_it_is_released(known, first, later):
    again, other = (later[name].outcome.files for name in ("again", "other"))
    assert not {*again.values()} & {*other.values()}
    known.runner.release(2)
    assert not any(file.exists() for file in again.values())
    assert all(file.is_file() for file in [*other.values(), *first.outcome.files.values()])
    known.runner.release(2)
    known.runner.release(999)


def test_a_failing_stage_is_told_in_its_own_words(known):
    data = replace(known.data, fingerprint="0" * 64)
    with pytest.raises(PipelineFailed, match="version 1 of flights holds other rows than the pinned ones") as failure:
        known.runner.run(PipelineRun(4, TASK, data), lambda _: True)
    assert isinstance(failure.value, ExperimentFailed)
    assert "Traceback" not in failure.value.detail
    assert b"holds other rows than the pinned ones" in known.runner.read_log(4), "until it is released"
    known.runner.release(4)
    assert known.runner.read_log(4) == b""


def test_it_is_cancelled_and_all_its_processes_end_within_five_seconds(known):
    workspace, seen, told_to_stop_at = known.home / "workspaces" / "5", [], []

    def on_progress(progress: Progress) -> bool:
        if not progress.stage:
            return True
        seen.extend(processes_of(workspace))
        told_to_stop_at.append(time.monotonic())
        return False

    longer = replace(TASK, training=TASK.training.override({"iterations": 10_000, "early_stopping_rounds": 0}))
    with pytest.raises(PipelineCancelled):
        known.runner.run(PipelineRun(5, longer, known.data), on_progress)
    assert len(told_to_stop_at) == 1
    assert time.monotonic() - told_to_stop_at[0] < 5
    assert processes_of(workspace) == []
    if isinstance(known.runner, DvcPipelineRunner):
        assert any("dvc" in command for command in seen), "otherwise the look above could not find any"
        assert any("progon" in command for command in seen)


def test_what_the_listener_raises_comes_out_and_ends_the_run(known):
    def on_progress(_: Progress) -> bool:
        raise OSError("the database is away")

    longer = replace(TASK, training=TASK.training.override({"iterations": 9_999, "early_stopping_rounds": 0}))
    with pytest.raises(OSError, match="the database is away"):
        known.runner.run(PipelineRun(6, longer, known.data), on_progress)
    assert processes_of(known.home / "workspaces" / "6") == []


def test_a_task_that_is_forgotten_is_computed_anew(known, first, later):
    """Last of all: the others look into what is forgotten here."""
    known.runner.forget("another_task")
    assert run(known, 20).outcome.from_cache
    known.runner.forget(TASK.name)
    known.runner.forget(TASK.name)
    assert not run(known, 21).outcome.from_cache
