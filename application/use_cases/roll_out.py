"""A candidate beside what serves."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.clock import Clock
from application.ports.deployment_log import DeploymentLog
from application.ports.experiment_log import ExperimentLog
from application.serving.takeover import Takeover, following
from application.use_cases.admission import Admission, Terms
from domain.deployment import Deployment, since_removal
from domain.errors import Conflict, Fault, InvalidInput
from domain.experiment import Experiment
from domain.rollout import Rollout, RolloutRole
from domain.schema import Role
from domain.task import Task


@dataclass(frozen=True, slots=True)
class RolloutWish:
    """share: of the requests; of a shadow all of them, if None. by: see `Rollout`."""

    role: RolloutRole
    share: float | None = None
    by: str | None = None


class RollOut:
    """Puts a succeeded experiment beside what serves, as a candidate: as a shadow, which is asked the same rows and
    whose answers are kept and not given; or as a canary, which answers a share of the requests. Which requests these
    are is decided by their id, so that one that is sent again is answered by the same model; or, `by` a column, by its
    value in the row, so that one customer is always answered by the same model. Files, and several rows at once, are
    answered by one model: where a column decides, by what serves. Rows of an evaluation go to what serves alone.

    As with a deployment, the model has to prove fit, and every process has taken it over when this has answered.
    Another rollout of the task ends with it; one of the same experiment in the same role goes on with the new share. A
    rollout ends when it is promoted or aborted, or when anything is deployed for all.
    """

    def __init__(self, log: ExperimentLog, deployments: DeploymentLog, admission: Admission, takeover: Takeover,
                 clock: Clock) -> None:
        self._log, self._deployments, self._admission = log, deployments, admission
        self._takeover, self._clock = takeover, clock

    def execute(self, experiment_id: int, wish: RolloutWish, terms: Terms = Terms(),
                deployed_by: str | None = None) -> Deployment:
        """Raises: as `Deploy.execute`; Conflict if nothing serves the task, or this experiment does; InvalidInput for
        a share that is none, or a column that cannot decide."""
        share = _share(wish)
        experiment = self._admission.experiment(experiment_id)
        serves = _what_serves(self._deployments.history(experiment.task, limit=1), experiment)
        task = self._admission.check(experiment, terms)
        check_column(task, wish)
        self._check_columns(experiment_id, serves.experiment_id)

        def decide(history: Sequence[Deployment]) -> Deployment:
            self._log.get(experiment_id)
            now_serves = _what_serves(history, experiment)
            if not now_serves.serves_as(serves):
                raise Conflict(f"the task {task.name} was deployed by somebody else meanwhile")
            rollout = Rollout(experiment_id, wish.role, share, self._clock.now(), wish.by, terms.threshold)
            return replace(following(task.name, serves.experiment_id, history, self._clock, str(wish.role),
                                     deployed_by), threshold=serves.threshold,
                           rollout=rollout.after(now_serves.rollout))

        return self._takeover.execute(task.name, decide)

    def _check_columns(self, candidate: int, serving: int) -> None:
        """One row is asked of either. Raises: Conflict."""
        odd = sorted({name for name, _ in {*self._admission.columns(candidate)} ^ {*self._admission.columns(serving)}})
        if odd:
            raise Conflict(f"experiment {candidate} takes other columns than experiment {serving}, which serves: "
                           f"{', '.join(odd[:20])}. Callers cannot send rows for both; deploy it for all of them")


def _what_serves(history: Sequence[Deployment], candidate: Experiment) -> Deployment:
    """Raises: Conflict."""
    for deployment in since_removal(history):
        if deployment.experiment_id == candidate.id:
            raise Conflict(f"experiment {candidate.id} serves {candidate.task} already; a candidate is another one")
        return deployment
    raise Conflict(f"nothing serves {candidate.task}, which a candidate could be put beside; deploy the experiment")


def _share(wish: RolloutWish) -> float:
    """Raises: InvalidInput."""
    canary = wish.role is RolloutRole.CANARY
    if wish.by is not None and not canary:
        raise _wrong("by", "a column decides whom a canary answers; a shadow answers nobody")
    if wish.share is None and canary:
        raise _wrong("share", "is missing: which part of the requests the canary answers, above 0 and below 1")
    share = 1.0 if wish.share is None else wish.share
    if not 0 < share <= 1 or canary and share == 1:
        raise _wrong("share", f"expected a number above 0 and {'below' if canary else 'at most'} 1")
    return share


def check_column(task: Task, wish: RolloutWish) -> None:
    """Whether a row of the task can come with the column that is to decide. Raises: InvalidInput."""
    if wish.by is None:
        return
    names = [column.name for column in task.schema.columns
             if column.role is not Role.TARGET and not column.rules.from_files]
    if not names:
        raise _wrong("by", f"the task {task.name} is asked pictures, which have no columns")
    if wish.by not in names:
        raise _wrong("by", f"{wish.by[:60]} is no column that a row of {task.name} comes with; these are "
                           f"{', '.join(names[:50])}")


def _wrong(name: str, problem: str) -> InvalidInput:
    return InvalidInput(f"{name}: {problem}", [Fault(name, problem)])
