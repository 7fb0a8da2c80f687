"""A candidate beside what serves: put there, promoted, aborted."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.experiment_log import UnknownExperiment
from application.ports.serving_fleet import ServingWorker, TakeoverFailure
from application.serving.takeover import RolloutFailed
from application.use_cases.roll_out import RolloutWish, check_column
from domain.deployment import Deployment
from domain.errors import Conflict, InvalidInput, NotBetter
from domain.kinds.kind import Problem
from domain.rollout import Rollout, RolloutRole
from domain.schema import Role, Schema
from tests.builders import CARRIER, DISTANCE, LATE, ROW_ID, make_task
from tests.pictures import IMAGE, make_class_task, make_picture_task
from tests.unit.serving import Service, sound_model

CANARY, SHADOW = RolloutRole.CANARY, RolloutRole.SHADOW


@pytest.fixture
def service() -> Service:
    """Experiment 1 serves, 2 and 3 may."""
    service = Service()
    service.deploy(service.train(), threshold=0.4)
    service.train()
    service.train()
    return service


def loaded(service: Service):
    service.process.beat()
    return service.models.current("flights")


def test_what_serves_goes_on_and_every_process_knows_the_candidate(service):
    another, _ = service.start()
    made = service.roll_out(2, CANARY, 0.25, by=CARRIER, threshold=0.7)
    assert made == Deployment("flights", 1, 1, 2, made.created_at, "canary", threshold=0.4,
                              rollout=Rollout(2, CANARY, 0.25, made.created_at, CARRIER, 0.7))
    for models in (service.models, another):
        served = models.current("flights")
        assert (served.experiment_id, served.candidate.rollout, served.candidate.model.experiment_id) == (
            1, made.rollout, 2)


def test_a_shadow_is_asked_everything_where_no_share_is_said(service):
    assert service.roll_out(2, SHADOW, None).rollout.share == 1


def test_promoted_it_serves_with_its_threshold(service):
    service.roll_out(2, SHADOW, 1, threshold=0.7)
    made = service.promote()
    assert (made.experiment_id, made.previous_experiment_id, made.threshold, made.rollout, made.reason) == (
        2, 1, 0.7, None, "promote")
    assert (service.serving, loaded(service).candidate) == (2, None)
    back = service.roll_back()
    assert (back.experiment_id, back.threshold) == (1, 0.4)


def test_aborted_all_is_as_before(service):
    service.roll_out(2)
    made = service.abort()
    assert (made.experiment_id, made.threshold, made.rollout, made.reason) == (1, 0.4, None, "abort")
    assert loaded(service).candidate is None
    with pytest.raises(Conflict, match="no rollout of flights goes on"):
        service.abort()
    with pytest.raises(Conflict, match="no rollout of flights goes on"):
        service.promote()
    with pytest.raises(Conflict, match="no earlier deployment"):
        service.roll_back()


def test_what_is_deployed_for_all_ends_it(service):
    service.roll_out(2)
    assert service.deploy(3).rollout is None and loaded(service).candidate is None
    service.roll_out(2)
    back = service.roll_back()
    assert (back.experiment_id, back.rollout) == (1, None)


def test_with_another_share_it_goes_on_since_it_began(service):
    began = service.roll_out(2, CANARY, 0.1).rollout.since
    runner = loaded(service).candidate.model.runner
    service.clock.advance(timedelta(minutes=1))
    assert service.roll_out(2, CANARY, 0.5).rollout.since == began
    assert loaded(service).candidate.model.runner is runner, "nothing is loaded again"
    assert service.roll_out(3, CANARY, 0.5).rollout.since > began


def test_the_deployed_model_is_not_loaded_again(service):
    runner = loaded(service).runner
    service.roll_out(2)
    candidate = loaded(service).candidate.model.runner
    service.promote()
    assert loaded(service).runner is candidate is not runner


@pytest.mark.parametrize(("role", "share", "by", "words"), [
    (CANARY, None, None, "share: is missing"), (CANARY, 1.0, None, "above 0 and below 1"),
    (CANARY, 0.0, None, "above 0"), (SHADOW, 1.5, None, "at most 1"), (SHADOW, float("nan"), None, "at most 1"),
    (SHADOW, 1.0, CARRIER, "by: a column decides whom a canary answers"), (CANARY, 0.5, "nope", "nope is no column"),
    (CANARY, 0.5, LATE, "is no column that a row"),
])
def test_what_is_no_rollout(service, role, share, by, words):
    with pytest.raises(InvalidInput, match=words) as refused:
        service.roll_out(2, role, share, by)
    assert [fault.where for fault in refused.value.faults] == ["by" if by else "share"]
    assert len(service.deployments.history()) == 1


def test_a_column_that_no_model_takes_may_decide(service):
    assert service.roll_out(2, by=ROW_ID).rollout.by == ROW_ID


def test_what_cannot_be_a_candidate(service):
    with pytest.raises(UnknownExperiment):
        service.roll_out(77)
    with pytest.raises(Conflict, match="experiment 1 serves flights already"):
        service.roll_out(1)
    with pytest.raises(InvalidInput, match="threshold: expected a probability"):
        service.roll_out(2, threshold=1.0)
    service.tasks.add(make_task(name="idle"))
    idle = service.train(sound_model(make_task(name="idle")), task="idle")
    with pytest.raises(Conflict, match="nothing serves idle"):
        service.roll_out(idle)


def test_one_that_takes_other_columns(service):
    newer = replace(service.task, schema_version=2, schema=Schema(tuple(
        replace(column, role=Role.IGNORED) if column.name == DISTANCE else column
        for column in service.task.schema.columns)))
    service.tasks.change("flights", lambda task: newer)
    number = service.train(service.loader.stamp(sound_model(newer), {"schema_version": "2"}))
    with pytest.raises(Conflict, match=f"experiment {number} takes other columns than experiment 1, which serves: "
                                       f"{DISTANCE}"):
        service.roll_out(number)
    assert len(service.deployments.history()) == 1
    assert service.deploy(number).experiment_id == number


def test_only_if_it_is_better(service):
    good, bad = service.train_good(0.05), service.train_good(-0.05)
    service.deploy(good)
    with pytest.raises(NotBetter, match=f"experiment {bad} is not better"):
        service.roll_out(bad, if_better="auc")


def test_a_process_that_cannot_take_the_candidate_over_leaves_all_as_it_was(service):
    service.roll_out(2, CANARY, 0.1)
    service.fleet.report(ServingWorker("another", service.clock.now(), {"flights": 2}, {
        "flights": TakeoverFailure(3, "no memory")}))
    service.clock.meanwhile.append(lambda: service.fleet.leave("another"))
    with pytest.raises(RolloutFailed, match="no memory"):
        service.roll_out(3, CANARY, 0.5)
    taken_back = service.deployments.current("flights")
    assert (taken_back.experiment_id, taken_back.threshold, taken_back.rollout.experiment_id,
            taken_back.rollout.share, taken_back.reason) == (1, 0.4, 2, 0.1, "taken back")
    assert loaded(service).candidate.model.experiment_id == 2


@pytest.mark.parametrize("problem", [Problem.MULTICLASS, Problem.REGRESSION])
def test_a_threshold_is_for_two_labels(problem):
    service = Service(make_task(problem))
    with pytest.raises(InvalidInput, match="no choice between two labels"):
        service.deploy(service.train(), threshold=0.3)


def test_with_a_threshold_it_is_judged_as_it_would_answer(service):
    """The same model: a threshold that answers nobody with the positive label cannot beat it by recall."""
    good = service.train_good(0.05)
    service.deploy(good)
    with pytest.raises(NotBetter):
        service.deploy(good, if_better="recall", threshold=0.99)
    made = service.deploy(good, if_better="recall", threshold=0.01)
    assert made.threshold == 0.01
    with pytest.raises(NotBetter):
        service.deploy(good, if_better="recall", threshold=0.01)


def test_a_picture_has_no_column_that_could_decide():
    for task in (make_picture_task(), make_class_task()):
        with pytest.raises(InvalidInput, match="is asked pictures, which have no columns"):
            check_column(task, RolloutWish(CANARY, 0.5, IMAGE))
