"""Marks in memory; a process dies by `kill`."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from application.ports.run_marks import RunIsHeld, RunMarks


class InMemoryRunMarks(RunMarks):
    def __init__(self) -> None:
        self._lock = Lock()
        self._held: set[int] = set()
        self._abandoned: set[int] = set()

    @contextmanager
    def hold(self, experiment_id: int) -> Iterator[None]:
        with self._lock:
            if experiment_id in self._held:
                raise RunIsHeld(f"experiment {experiment_id} is run by somebody")
            self._abandoned.discard(experiment_id)
            self._held.add(experiment_id)
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(experiment_id)

    def is_held(self, experiment_id: int) -> bool:
        with self._lock:
            return experiment_id in self._held

    def abandoned(self) -> Sequence[int]:
        with self._lock:
            return sorted(self._abandoned)

    def forget(self, experiment_id: int) -> None:
        with self._lock:
            self._abandoned.discard(experiment_id)

    def kill(self, experiment_id: int) -> None:
        """A process dies while it holds it."""
        with self._lock:
            self._held.discard(experiment_id)
            self._abandoned.add(experiment_id)
