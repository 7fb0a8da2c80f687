"""How a task has done lately."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np

from application.ports.artifact_store import UnknownArtifact
from application.ports.clock import Clock
from application.ports.deployment_log import DeploymentLog
from application.ports.model_runner import UnreadableModel
from application.ports.prediction_store import PredictionStore, StoredPrediction, Wanted
from application.ports.task_catalog import TaskCatalog
from application.ports.traffic_log import TrafficLog
from application.queries.model_cards import ModelCards
from application.queries.remembered import Remembered
from application.queries.seen_rows import drift_of, judged
from application.serving.trained_task import trained_task
from application.serving.wanted import go_on
from domain import drift
from domain.deployment import Deployment
from domain.live_history import Answered, Estimate, Last, LiveHistory, LiveSpan, edges, estimate
from domain.prediction import ModelCard
from domain.shown_difference import margin
from domain.task import Task
from domain.traffic import TrafficCount

# With so many a share is known to 4.5 points or better, and the PSI of ten bins to 0.02.
SAMPLE_ROWS = 500
_LATENCY, _NUMBERS = (0.5, 0.95), (0.1, 0.5, 0.9)
_DEPLOYMENTS, _KEPT = 1_000, 512
# Task and span, with the number of its rows: those of the past hardly ever change, and then their number does.
_Key = tuple[str, datetime, datetime, int]
# What labels show, the experiment and the minute with it: one that comes later may take the place of another.
_Judged = tuple[int, Mapping[str, Estimate]]


class HowItWent:
    """Tells of the last hours or days of a task, span by span: requests and those that were refused or failed, answered
    rows, how long they took, what was predicted, how far the columns are from training, and how good the answers were
    whose label is known by now; and the deployments in between. Rows are counted all; what they were like is seen of
    500 a span at most, spread evenly over it. Columns and quality are those of the experiment that answered most of
    them. Requests are counted where they come in and kept for a month."""

    def __init__(self, tasks: TaskCatalog, store: PredictionStore, traffic: TrafficLog, deployments: DeploymentLog,
                 cards: ModelCards, clock: Clock) -> None:
        self._tasks, self._store, self._traffic, self._deployments = tasks, store, traffic, deployments
        self._cards, self._clock = cards, clock
        self._seen: Remembered[_Key, Answered] = Remembered(_KEPT)
        self._judged: Remembered[tuple[_Key, int, datetime], _Judged] = Remembered(_KEPT)

    def execute(self, name: str, last: Last) -> LiveHistory:
        """Raises: UnknownTask, and what the ports raise; NobodyWaits between two spans, where nobody wants it to go
        on."""
        task, now = self._tasks.get(name), self._clock.now()
        between, minute = edges(last, now), now.replace(second=0, microsecond=0)
        answers, requests = self._store.counts(name, between), self._traffic.counts(name, between)
        spans = [self._span(task, (name, *span, count), came, minute) for span, count, came in
                 zip(pairwise(between), answers, requests, strict=True)]
        return LiveHistory(name, last, spans, self._deployed(name, between[0]))

    def _deployed(self, name: str, since: datetime) -> list[Deployment]:
        lately = [one for one in self._deployments.history(name, _DEPLOYMENTS) if one.created_at >= since]
        return sorted(lately, key=lambda deployment: deployment.created_at)

    def _span(self, task: Task, key: _Key, came: TrafficCount, minute: datetime) -> LiveSpan:
        _, since, until, answers = key
        if not answers:
            return LiveSpan(since, until, 0, came)
        go_on()
        seen = self._seen.of(key, lambda: self._look(task, since, until))
        if (number := seen.experiment_id) is None:
            return LiveSpan(since, until, answers, came, seen)
        labelled, quality = self._judged.of((key, number, minute), lambda: self._quality(task, number, since, until))
        return LiveSpan(since, until, answers, came, seen, labelled, quality)

    def _look(self, task: Task, since: datetime, until: datetime) -> Answered:
        rows = self._store.sample(Wanted(task.name, since=since, until=until), SAMPLE_ROWS)
        if not rows:  # forgotten meanwhile
            return Answered()
        (experiment_id, _), = Counter(row.experiment_id for row in rows).most_common(1)
        return Answered(
            len(rows), experiment_id, _quantiles([row.latency_s for row in rows], _LATENCY),
            _shares(rows) if task.labels else {},
            {} if task.labels else _quantiles([row.score for row in rows], _NUMBERS),
            self._drift(task, experiment_id, [row for row in rows if row.experiment_id == experiment_id]))

    def _drift(self, task: Task, experiment_id: int, rows: Sequence[StoredPrediction]) -> dict[str, float]:
        if (card := self._card(experiment_id)) is None:
            return {}
        reference = drift.read_reference(card.metadata.get("reference", ""))
        found = drift_of(trained_task(self._tasks, task.name, card), reference, rows)
        return {name: one.psi for name, one in found.items()}

    def _quality(self, task: Task, experiment_id: int, since: datetime, until: datetime) -> _Judged:
        """With the number of labelled rows. Labels come late, so this is looked at anew every minute."""
        card = self._card(experiment_id)
        if card is None or not task.rules.labels_come_late:
            return 0, {}
        rows = self._store.sample(Wanted(task.name, experiment_id, labelled=True, since=since, until=until),
                                  SAMPLE_ROWS)
        scorer = judged(trained_task(self._tasks, task.name, card), rows)
        if scorer is None:
            return 0, {}
        drawn = scorer.influences()
        return len(rows), {name: estimate(name, value, margin(drawn[name]) if name in drawn else None, len(rows))
                           for name, value in scorer.metrics().items()}

    def _card(self, experiment_id: int) -> ModelCard | None:
        """None where the model file is gone, as that of a deleted experiment is."""
        try:
            return self._cards.of(experiment_id)
        except (UnknownArtifact, UnreadableModel):
            return None


def _quantiles(values: Sequence[float], which: Sequence[float]) -> dict[float, float]:
    return dict(zip(which, np.quantile(values, which).tolist(), strict=True))


def _shares(rows: Sequence[StoredPrediction]) -> dict[str, float]:
    """The most frequent label first."""
    return {label: count / len(rows) for label, count in Counter(row.prediction for row in rows).most_common()}
