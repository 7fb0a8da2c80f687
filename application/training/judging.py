"""What is found out of a model whoever made it, and what its file carries of that."""
from __future__ import annotations

from domain.drift import take_reference
from domain.prediction import Predictions
from domain.scoring import score
from domain.table import Table
from domain.task import Task
from domain.unseen import known_text


def score_of(task: Task, answers: Predictions, table: Table) -> dict[str, float]:
    """answers: to the rows of the table, which are labelled."""
    return score(task, task.targets(table[task.schema.target.name]), answers)


def learned_from(task: Task, train: Table, answers: Predictions) -> dict[str, str]:
    """Metadata of the file by which later rows can be told from those that it was trained on; private columns are not
    looked at. answers: its own to `train`."""
    columns = [task.schema[name] for name in task.schema.shown_names]
    return {"reference": take_reference(columns, train, answers.scores).to_text(),
            "categories": known_text(task.schema.features, train)}
