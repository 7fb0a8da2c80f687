"""May a loaded model serve its task?"""
from __future__ import annotations

from application.ports.model_runner import ModelRunner
from domain import parity
from domain.errors import ModelRejected
from domain.task import Task


def check_fitness(task: Task, runner: ModelRunner) -> None:
    """Its signature is the task's and it answers its probe as the trained model did; the model is warm afterwards.

    Raises: ModelRejected saying what is wrong.
    """
    card = runner.card
    if card.task != task.name:
        raise ModelRejected(f"the model file was made for the task {card.task or 'without a name'}, not {task.name}")
    wanted = [(column.name, column.rules.form) for column in task.schema.features]
    if (given := [(column.name, column.rules.form) for column in card.features]) != wanted:
        odd = sorted({name for name, _ in set(given) ^ set(wanted)})
        raise ModelRejected(f"the model file takes other columns than the task has: {', '.join(odd) or 'their order'}")
    if card.labels != task.labels:
        raise ModelRejected(f"the model file gives the labels {list(card.labels)}, the task has {list(task.labels)}")
    rows, reference = parity.read_probe(card.metadata.get("probe", ""), card.features, card.labels)
    parity.check(reference, runner.predict(rows), "the probe in it")
