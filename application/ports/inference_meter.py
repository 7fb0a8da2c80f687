"""How much a task's models have answered since the service was started."""
from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Inferences:
    """rows: answered by the experiment. runs: of any model of the task, on any number of rows; run_s: seconds that they
    took. answered, failed: requests for the task, with a status below 400 and with another."""

    rows: int
    runs: int
    run_s: float
    answered: int
    failed: int


class InferenceMeter(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def of(self, task: str, experiment_id: int) -> Inferences:
        """Of all processes of the service; zeros for what nothing is known of."""
