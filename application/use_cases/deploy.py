"""An experiment goes into service."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from application.ports.clock import Clock
from application.ports.experiment_log import ExperimentLog
from application.serving.takeover import Takeover, following
from application.use_cases.admission import Admission, Terms
from domain.deployment import Deployment


class Deploy:
    """Puts a succeeded experiment into service, for all requests: a rollout that goes on beside what serves ends.

    First its model file has to prove fit: it loads, its signature is the task's, and it answers its probe as the
    trained model did. Then every process that serves takes it over; requests in flight end with the model they began
    with. When this has answered, no later answer comes from an older model. Whatever fails leaves what serves serving.

    With `if_better` the experiment has to beat what serves by that metric, on the held-out rows of its own dataset
    version (by time, of the newer one of both), which neither of the two was trained on. With `threshold` a task of two
    labels is answered with the positive one where its probability is above it, and not where the model says so.
    """

    def __init__(self, log: ExperimentLog, admission: Admission, takeover: Takeover, clock: Clock) -> None:
        self._log, self._admission, self._takeover, self._clock = log, admission, takeover, clock

    def execute(self, experiment_id: int, terms: Terms = Terms(), deployed_by: str | None = None) -> Deployment:
        """Raises: UnknownExperiment, Conflict if it has not succeeded, ModelRejected, NotBetter, RolloutFailed,
        InvalidInput for an unknown metric, or a threshold where nothing is decided by one."""
        experiment = self._admission.experiment(experiment_id)
        task = self._admission.check(experiment, terms)

        def decide(history: Sequence[Deployment]) -> Deployment:
            # It may have been deleted since; then there is nothing to deploy.
            self._log.get(experiment_id)
            return replace(following(task.name, experiment_id, history, self._clock, "deploy", deployed_by),
                           threshold=terms.threshold)

        return self._takeover.execute(task.name, decide)
