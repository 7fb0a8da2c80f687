from __future__ import annotations

import io

import numpy as np
import pytest

from application.ports.experiment_log import UnknownExperiment
from application.ports.feature_store import UnknownDatasetVersion
from application.use_cases.compare_experiment import CompareExperiment
from domain.errors import Conflict, InvalidInput
from domain.experiment import Status
from domain.kinds.kind import Problem
from domain.provenance import judged_path, model_path
from domain.scoring import score
from domain.shown_difference import Verdict
from domain.splitting import TEST, split
from domain.table import Table, concat
from domain.task import Split
from tests.builders import DAY, LATE, TEMP, make_table, make_task, make_timed_task, with_days
from tests.unit.serving import Service, sound_model

CANDIDATE = 99


class Remembering:
    """A runner that remembers what it was asked."""

    def __init__(self, runner) -> None:
        self._runner, self.asked = runner, []

    @property
    def card(self):
        return self._runner.card

    def predict(self, table: Table):
        self.asked.append(table)
        return self._runner.predict(table)


def candidate(service: Service, weight: float = 0.01) -> Remembering:
    return Remembering(service.loader.load(sound_model(service.task, {TEMP: [0.0, weight]})))


def held_out(service: Service, version: int) -> Table:
    whole = concat(list(service.store.read(service.task, version)))
    return whole.take(split(whole, service.task.split) == TEST)


def expected(service: Service, runner, version: int) -> dict[str, float]:
    rows = held_out(service, version)
    return score(service.task, service.task.targets(rows[LATE]), runner.predict(rows))


@pytest.fixture(params=[Split("day", 10, 0.25, 0.25, 7), Split(None, 10, 0.25, 0.25, 7)], ids=["groups", "rows"])
def service(request) -> Service:
    return Service(make_task(split=request.param))


def test_both_are_scored_on_the_same_held_out_rows(service):
    service.deploy(service.train_good(0.05))
    served = service.models.current("flights")
    mine, theirs = candidate(service), Remembering(served.runner)
    compared = service.compare.with_serving(service.task, CANDIDATE, mine, 1)
    assert compared.serving_experiment_id == 1
    assert compared.candidate == pytest.approx(expected(service, mine, 1))
    assert compared.serving == pytest.approx(expected(service, theirs, 1))
    assert 0 < held_out(service, 1).n_rows < 240


def test_a_candidate_of_a_later_version_is_compared_on_that_one(service, monkeypatch):
    service.deploy(service.train_good(0.05))
    service.store.append(service.task, [make_table(service.task, 300, seed=5)])
    mine = candidate(service)
    compared = service.compare.with_serving(service.task, CANDIDATE, mine, 2)
    assert compared.candidate == pytest.approx(expected(service, mine, 2))
    # In chunks as well, of which some may hold nothing out.
    read = service.store.read
    monkeypatch.setattr(service.store, "read", lambda task, version, **more: read(task, version, 7, **more))
    chunked = service.compare.with_serving(service.task, CANDIDATE + 1, mine, 2)
    assert chunked.candidate == pytest.approx(expected(service, mine, 2))
    assert chunked.serving_experiment_id == 1


def test_what_was_held_out_of_the_first_version_is_held_out_of_later_ones(service):
    first = held_out(service, 1)
    service.store.append(service.task, [make_table(service.task, 300, seed=5)])
    second = held_out(service, 2)
    np.testing.assert_array_equal(second.take(slice(0, first.n_rows))[TEMP], first[TEMP])
    assert second.n_rows > first.n_rows


def test_by_time_both_are_judged_by_rows_that_are_newer_than_what_either_was_trained_on():
    service = Service(make_timed_task())
    for number in (1, 2):
        service.store.append(service.task, [with_days(make_table(service.task, 300, number), f"201{number}")])
    # Trained on version 3, as its file says, and now a candidate of version 2 is to take its place.
    stamped = service.loader.stamp(sound_model(service.task), {"dataset_version": "3"})
    service.deploy(service.train(stamped, dataset_version=3))
    mine = candidate(service)
    compared = service.compare.with_serving(service.task, CANDIDATE, mine, 2)
    assert compared.dataset_version == 3
    assert min(day for table in mine.asked if table.n_rows for day in table[DAY].tolist()) > "2012-03"
    assert service.compare.with_serving(service.task, 1, candidate(service), 3).dataset_version == 3


def test_what_was_measured_once_is_remembered(service):
    service.deploy(service.train_good(0.05))
    mine, other = candidate(service), candidate(service, 0.02)
    first = service.compare.with_serving(service.task, CANDIDATE, mine, 1)
    asked = len(mine.asked)
    assert asked and service.compare.with_serving(service.task, CANDIDATE, mine, 1) == first
    assert len(mine.asked) == asked
    again = service.compare.with_serving(service.task, CANDIDATE + 1, other, 1)
    assert other.asked and again.serving == first.serving and again.candidate != first.candidate
    service.store.append(service.task, [make_table(service.task, 300, seed=5)])
    service.compare.with_serving(service.task, CANDIDATE, mine, 2)
    assert len(mine.asked) > asked, "another version has other rows"


