"""Late labels in memory."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from threading import Lock

from application.ports.late_labels import LateLabels
from domain.late_labels import LateLabel


class InMemoryLateLabels(LateLabels):
    """answers: (task, request_id) of the prediction log."""

    def __init__(self) -> None:
        self.answers: set[tuple[str, str]] = set()
        self._lock = Lock()
        self._labels: dict[tuple[str, str, int], LateLabel] = {}

    def add(self, task: str, labels: Sequence[LateLabel]) -> None:
        with self._lock:
            self._labels |= {(task, label.request_id, label.row_no): label for label in labels}

    def remove(self, task: str) -> None:
        """For the port TaskTraces."""
        with self._lock:
            self._labels = {key: label for key, label in self._labels.items() if key[0] != task}

    def answered(self, task: str, request_ids: Sequence[str]) -> Collection[str]:
        return {name for name in request_ids if (task, name) in self.answers}

    def get(self, task: str, request_ids: Sequence[str]) -> Sequence[LateLabel]:
        found: dict[str, list[LateLabel]] = {}
        with self._lock:
            for of, name, row_no in sorted(self._labels):
                if of == task:
                    found.setdefault(name, []).append(self._labels[of, name, row_no])
        return [label for request_id in request_ids for label in found.get(request_id, ())]
