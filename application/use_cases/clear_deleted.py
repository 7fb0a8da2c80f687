"""What comes late of a task that was deleted."""
from __future__ import annotations

from application.ports.history import History
from application.ports.task_traces import TaskTraces
from domain.history import Act

_LOOKED_AT = 1_000


class ClearDeleted:
    """Answers that waited on another machine while their task was deleted go once they are in the prediction log. A
    later task of the same name keeps its own: its experiments have larger numbers."""

    def __init__(self, history: History, traces: TaskTraces) -> None:
        self._history, self._traces = history, traces

    def execute(self) -> int:
        """Returns: how many rows went. Raises: what the ports raise."""
        newest: dict[str, int] = {}
        for entry in self._history.newest(limit=_LOOKED_AT, acts=(Act.TASK_DELETED,)):
            newest.setdefault(entry.task, int(str(entry.detail["last_experiment_id"])))
        return sum(self._traces.remove_late(task, last) for task, last in newest.items())
