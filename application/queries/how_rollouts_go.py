"""How the candidates of rollouts are doing beside what serves."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from application.ports.answers_beside import AnswersBeside
from application.ports.artifact_store import UnknownArtifact
from application.ports.deployment_log import DeploymentLog
from application.ports.prediction_store import PredictionStore, StoredPrediction, Wanted
from application.ports.task_catalog import TaskCatalog
from application.queries.model_cards import ModelCards
from application.queries.seen_rows import judged
from application.serving.trained_task import trained_task
from domain.deployment import Deployment
from domain.errors import ModelRejected
from domain.kinds.kind import Scorer
from domain.live_history import Estimate, estimate
from domain.rollout import Rollout, RolloutRole
from domain.shown_difference import ShownDifference, margin, shown_differences
from domain.task import Task

# The newest; of so many a share is known to 1.4 points or better.
SAMPLE_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Seen:
    """rows: answered by a model since the rollout began, all of them. quality: of the newest `n_labelled` whose label
    is known."""

    rows: int
    n_labelled: int = 0
    quality: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RolloutState:
    """deployment: what serves, with its rollout. Of a shadow, of which every row was answered by both: n_pairs, how
    many were looked at; same, the share of them with the same answer, or of numbers how far these are apart in the
    mean, in the unit of the target; differences, of the metrics, candidate minus what serves, on those with a label."""

    deployment: Deployment
    candidate: Seen
    serving: Seen
    n_pairs: int = 0
    same: float | None = None
    apart: float | None = None
    differences: Mapping[str, ShownDifference] = field(default_factory=dict)

    @property
    def rollout(self) -> Rollout:
        assert self.deployment.rollout is not None
        return self.deployment.rollout


class HowRolloutsGo:
    """Tells of each rollout that goes on what its candidate and what serves have answered since it began, and how good
    that was by the labels that are known. A shadow and what serves answered the same rows, so their metrics are set
    against each other row by row; a canary has callers of its own, and its metrics have intervals of their own."""

    def __init__(self, deployments: DeploymentLog, tasks: TaskCatalog, store: PredictionStore,
                 beside: AnswersBeside, cards: ModelCards) -> None:
        self._deployments, self._tasks, self._cards = deployments, tasks, cards
        self._store, self._beside = store, beside

    def execute(self, task: str | None = None) -> Sequence[RolloutState]:
        """task: None for all. Raises: UnknownTask, and what the ports raise."""
        if task is not None:
            self._tasks.get(task)
        return [self._state(deployment, deployment.rollout) for deployment in self._deployments.current_all()
                if deployment.rollout is not None and task in (None, deployment.task)]

    def _state(self, deployment: Deployment, rollout: Rollout) -> RolloutState:
        shadow = rollout.role is RolloutRole.SHADOW
        of_candidate = Wanted(deployment.task, rollout.experiment_id, since=rollout.since, shadow=shadow)
        of_serving = Wanted(deployment.task, deployment.experiment_id, since=rollout.since)
        candidate, serving = self._seen(of_candidate), self._seen(of_serving)
        if not shadow:
            return RolloutState(deployment, candidate, serving)
        if (task := self._task(of_candidate)) is None:
            return RolloutState(deployment, candidate, serving)
        pairs = self._beside.pairs(of_candidate, SAMPLE_ROWS)
        same, apart = _compared(task, pairs)
        return RolloutState(deployment, candidate, serving, len(pairs), same, apart, self._differences(
            task, self._beside.pairs(_labelled(of_candidate), SAMPLE_ROWS)))

    def _seen(self, wanted: Wanted) -> Seen:
        n_rows, task = self._beside.count(wanted), self._task(wanted)
        rows = [] if task is None else self._store.newest(_labelled(wanted), SAMPLE_ROWS)
        scorer = None if task is None else judged(task, rows)
        if scorer is None:
            return Seen(n_rows)
        drawn = scorer.influences()
        return Seen(n_rows, len(rows), {
            name: estimate(name, value, margin(drawn[name]) if name in drawn else None, len(rows))
            for name, value in scorer.metrics().items()})

    def _differences(self, task: Task, pairs: Sequence[tuple[StoredPrediction, StoredPrediction]]
                     ) -> Mapping[str, ShownDifference]:
        # A label may have come to one of the two alone, as the log is being written.
        both = [(shadow, given) for shadow, given in pairs if shadow.label == given.label]
        first, second = (judged(task, [pair[place] for pair in both]) for place in (0, 1))
        return {} if first is None or second is None else _shown(first, second)

    def _task(self, wanted: Wanted) -> Task | None:
        """As the model was trained; None where its file is gone or broken, which must not hide the rollout: it can
        still be aborted."""
        assert wanted.experiment_id is not None
        try:
            return trained_task(self._tasks, wanted.task, self._cards.of(wanted.experiment_id))
        except (UnknownArtifact, ModelRejected):
            return None


def _labelled(wanted: Wanted) -> Wanted:
    return replace(wanted, labelled=True)


def _shown(first: Scorer, second: Scorer) -> Mapping[str, ShownDifference]:
    return shown_differences(first.metrics(), second.metrics(), first.influences(), second.influences(), None)


def _compared(task: Task, pairs: Sequence[tuple[StoredPrediction, StoredPrediction]]
              ) -> tuple[float | None, float | None]:
    """(share with the same answer, mean distance of numbers)."""
    if not pairs:
        return None, None
    if not task.labels:
        return None, sum(abs(shadow.score - given.score) for shadow, given in pairs) / len(pairs)
    return sum(shadow.prediction == given.prediction for shadow, given in pairs) / len(pairs), None
