"""What could not be taken over is tried again, later and later."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.serving_fleet import TakeoverFailure
from domain.deployment import Deployment

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Failed:
    failure: TakeoverFailure
    at: datetime
    pause: timedelta


class Attempts:
    """The failures of one process, by task. To read a broken file several times a second would cost what answering
    needs; so one generation of a task is tried again after a second, then after twice the pause before, up to a
    minute. Another generation may be tried at once. Thread-safe: no."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[str, _Failed] = {}

    def too_early(self, deployment: Deployment) -> TakeoverFailure | None:
        """Why it failed the last time, while it is not to be tried again."""
        last = self._last(deployment)
        # A clock that was set back says nothing about the pause.
        if last is not None and timedelta(0) <= self._clock.now() - last.at < last.pause:
            return last.failure
        return None

    def failed(self, deployment: Deployment, reason: str) -> TakeoverFailure:
        last = self._last(deployment)
        pause = min(2 * last.pause, LONGEST_PAUSE) if last else FIRST_PAUSE
        failure = TakeoverFailure(deployment.generation, reason)
        self._failed[deployment.task] = _Failed(failure, self._clock.now(), pause)
        return failure

    def _last(self, deployment: Deployment) -> _Failed | None:
        last = self._failed.get(deployment.task)
        return last if last is not None and last.failure.generation == deployment.generation else None
