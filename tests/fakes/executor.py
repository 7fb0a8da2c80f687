"""Work on a thread of this process."""
from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from application.ports.executor import Executor, ExecutorUnavailable


class ThreadExecutor(Executor):
    """work: what to do with an experiment's id; one at a time. A failing work harms no other. `submit` returns at once,
    `close` once all that was submitted is done; after it nothing takes work."""

    def __init__(self, work: Callable[[int], object]) -> None:
        self._work = work
        self._lock = Lock()
        self._pending: dict[int, Future[None]] = {}
        self._pool = ThreadPoolExecutor(1)
        self._closed = False

    def submit(self, experiment_id: int) -> None:
        with self._lock:
            if self._closed:
                raise ExecutorUnavailable("nothing takes work at the moment")
            if experiment_id not in self._pending:
                self._pending[experiment_id] = self._pool.submit(self._run, experiment_id)

    def close(self) -> None:
        with self._lock:
            self._closed = True
        self._pool.shutdown()

    def _run(self, experiment_id: int) -> None:
        try:
            self._work(experiment_id)
        finally:
            with self._lock:
                del self._pending[experiment_id]
