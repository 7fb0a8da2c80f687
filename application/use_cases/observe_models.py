"""How the models that serve are doing."""
from __future__ import annotations

from datetime import timedelta

from application.ports.clock import Clock
from application.ports.deployment_log import DeploymentLog
from application.ports.observation_store import ObservationStore
from application.ports.prediction_store import PredictionStore, Wanted
from application.ports.task_catalog import TaskCatalog
from application.queries.model_cards import ModelCards
from application.queries.seen_rows import drift_of, judged
from application.serving.trained_task import trained_task
from application.serving.wanted import go_on
from domain import drift
from domain.deployment import Deployment
from domain.observation import ObservedModel


class ObserveModels:
    """Compares what each serving model was asked lately with what it was trained on, and its answers with the labels
    that are known by now, and writes down what it saw. Lately means the window, and at most `max_rows` rows of it, the
    newest.
    """

    def __init__(self, deployments: DeploymentLog, tasks: TaskCatalog, cards: ModelCards, store: PredictionStore,
                 observations: ObservationStore, clock: Clock, window: timedelta, max_rows: int) -> None:
        self._deployments, self._tasks, self._cards, self._store = deployments, tasks, cards, store
        self._observations, self._clock, self._window, self._max_rows = observations, clock, window, max_rows

    def execute(self) -> None:
        """Raises: what the ports raise, once it has looked at all that can be looked at; NobodyWaits between two
        models, where nobody wants it to go on."""
        failures = []
        for deployment in self._deployments.current_all():
            go_on()
            try:
                self._observations.put(self._observed(deployment))
            except Exception as failure:  # one broken model file must not hide the other models
                failures.append(failure)
        if failures:
            raise failures[0]

    def _observed(self, deployment: Deployment) -> ObservedModel:
        card, now = self._cards.of(deployment.experiment_id), self._clock.now()
        task, reference = trained_task(self._tasks, deployment.task, card), drift.read_reference(
            card.metadata.get("reference", ""))
        wanted = Wanted(task.name, deployment.experiment_id, since=now - self._window)
        rows = self._store.newest(wanted, self._max_rows)
        labelled = self._store.newest(Wanted(task.name, deployment.experiment_id, labelled=True, since=wanted.since),
                                      self._max_rows)
        scorer = judged(task, labelled)
        return ObservedModel(task.name, deployment.experiment_id, now, len(rows), len(labelled),
                             drift_of(task, reference, rows), scorer.metrics() if scorer else {})
