"""Traces of tasks in memory, in other fakes."""
from __future__ import annotations

from application.ports.task_traces import TaskTraces
from tests.fakes.late_labels import InMemoryLateLabels
from tests.fakes.observation_store import InMemoryObservationStore
from tests.fakes.prediction_store import InMemoryPredictionStore
from tests.fakes.traffic_log import InMemoryTrafficLog


class InMemoryTaskTraces(TaskTraces):
    def __init__(self, predictions: InMemoryPredictionStore, labels: InMemoryLateLabels,
                 observations: InMemoryObservationStore, traffic: InMemoryTrafficLog) -> None:
        self._predictions, self._others = predictions, (labels, observations, traffic)

    def remove(self, task_name: str) -> int:
        for other in self._others:
            other.remove(task_name)
        return self.remove_late(task_name, 2**31 - 1)

    def remove_late(self, task_name: str, up_to_experiment: int) -> int:
        return self._predictions.remove(task_name, up_to_experiment)
