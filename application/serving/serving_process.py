"""One process's part in the fleet: it keeps its models in step, and says so."""
from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.serving_fleet import ServingFleet, ServingWorker, TakeoverFailure
from application.ports.serving_models import Refreshed, ServingModels

SAYS_SO_EVERY = timedelta(seconds=1)
# Without a word for so long, a worker counts as dead. Longer than the lease of its models, so that one that was only
# asleep looks at the deployments before it answers again.
PATIENCE = timedelta(seconds=5)


class ServingProcess:
    def __init__(self, models: ServingModels, fleet: ServingFleet, clock: Clock) -> None:
        self._models, self._fleet, self._clock = models, fleet, clock
        self._id = clock.new_id()
        self._said: ServingWorker | None = None
        self._beating, self._saying = threading.Lock(), threading.Lock()

    def beat(self) -> Refreshed:
        """To be called several times a second: takes over newer deployments, then tells the fleet."""
        # One at a time: what is said last is what was seen last.
        with self._beating:
            refreshed = self._models.refresh()
            generations = {task: served.generation for task, served in refreshed.served.items()}
            with self._saying:
                self._say(generations, dict(refreshed.failures))
            return refreshed

    def say_alive(self) -> None:
        """To be called several times a second by another thread: to load a model may take longer than the others are
        patient, and they have to wait for a process that answers with the old one meanwhile."""
        with self._saying:
            if self._said is not None:
                self._say(self._said.generations, self._said.failures)

    def _say(self, generations: Mapping[str, int], failures: Mapping[str, TakeoverFailure]) -> None:
        """Only what is new, or what was said a while ago."""
        now, said = self._clock.now(), self._said
        if (said is None or (said.generations, said.failures) != (generations, failures)
                # A clock that was set back says nothing about how long ago it was.
                or not timedelta(0) <= now - said.seen_at < SAYS_SO_EVERY):
            worker = ServingWorker(self._id, now, generations, failures)
            self._fleet.report(worker)
            self._said = worker

    def leave(self) -> None:
        self._fleet.leave(self._id)
