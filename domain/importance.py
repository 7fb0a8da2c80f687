"""How much a model leans on each column, found out from outside of it."""
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from domain.prediction import Predictions
from domain.scoring import LARGER_IS_BETTER, score
from domain.table import Table
from domain.task import Task


def permutation_importance(task: Task, table: Table, predict: Callable[[Table], Predictions],
                           seed: int = 0) -> dict[str, float]:
    """Feature -> share of the whole, by how much worse the answers are with its values shuffled (Breiman 2001, "Random
    forests", section 10). What is no worse without a column counts as 0 of it.

    table: labelled rows, one at least. Of a single feature it is the whole, and nothing is asked.
    """
    if len(task.schema.features) == 1:
        return {task.schema.features[0].name: 1.0}
    random = np.random.default_rng(seed)
    targets = task.targets(table[task.schema.target.name])
    known, lost = score(task, targets, predict(table)), {}
    metric = next((name for name in task.rules.metrics if name in known), task.rules.main_metric)
    before = known.get(metric, 0.0)
    for column in task.schema.features:
        mixed = Table(dict(table.columns) | {column.name: random.permutation(table[column.name])})
        after = score(task, targets, predict(mixed)).get(metric, before)
        lost[column.name] = max(0.0, before - after if LARGER_IS_BETTER[metric] else after - before)
    whole = sum(lost.values()) or 1.0
    return {name: loss / whole for name, loss in lost.items()}
