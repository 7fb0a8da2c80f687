"""What the workers said, in memory."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock

from application.ports.serving_fleet import ServingFleet, ServingWorker


class InMemoryServingFleet(ServingFleet):
    def __init__(self) -> None:
        self._lock = Lock()
        self._workers: dict[str, ServingWorker] = {}

    def report(self, worker: ServingWorker) -> None:
        with self._lock:
            self._workers[worker.id] = worker

    def leave(self, worker_id: str) -> None:
        with self._lock:
            self._workers.pop(worker_id, None)

    def workers(self, seen_since: datetime) -> Sequence[ServingWorker]:
        with self._lock:
            forgotten = seen_since - timedelta(hours=1)
            self._workers = {name: worker for name, worker in self._workers.items() if worker.seen_at >= forgotten}
            return [worker for _, worker in sorted(self._workers.items()) if worker.seen_at >= seen_since]
