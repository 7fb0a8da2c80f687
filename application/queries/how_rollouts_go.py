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
    is known; beside a shadow of those that both have answered."""

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
        tasks = self._task(of_candidate), self._task(of_serving)
        if shadow and tasks[0] is not None and tasks[1] is not None:
            return self._paired(deployment, of_candidate, of_serving, (tasks[0], tasks[1]))
        return RolloutState(deployment, self._seen(of_candidate, tasks[0]), self._seen(of_serving, tasks[1]))

    def _seen(self, wanted: Wanted, task: Task | None) -> Seen:
        n_rows, rows = self._beside.count(wanted), self._store.newest(_labelled(wanted), SAMPLE_ROWS)
        return _quality(n_rows, len(rows), None if task is None else judged(task, rows))

    def _paired(self, deployment: Deployment, of_candidate: Wanted, of_serving: Wanted, tasks: tuple[Task, Task]
                ) -> RolloutState:
        """tasks: as each of the two models was trained."""
        pairs = self._beside.pairs(of_candidate, SAMPLE_ROWS)
        # A label may have come to one of the two alone, as the log is being written.
        both = [(shadow, given) for shadow, given in self._beside.pairs(_labelled(of_candidate), SAMPLE_ROWS)
                if shadow.label == given.label]
        among = max(tasks, key=lambda task: len(task.labels))
        first, second = (judged(task, [pair[place] for pair in both], among) for place, task in enumerate(tasks))
        same, apart = _compared(among, pairs)
        return RolloutState(
            deployment, _quality(self._beside.count(of_candidate), len(both), first),
            _quality(self._beside.count(of_serving), len(both), second), len(pairs), same, apart,
            {} if first is None or second is None else _shown(first, second))

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


def _quality(n_rows: int, n_labelled: int, scorer: Scorer | None) -> Seen:
    if scorer is None:
        return Seen(n_rows)
    drawn = scorer.influences()
    return Seen(n_rows, n_labelled, {
        name: estimate(name, value, margin(drawn[name]) if name in drawn else None, n_labelled)
        for name, value in scorer.metrics().items()})


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
