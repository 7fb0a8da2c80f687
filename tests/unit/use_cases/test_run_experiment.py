from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.artifact_store import ArtifactStore, UnknownArtifact
from application.ports.experiment_log import UnknownExperiment
from application.ports.pipeline_runner import LOG
from domain.errors import IllegalTransition
from domain.experiment import Status
from domain.provenance import model_path
from domain.table import Table
from tests.builders import LATE, make_experiment, make_table, texts
from tests.fakes.clock import START


@pytest.fixture
def queued(world):
    return world.with_data().log.add(make_experiment(world.task, name="опыт", params={
        **world.task.training.as_dict(), "iterations": 3}))


def watch(world, monkeypatch, before):
    """Does something before each call of the runner to its listener."""
    run = world.pipeline.run

    def watched(wanted, on_progress):
        return run(wanted, lambda progress: (before(), on_progress(progress))[1])

    monkeypatch.setattr(world.pipeline, "run", watched)


def names(world, experiment_id) -> set[str]:
    prefix = f"experiments/{experiment_id}"
    return {info.path.removeprefix(f"{prefix}/") for info in world.artifacts.list(prefix)}


def test_a_run_to_its_good_end(world, queued):
    done = world.run_experiment.execute(queued.id)
    assert done == world.log.get(queued.id)
    assert (done.status, done.error, done.from_cache, done.progress.share) == (Status.SUCCEEDED, None, False, 1.0)
    assert set(done.metrics) == {"train", "valid", "test"}
    assert (done.started_at, done.finished_at) == (START, START)
    assert done.progress.iterations == 3, "it was trained with the parameters of the experiment"


def test_what_it_publishes(world, queued):
    done = world.run_experiment.execute(queued.id)
    published = names(world, queued.id)
    assert {"model.onnx", "metrics.json", "plots/roc.json", "plots/roc.svg"} <= published
    assert any("tfevents" in name for name in published)
    assert json.loads(world.artifacts.read(f"experiments/{queued.id}/metrics.json")) == {
        part: dict(values) for part, values in done.metrics.items()}
    card = world.loader.load(world.artifacts.read(model_path(queued.id))).card
    assert (card.experiment_id, card.metadata["experiment_name"], card.metadata["commit_hash"]) == (1, "опыт", "abc")
    assert json.loads(card.metadata["metrics"]) == {part: dict(values) for part, values in done.metrics.items()}
    assert card.metadata["saved_at"] == START.isoformat(timespec="seconds")
    assert not (world.folder / "1").exists(), "the workspace is released"


def test_the_same_training_again_is_stamped_for_its_own_experiment(world, queued):
    again = world.log.add(replace(queued, id=0, name="again"))
    first, second = (world.run_experiment.execute(number) for number in (queued.id, again.id))
    assert (first.from_cache, second.from_cache) == (False, True)
    assert first.metrics == second.metrics
    card = world.loader.load(world.artifacts.read(model_path(again.id))).card
    assert (card.experiment_id, card.metadata["experiment_name"]) == (again.id, "again")


def test_it_beats_while_it_runs(world, queued, monkeypatch):
    seen = []

    def before():
        world.clock.advance(timedelta(seconds=1))
        seen.append(world.log.get(queued.id))

    watch(world, monkeypatch, before)
    done = world.run_experiment.execute(queued.id)
    assert [experiment.status for experiment in seen] == [Status.RUNNING] * 3
    assert [experiment.progress.iteration for experiment in seen] == [0, 1, 2]
    assert [experiment.heartbeat_at for experiment in seen] == [START + timedelta(seconds=n) for n in range(3)]
    assert done.finished_at == START + timedelta(seconds=3)


def test_it_beats_while_it_publishes(world, queued, monkeypatch):
    """A store far away may take longer than others are patient with a silent run."""
    put, silences = world.artifacts.put, []

    def slow_put(path, content):
        silences.append(world.clock.now() - world.log.get(queued.id).heartbeat_at)
        world.clock.advance(timedelta(seconds=20))
        put(path, content)

    monkeypatch.setattr(world.artifacts, "put", slow_put)
    assert world.run_experiment.execute(queued.id).status is Status.SUCCEEDED
    assert len(silences) > 3 and max(silences) == timedelta(0)


def test_it_is_cancelled_between_two_beats(world, queued, monkeypatch):
    watch(world, monkeypatch, lambda: world.log.update(queued.id, lambda running: running.request_cancel(START)))
    done = world.run_experiment.execute(queued.id)
    assert (done.status, done.error) == (Status.CANCELLED, "cancelled")
    assert names(world, queued.id) == set()


