"""An experiment that tries several settings: asked for, run, cancelled."""
from __future__ import annotations

from datetime import timedelta

import pytest

from application.training.inline_executor import InlineExecutor
from application.use_cases.retrain import Retrain, RetrainRequest
from domain.errors import InvalidInput
from domain.experiment import Status
from domain.provenance import model_path
from domain.search import Search, Trial
from tests.builders import make_experiment
from tests.fakes.clock import START

PLAN = ({"iterations": 2}, {"iterations": 9}, {"iterations": 4})


@pytest.fixture
def retrain(world):
    return Retrain(world.tasks, world.store, world.log, InlineExecutor(world.run_experiment), world.clock, "abc",
                   world.known_trainers)


@pytest.fixture
def queued(world):
    return searching(world.with_data())


def searching(world, plan=PLAN, budget_s=None):
    return world.log.add(make_experiment(world.task, name="опыт", params=world.task.training.as_dict(),
                                         search=Search("logloss", plan, budget_s)))


def trials(world, parent):
    return sorted((entry for entry in world.log.list() if entry.parent == parent.id), key=lambda entry: entry.id)


def watch(world, monkeypatch, before):
    """Does something before each call of the runner to its listener."""
    run = world.pipeline.run
    monkeypatch.setattr(world.pipeline, "run", lambda wanted, on_progress: run(
        wanted, lambda progress: (before(wanted), on_progress(progress))[1]))


def test_it_becomes_the_best_of_its_trials(world, queued):
    done = world.run_experiment.execute(queued.id)
    assert (done.status, done.error, done.parent) == (Status.SUCCEEDED, None, None)
    children = trials(world, done)
    assert [child.params["iterations"] for child in children] == [2, 9, 4]
    assert all(child.status is Status.SUCCEEDED and child.search is None for child in children)
    assert [child.name for child in children] == [f"опыт, trial {number}" for number in (1, 2, 3)]
    losses = [child.metrics["valid"]["logloss"] for child in children]
    assert losses[1] < losses[2] < losses[0]
    assert list(done.search.tried) == [Trial(child.id, settings, "succeeded", loss) for child, settings, loss
                                       in zip(children, PLAN, losses, strict=True)]
    assert done.search.best.experiment_id == children[1].id and done.search.note == ""
    assert done.params == {**queued.params, "iterations": 9}
    assert done.metrics == children[1].metrics and done.from_cache, "its best trial has computed it"
    assert done.progress.share == 1.0


def test_its_model_and_those_of_its_trials_can_be_deployed(world, queued):
    world.run_experiment.execute(queued.id)
    for experiment in world.log.list():
        card = world.loader.load(world.artifacts.read(model_path(experiment.id))).card
        assert card.experiment_id == experiment.id


def test_how_far_it_is(world, queued, monkeypatch):
    seen = []
    watch(world, monkeypatch, lambda _: seen.append(world.log.get(queued.id).progress))
    world.run_experiment.execute(queued.id)
    assert [progress.share for progress in seen] == sorted(progress.share for progress in seen)
    assert {(progress.stage, progress.iteration, progress.iterations) for progress in seen[1:]} == {
        ("search", number, 3) for number in (1, 2, 3)}


def test_cancelling_it_ends_all(world, queued, monkeypatch):
    def cancel(wanted):
        if wanted.experiment_id == queued.id + 2:
            world.log.update(queued.id, lambda running: running.request_cancel(START))

    watch(world, monkeypatch, cancel)
    done = world.run_experiment.execute(queued.id)
    assert done.status is Status.CANCELLED
    assert [child.status for child in trials(world, done)] == [Status.SUCCEEDED, Status.CANCELLED]
    assert not any(world.marks.is_held(entry.id) for entry in world.log.list())


