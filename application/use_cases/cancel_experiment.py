"""An experiment that is not wanted any more."""
from __future__ import annotations

from application.ports.clock import Clock
from application.ports.experiment_log import ExperimentLog
from domain.experiment import Experiment


class CancelExperiment:
    """Ends an experiment before its time. A queued one ends at once; a running one is told, and its processes end
    within 5 seconds. One that has ended stays as it is."""

    def __init__(self, log: ExperimentLog, clock: Clock) -> None:
        self._log, self._clock = log, clock

    def execute(self, experiment_id: int) -> Experiment:
        """Raises: UnknownExperiment, IllegalTransition if it has ended."""
        return self._log.update(experiment_id, lambda experiment: experiment.request_cancel(self._clock.now()))