def test_what_the_rows_show_of_the_two(service):
    service.deploy(service.train_good(0.05))
    mine = candidate(service)
    compared = service.compare.with_serving(service.task, CANDIDATE, mine, 1)
    rows = held_out(service, 1)
    days = {day[:10] for day in rows[DAY].tolist()}
    assert (compared.rows, compared.groups) == (rows.n_rows, len(days) if service.task.split.by else None)
    assert list(compared.differences) == [name for name in compared.candidate if name in compared.serving]
    for name, shown in compared.differences.items():
        assert shown.value == pytest.approx(compared.candidate[name] - compared.serving[name])
        assert shown.low <= shown.value <= shown.high
    # The same answers by another number.
    same = service.compare.with_serving(service.task, CANDIDATE + 1, service.models.current("flights").runner, 1)
    assert {shown.verdict for shown in same.differences.values()} == {Verdict.UNCLEAR}


def test_what_serves_is_not_compared_with_itself(service):
    service.deploy(service.train_good(0.05))
    compared = service.compare.with_serving(service.task, 1, candidate(service), 1)
    assert compared.candidate == compared.serving and compared.serving_experiment_id == 1
    assert (compared.rows, compared.groups, compared.differences) == (None, None, {})


def test_any_two_are_compared_as_well(service):
    service.deploy(service.train_good(0.05))
    one, two = service.train_good(0.03), service.train_good(-0.02)
    compare = CompareExperiment(service.log, service.tasks, service.artifacts, service.loader, service.compare)
    compared = compare.execute(one, two)
    assert compared.serving_experiment_id == two and compared.rows == held_out(service, 1).n_rows
    runner = service.loader.load(service.artifacts.read(model_path(two)))
    assert compared.serving == pytest.approx(expected(service, runner, 1))
    assert compared.differences["auc"].verdict is Verdict.BETTER
    assert compare.execute(two, one).differences["auc"].verdict is Verdict.WORSE
    assert compare.execute(one, one).differences == {}
    assert compare.execute(one).serving_experiment_id == 1, "what serves, where nothing else is named"


def test_only_those_that_succeeded_for_one_task_are_compared(service):
    compare = CompareExperiment(service.log, service.tasks, service.artifacts, service.loader, service.compare)
    one, failed = service.train_good(0.03), service.train(status=Status.FAILED)
    other = service.train(task="other")
    for pair, words in (((one, failed), "failed"), ((failed, one), "failed"), ((one, other), "of the task other")):
        with pytest.raises(Conflict, match=words):
            compare.execute(*pair)
    with pytest.raises(UnknownExperiment):
        compare.execute(one, 999)


def test_nothing_serves(service):
    compared = service.compare.with_serving(service.task, CANDIDATE, candidate(service), 1)
    assert (compared.serving, compared.serving_experiment_id) == (None, None)
    assert (compared.rows, compared.differences) == (None, {})
    assert "auc" in compared.candidate


def test_an_unknown_version(service):
    for version in (0, 2, -1):
        with pytest.raises(UnknownDatasetVersion):
            service.compare.with_serving(service.task, CANDIDATE, candidate(service), version)


def test_too_few_rows_to_hold_some_out():
    service = Service(make_task(split=Split("day", 1, 1e-9, 0.25)))
    with pytest.raises(InvalidInput, match="no labelled rows"):
        service.compare.with_serving(service.task, CANDIDATE, candidate(service), 1)


@pytest.mark.parametrize("problem", [Problem.MULTICLASS, Problem.REGRESSION])
def test_other_problems(problem):
    service = Service(make_task(problem))
    service.deploy(service.train())
    runner = service.loader.load(sound_model(service.task))
    compared = service.compare.with_serving(service.task, CANDIDATE, runner, 1)
    assert compared.candidate == compared.serving == pytest.approx(expected(service, runner, 1))


def test_a_model_that_has_seen_the_held_out_rows_is_judged_by_the_one_beside_it(service):
    """Which its experiment keeps for that."""
    unseen = sound_model(service.task, {TEMP: [0.0, 0.02]})
    service.artifacts.put(judged_path(CANDIDATE), io.BytesIO(unseen))
    kept = candidate(service, 5.0)
    compared = service.compare.with_serving(service.task, CANDIDATE, kept, 1)
    assert kept.asked == []
    assert compared.candidate == pytest.approx(expected(service, service.loader.load(unseen), 1))
