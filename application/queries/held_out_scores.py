"""How good experiments are on the held-out rows of dataset versions."""
from __future__ import annotations

from collections.abc import Mapping

from application.ports.feature_store import FeatureStore
from application.ports.model_runner import ModelRunner
from application.queries.judged_models import JudgedModels
from application.queries.parted import parted
from application.queries.remembered import Remembered
from domain.splitting import TEST
from domain.task import Task

REMEMBERED = 256
Scores = Mapping[str, float]


class HeldOutScores:
    """Neither an experiment's model nor a dataset version ever changes, nor a schema version, so what was measured once
    is remembered. A model that was trained before a label was added gives rows with it no chance."""

    def __init__(self, store: FeatureStore, judged: JudgedModels) -> None:
        self._store, self._judged = store, judged
        self._known: Remembered[tuple[str, int, int, int], Scores] = Remembered(REMEMBERED)

    def of(self, task: Task, version: int, runners: Mapping[int, ModelRunner]) -> Mapping[int, Scores]:
        """runners: by experiment. The rows are read once for all that are not known yet.

        Raises: UnknownDatasetVersion, ModelCrashed, InvalidInput where no row is held out.
        """
        known = {number: scores for number in runners
                 if (scores := self._known.get((task.name, task.schema_version, version, number))) is not None}
        measured = self._measured(task, version, {
            number: runner for number, runner in runners.items() if number not in known})
        for number, scores in measured.items():
            self._known.put((task.name, task.schema_version, version, number), scores)
        return known | measured

    def _measured(self, task: Task, version: int, runners: Mapping[int, ModelRunner]) -> dict[int, Scores]:
        if not runners:
            return {}
        judges = {number: self._judged.of(number, runner) for number, runner in runners.items()}
        scorers = {number: task.rules.scorer(task) for number in runners}
        for table, parts in parted(self._store, task, version):
            held_out = table.take(parts == TEST)
            targets = task.targets(held_out[task.schema.target.name])
            for number, runner in judges.items():
                scorers[number].add(targets, runner.predict(held_out).among(task.labels))
        return {number: scorer.metrics() for number, scorer in scorers.items()}
