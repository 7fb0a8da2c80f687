"""Requests by minute."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

from domain.traffic import TrafficMinute
from entrypoints.answers.answer import Answer, Moment, says


class TrafficMinuteAnswer(Answer):
    """The requests of a minute."""

    at: Moment
    requests: int
    refused: Annotated[int, says("4xx")]
    failed: Annotated[int, says("5xx")]

    @classmethod
    def of(cls, minute: TrafficMinute) -> TrafficMinuteAnswer:
        return cls(minute.at, minute.requests, minute.refused, minute.failed)


class TaskTrafficAnswer(Answer):
    """The requests for a task, all together and by minute."""

    task: str
    requests: int
    refused: Annotated[int, says("4xx")]
    failed: Annotated[int, says("5xx")]
    minutes: Annotated[Sequence[TrafficMinuteAnswer], says("Those with a request")]

    @classmethod
    def of(cls, task: str, minutes: Sequence[TrafficMinute]) -> TaskTrafficAnswer:
        return cls(
            task=task, requests=sum(minute.requests for minute in minutes),
            refused=sum(minute.refused for minute in minutes), failed=sum(minute.failed for minute in minutes),
            minutes=[TrafficMinuteAnswer.of(minute) for minute in minutes])


class TrafficAnswer(Answer):
    """The requests since a moment, by task."""

    since: Moment
    tasks: Sequence[TaskTrafficAnswer]

    @classmethod
    def of(cls, since: datetime, minutes: Iterable[TrafficMinute]) -> TrafficAnswer:
        by_task: dict[str, list[TrafficMinute]] = {}
        for minute in minutes:
            by_task.setdefault(minute.task, []).append(minute)
        return cls(since, [TaskTrafficAnswer.of(task, found) for task, found in sorted(by_task.items())])
