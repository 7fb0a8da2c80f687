"""The contract of the port TaskTraces."""
from __future__ import annotations

from dataclasses import dataclass

import pytest

from adapters.sqlmodel.late_labels import SqlmodelLateLabels
from adapters.sqlmodel.observation_store import SqlmodelObservationStore
from adapters.sqlmodel.prediction_store import SqlmodelPredictionStore
from adapters.sqlmodel.task_traces import SqlmodelTaskTraces
from adapters.sqlmodel.traffic_log import SqlmodelTrafficLog
from application.ports.late_labels import LateLabels
from application.ports.observation_store import ObservationStore
from application.ports.prediction_spool import SpooledRows
from application.ports.prediction_store import PredictionStore, Wanted
from application.ports.task_traces import TaskTraces
from application.ports.traffic_log import TrafficLog
from domain.late_labels import LateLabel
from domain.observation import ObservedModel
from domain.traffic import TrafficMinute
from tests.builders import make_answered
from tests.fakes.clock import START
from tests.fakes.late_labels import InMemoryLateLabels
from tests.fakes.observation_store import InMemoryObservationStore
from tests.fakes.prediction_store import InMemoryPredictionStore
from tests.fakes.task_traces import InMemoryTaskTraces
from tests.fakes.traffic_log import InMemoryTrafficLog


@dataclass(frozen=True)
class World:
    predictions: PredictionStore
    labels: LateLabels
    observations: ObservationStore
    traffic: TrafficLog
    traces: TaskTraces

    def answer(self, task: str, experiment_id: int, n_rows: int = 1) -> None:
        name = f"{task}-{experiment_id}"
        self.predictions.add([SpooledRows(name, make_answered(
            n_rows, name, task=task, experiment_id=experiment_id))])

    def answered(self, task: str) -> list[int]:
        return sorted(row.experiment_id for row in self.predictions.newest(Wanted(task), 10_000))


@pytest.fixture
def world(database_or_none) -> World:
    if database_or_none is None:
        labels, observations, traffic = InMemoryLateLabels(), InMemoryObservationStore(), InMemoryTrafficLog()
        predictions = InMemoryPredictionStore(labels)
        return World(predictions, labels, observations, traffic,
                     InMemoryTaskTraces(predictions, labels, observations, traffic))
    stores = [store(database_or_none) for store in (
        SqlmodelPredictionStore, SqlmodelLateLabels, SqlmodelObservationStore, SqlmodelTrafficLog, SqlmodelTaskTraces)]
    return World(*stores)


def test_all_of_a_task_goes_and_nothing_of_another(world):
    minute = START.replace(second=0, microsecond=0)
    for task in ("flights", "other"):
        world.answer(task, 3, n_rows=40)
        world.labels.add(task, [LateLabel("a", "1")])
        world.observations.put(ObservedModel(task, 3, START, 1, 0, {}, {}))
        world.traffic.add([TrafficMinute(task, minute, 2)])
    assert world.traces.remove("flights") == 40
    assert world.answered("flights") == [] and world.answered("other") == [3] * 40
    assert list(world.labels.get("flights", ["a"])) == [] and list(world.labels.get("other", ["a"]))
    assert [seen.task for seen in world.observations.all()] == ["other"]
    assert [seen.task for seen in world.traffic.since(minute)] == ["other"]
    assert world.traces.remove("flights") == 0 == world.traces.remove("never")


def test_more_answers_than_go_at_once(world):
    world.predictions.add([SpooledRows(f"e{number:05}", make_answered(1, f"r{number}")) for number in range(4_500)])
    assert world.traces.remove("flights") == 4_500
    assert world.answered("flights") == []


def test_late_answers_go_up_to_an_experiment(world):
    for number in (3, 4, 5):
        world.answer("flights", number)
    world.answer("other", 3)
    assert world.traces.remove_late("flights", 4) == 2
    assert world.answered("flights") == [5] and world.answered("other") == [3]
    assert world.traces.remove_late("flights", 4) == 0
