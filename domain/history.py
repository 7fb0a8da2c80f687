"""What was changed or removed: an entry each, never changed itself."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    TASK_CHANGED = "task changed"
    TASK_DELETED = "task deleted"
    EXPERIMENT_DELETED = "experiment deleted"
    DATA_UNDONE = "data undone"


@dataclass(frozen=True, slots=True)
class Entry:
    """id is 0 until the history gives one. by: None where nobody had to say who he is. detail: plain values, what was
    there before among them."""

    at: datetime
    act: Act
    task: str
    by: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    id: int = 0
