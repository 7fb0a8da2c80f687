"""Counts of answers in memory."""
from __future__ import annotations

from application.ports.inference_meter import InferenceMeter, Inferences


class InMemoryInferenceMeter(InferenceMeter):
    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], int] = {}
        self.runs: dict[str, list[float]] = {}
        self.statuses: dict[str, list[int]] = {}

    def of(self, task: str, experiment_id: int) -> Inferences:
        runs, statuses = self.runs.get(task, []), self.statuses.get(task, [])
        answered = sum(status < 400 for status in statuses)
        return Inferences(self.rows.get((task, experiment_id), 0), len(runs), sum(runs), answered,
                          len(statuses) - answered)
