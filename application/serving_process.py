"""One process's part in the fleet: it keeps its models in step, and says so."""
from __future__ import annotations

from datetime import timedelta

from application.model_registry import ModelRegistry, Refreshed
from application.ports.clock import Clock
from application.ports.serving_fleet import ServingFleet, ServingWorker

SAYS_SO_EVERY = timedelta(seconds=1)
# Without a word for so long, a worker counts as dead. Longer than the lease of its models, so that one that was only
# asleep looks at the deployments before it answers again.
PATIENCE = timedelta(seconds=5)


class ServingProcess:
    def __init__(self, registry: ModelRegistry, fleet: ServingFleet, clock: Clock) -> None:
        self._registry, self._fleet, self._clock = registry, fleet, clock
        self._said: ServingWorker | None = None
        self._id = clock.new_id()

    def beat(self) -> Refreshed:
        """To be called several times a second: takes over newer deployments, then tells the fleet."""
        refreshed = self._registry.refresh()
        generations = {task: served.generation for task, served in refreshed.served.items()}
        now = self._clock.now()
        said = self._said
        if (said is None or said.generations != generations or said.failures != refreshed.failures
                or now - said.seen_at >= SAYS_SO_EVERY):
            self._said = ServingWorker(self._id, now, generations, dict(refreshed.failures))
            self._fleet.report(self._said)
        return refreshed

    def leave(self) -> None:
        self._fleet.leave(self._id)
