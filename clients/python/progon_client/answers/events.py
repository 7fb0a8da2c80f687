"""What is told of an experiment while it runs, and of a file while it is read."""
from __future__ import annotations

from dataclasses import dataclass

from progon_client.answers.words import Status


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The event `progress` of an experiment."""

    status: Status
    progress: float
    stage: str
    iteration: int
    iterations: int


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The event `progress` of a file. rows: or pictures, read and checked. read_bytes: of the file as it came, some
    megabytes ahead of the rows."""

    rows: int
    read_bytes: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Loss:
    """The event `metric` of an experiment."""

    iteration: int
    loss: float


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """The event `log` of an experiment."""

    line: str