def test_cancelling_a_trial_ends_that_one(world, queued, monkeypatch):
    def cancel(wanted):
        if wanted.experiment_id == queued.id + 2:
            world.log.update(wanted.experiment_id, lambda running: running.request_cancel(START))

    watch(world, monkeypatch, cancel)
    done = world.run_experiment.execute(queued.id)
    assert [child.status for child in trials(world, done)] == [
        Status.SUCCEEDED, Status.CANCELLED, Status.SUCCEEDED]
    assert (done.status, done.params["iterations"]) == (Status.SUCCEEDED, 4)


def test_a_trial_that_fails_is_passed_over(world):
    queued = searching(world.with_data(), ({"iterations": 0}, {"iterations": 3}))
    done = world.run_experiment.execute(queued.id)
    assert [trial.status for trial in done.search.tried] == ["failed", "succeeded"]
    assert (done.status, done.params["iterations"]) == (Status.SUCCEEDED, 3)


def test_none_succeeds(world):
    queued = searching(world.with_data(), ({"iterations": 0}, {"depth": 99}))
    done = world.run_experiment.execute(queued.id)
    assert done.status is Status.FAILED and "none of 2 settings could be trained; the first:" in done.error
    assert "iterations" in done.error and not world.artifacts.list(f"experiments/{queued.id}/model.onnx")


def test_a_budget_ends_what_runs_but_not_the_first(world, monkeypatch):
    queued = searching(world.with_data(), budget_s=10.0)
    watch(world, monkeypatch, lambda _: world.clock.advance(timedelta(seconds=4)))
    done = world.run_experiment.execute(queued.id)
    assert [trial.status for trial in done.search.tried] == ["succeeded", "cancelled"]
    assert (done.status, done.params["iterations"]) == (Status.SUCCEEDED, 2)


def test_what_the_budget_cut_off_is_told(world, monkeypatch):
    queued = searching(world.with_data(), budget_s=10.0)
    watch(world, monkeypatch, lambda _: world.clock.advance(timedelta(seconds=3)))
    done = world.run_experiment.execute(queued.id)
    assert [trial.status for trial in done.search.tried] == ["succeeded", "cancelled"]
    assert done.search.note == "10 s were over after 1 of 3 settings"


def test_a_process_that_dies_leaves_no_trial_running(world, queued, monkeypatch):
    """Both are marked as held by the process that runs them."""
    held = []
    watch(world, monkeypatch, lambda wanted: held.append(
        (world.marks.is_held(queued.id), world.marks.is_held(wanted.experiment_id))))
    world.run_experiment.execute(queued.id)
    assert set(held) == {(True, True)}


def test_a_search_is_asked_for(world, retrain):
    world.with_data(3_000)
    done = retrain.execute(RetrainRequest("flights", {"search": True, "iterations": 3, "early_stopping_rounds": 0}))
    assert done.params["iterations"] == 3 and "search" not in done.params
    assert [dict(settings) for settings in done.search.plan][0] == {} and len(done.search.plan) == 5
    asked = retrain.execute(RetrainRequest("flights", {"search": {"trials": 3, "budget_s": 60}, "iterations": 3}))
    assert (len(asked.search.plan), asked.search.budget_s) == (3, 60)


def test_too_few_rows_to_choose_by(world, retrain):
    world.with_data(240)
    with pytest.raises(InvalidInput) as caught:
        retrain.execute(RetrainRequest("flights", {"search": True}))
    assert "rows would choose between settings" in caught.value.faults[0].problem
    assert not world.log.list()


def test_every_fault_is_told(world, retrain):
    world.with_data(240)
    with pytest.raises(InvalidInput) as caught:
        retrain.execute(RetrainRequest("flights", {"search": {"trials": 1}, "depth": 99}))
    assert {fault.where for fault in caught.value.faults} == {"params.search.trials", "params.depth"}


def test_nothing_is_left_to_try(world, retrain):
    world.with_data(3_000)
    named = {"iterations": 3, "depth": 2, "learning_rate": 0.1, "l2_leaf_reg": 3, "early_stopping_rounds": 0}
    with pytest.raises(InvalidInput, match="nothing is left to try"):
        retrain.execute(RetrainRequest("flights", {"search": True, **named}))
