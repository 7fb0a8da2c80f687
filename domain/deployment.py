"""A deployment: the fact that an experiment serves its task from some moment on."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """generation grows by one with each deployment of a task, rollbacks included."""

    task: str
    experiment_id: int
    previous_experiment_id: int | None
    generation: int
    created_at: datetime
    reason: str = "deploy"
