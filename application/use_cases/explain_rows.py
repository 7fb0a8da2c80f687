"""Why a model answers a row as it does."""
from __future__ import annotations

import numpy as np

from application.ports.experiment_log import ExperimentLog
from application.ports.feature_store import FeatureStore, UnknownDatasetVersion
from application.ports.serving_models import ServedModel
from application.queries.remembered import Remembered
from application.serving.wanted import go_on
from domain.errors import Conflict, InvalidInput
from domain.even_sample import EvenSample
from domain.explaining import MOST_OTHERS, Explanations, explain
from domain.prediction import Predictions
from domain.table import Table

OF_PICTURES = "explanations are of rows of a table; which region of a picture decided is shown by the form heatmap"
REMEMBERED = 32
# Of a version the first so many rows are looked at: a few dozen are chosen among them.
_LOOKED_AT = 100_000


class NothingToCompareWith(Conflict):
    code = "nothing_to_compare_with"


class ExplainRows:
    """Sets each row against some of those that its model has learned from, as they are kept: what the model makes of
    them with one value after the other taken over from the row."""

    def __init__(self, store: FeatureStore, experiments: ExperimentLog) -> None:
        self._store, self._experiments = store, experiments
        self._others: Remembered[tuple[str, int, int], Table] = Remembered(REMEMBERED)

    def check(self, served: ServedModel) -> None:
        """Before anything is answered. Raises: InvalidInput for a task of pictures, NothingToCompareWith."""
        self._others_of(served)

    def execute(self, served: ServedModel, table: Table, answers: Predictions) -> Explanations:
        """table: coerced rows. answers: what this model has answered them. Raises: as `check`; ModelCrashed."""
        others, names = self._others_of(served), [column.name for column in served.task.schema.features]
        labels = [None] * table.n_rows if answers.probabilities is None else answers.values.tolist()
        base, added = np.empty(table.n_rows), np.empty((table.n_rows, len(names)))
        for place, row in enumerate(table.select(names).chunks(1)):
            go_on()
            base[place], added[place] = explain(served.runner.predict, row, labels[place], others)
        return Explanations(base, dict(zip(names, added.T, strict=True)))

    def _others_of(self, served: ServedModel) -> Table:
        task = served.task
        if any(column.rules.from_files for column in task.schema.features):
            raise InvalidInput(OF_PICTURES)
        return self._others.of((task.name, task.schema_version, served.experiment_id), lambda: self._read(served))

    def _read(self, served: ServedModel) -> Table:
        """Raises: NothingToCompareWith."""
        version = self._experiments.get(served.experiment_id).dataset_version
        # Half as many are kept at least.
        sample, seen = EvenSample(2 * MOST_OTHERS), 0
        try:
            for chunk in self._store.read(
                    served.task, version, columns=[column.name for column in served.task.schema.features]):
                sample.add(chunk)
                seen += chunk.n_rows
                if seen >= _LOOKED_AT:
                    break
        except UnknownDatasetVersion:
            seen = 0
        if not seen:
            raise NothingToCompareWith(f"dataset version {version} of the task {served.task.name}, which experiment "
                                       f"{served.experiment_id} has learned from, is not there to compare rows with")
        return sample.table
