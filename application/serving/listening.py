"""Who of the fleet lives, as far as somebody who listens can tell."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from application.ports.clock import Clock
from application.ports.serving_fleet import ServingFleet, ServingWorker
from application.serving.serving_process import PATIENCE

_LOOK_EVERY, _BETWEEN_LOOKS = timedelta(milliseconds=20), timedelta(seconds=1)
_EVER = datetime(1, 1, 2, tzinfo=UTC)


class Listening:
    """For as long as somebody waits for the fleet. A process lives while it says something new; when it said so by its
    own clock is not compared with ours: it may be on another machine, and clocks are set. One that was silent for
    PATIENCE is dead, and taken off the fleet, so that nobody listens for it once more; should it only have slept, it
    says who it is when it wakes.

    listened: for how long so far. Between two looks it is a second at most, however long this process slept or the
    clock jumped, and what was waited at least.
    """

    def __init__(self, fleet: ServingFleet, clock: Clock) -> None:
        self._fleet, self._clock = fleet, clock
        self._heard: dict[str, tuple[datetime, timedelta]] = {}
        self._looked_at = clock.now()
        self.listened = timedelta(0)

    def listen(self) -> None:
        """For a moment."""
        self._clock.sleep(_LOOK_EVERY)
        now = self._clock.now()
        self.listened += min(max(now - self._looked_at, _LOOK_EVERY), _BETWEEN_LOOKS)
        self._looked_at = now

    def living(self) -> Sequence[ServingWorker]:
        return [worker for worker in self._fleet.workers(_EVER) if self._lives(worker)]

    def _lives(self, worker: ServingWorker) -> bool:
        said_at, since = self._heard.get(worker.id, (None, self.listened))
        if said_at != worker.seen_at:
            since = self.listened
        self._heard[worker.id] = worker.seen_at, since
        if self.listened - since < PATIENCE:
            return True
        self._fleet.leave(worker.id)
        return False
