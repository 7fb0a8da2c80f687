"""Observations in memory."""
from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from application.ports.observation_store import ObservationStore
from domain.observation import ObservedModel, replaces


class InMemoryObservationStore(ObservationStore):
    def __init__(self) -> None:
        self._lock = Lock()
        self._observed: dict[str, ObservedModel] = {}

    def put(self, observed: ObservedModel) -> None:
        with self._lock:
            before = self._observed.get(observed.task)
            if before is None or replaces(observed.at, before.at):
                self._observed[observed.task] = observed

    def remove(self, task: str) -> None:
        """For the port TaskTraces."""
        with self._lock:
            self._observed.pop(task, None)

    def all(self) -> Sequence[ObservedModel]:
        with self._lock:
            return [self._observed[task] for task in sorted(self._observed)]