def test_parameters_that_cannot_be_used_are_told(world, queued):
    other = world.log.add(replace(queued, id=0, params={"encoding_folds": 1}))
    done = world.run_experiment.execute(other.id)
    assert (done.status, done.metrics) == (Status.FAILED, {})
    assert "params.encoding_folds" in done.error
    assert world.log.get(queued.id).status is Status.QUEUED


def test_a_stage_that_fails_is_told_in_its_own_words(world):
    world.tasks.add(world.task)
    table = make_table(world.task, 100)
    world.store.append(world.task, [Table({**table.columns, LATE: texts(["1"] * 100)})])
    done = world.run_experiment.execute(world.log.add(make_experiment(world.task)).id)
    assert done.status is Status.FAILED
    assert "have the same late" in done.error
    assert names(world, done.id) == {LOG}, "and what it said is kept"
    said = world.artifacts.read(f"experiments/{done.id}/{LOG}").decode()
    assert said.splitlines() == ["extract_data", "train_model", f"error: {done.error}"]
    assert not (world.folder / str(done.id)).exists()


def test_a_fault_that_nobody_thought_of_ends_the_record_too(world, queued, monkeypatch):
    watch(world, monkeypatch, lambda: 1 / 0)
    done = world.run_experiment.execute(queued.id)
    assert (done.status, done.error) == (Status.FAILED, "ZeroDivisionError: division by zero")
    assert not (world.folder / "1").exists()


@pytest.mark.parametrize("broken", ["read_log", "put"])
def test_a_log_that_cannot_be_kept_hides_no_reason(world, queued, monkeypatch, broken):
    watch(world, monkeypatch, lambda: 1 / 0)
    with monkeypatch.context() as patch:
        patch.setattr(*{"read_log": (world.pipeline, "read_log"), "put": (world.artifacts, "put")}[broken],
                      lambda *_: (_ for _ in ()).throw(OSError("the disk is full")))
        done = world.run_experiment.execute(queued.id)
    assert (done.status, done.error) == (Status.FAILED, "ZeroDivisionError: division by zero")
    assert names(world, queued.id) == set()


class Full(ArtifactStore):
    """A store that takes everything but the model."""

    def __init__(self, inner: ArtifactStore) -> None:
        self._inner = inner

    def put(self, path, content):
        if path.endswith("model.onnx"):
            raise OSError("no space left on device")
        self._inner.put(path, content)

    def read(self, path):
        return self._inner.read(path)

    def open(self, path, chunk_bytes=1):
        return self._inner.open(path, chunk_bytes)

    def list(self, prefix):
        return self._inner.list(prefix)

    def sweep(self):
        return self._inner.sweep()


def test_a_model_that_cannot_be_published_is_no_success(world, queued):
    world.run_experiment._publishing._artifacts = Full(world.artifacts)
    done = world.run_experiment.execute(queued.id)
    assert (done.status, done.error) == (Status.FAILED, "OSError: no space left on device")
    assert "metrics.json" in names(world, queued.id), "the model comes last"
    with pytest.raises(UnknownArtifact):
        world.artifacts.read(model_path(queued.id))


def test_a_record_that_somebody_ended_meanwhile_stands(world, queued, monkeypatch):
    def before():
        if not world.log.get(queued.id).status.is_final:
            world.log.update(queued.id, lambda running: running.fail(START, "nothing was heard of it"))

    watch(world, monkeypatch, before)
    done = world.run_experiment.execute(queued.id)
    assert (done.status, done.error) == (Status.FAILED, "nothing was heard of it")
    assert names(world, queued.id) == {LOG}


def test_only_a_queued_experiment_is_run(world, queued):
    world.run_experiment.execute(queued.id)
    before = world.log.get(queued.id)
    with pytest.raises(IllegalTransition):
        world.run_experiment.execute(queued.id)
    assert world.log.get(queued.id) == before
    with pytest.raises(UnknownExperiment):
        world.run_experiment.execute(99)


def test_it_holds_its_mark_while_it_runs(world, queued, monkeypatch):
    seen = []
    watch(world, monkeypatch, lambda: seen.append(set(world.marks._held)))
    world.run_experiment.execute(queued.id)
    assert seen == [{queued.id}] * 3
    assert world.marks._held == set()
