"""How much rows count in a training by their class."""
from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from domain.arrays import Array, Floats
from domain.errors import Fault
from domain.task import Task
from domain.trainer_card import NO_WEIGHTS, ParameterType, TrainerCard, Value


def class_weights(task: Task, asked: Value, targets: Array, stand_for: Array | None = None) -> Floats | None:
    """float64[classes], by which the rows of each class count; 1 in the mean over the rows, so that what is said of
    penalties and leaves means what it meant without. None where all count alike.

    asked: of a parameter of the type weights, without faults. targets: int64[n] class positions of the training rows,
    or pixels; stand_for: float[n], how many each stands for, if not one.
    Balanced is n / (classes * rows of the class): King, Zeng 2001, "Logistic regression in rare events data"."""
    if asked == NO_WEIGHTS:
        return None
    counts = np.bincount(targets, stand_for, minlength=len(task.labels))
    if isinstance(asked, Mapping):
        weights = np.array([float(asked.get(str(label), 1.0)) for label in task.labels])
    else:
        weights = 1 / np.maximum(counts, 1)
    whole: Floats = weights * counts.sum() / (weights * counts).sum()
    return whole


def weights_of(weights: Floats | None, targets: Array) -> Floats | None:
    """float64[n]: of each row, by its class."""
    return None if weights is None else weights[targets]


def weight_faults(card: TrainerCard, task: Task, params: Mapping[str, object]) -> list[Fault]:
    """What is asked for by label and cannot be. params: without faults of the card's."""
    names = [name for name, parameter in card.params.items() if parameter.type == ParameterType.WEIGHTS]
    faults = []
    for name in names:
        asked = params.get(name, NO_WEIGHTS)
        if asked != NO_WEIGHTS and not task.labels:
            faults.append(Fault(f"params.{name}", f"is for labels; the task is {task.kind}, {task.problem}"))
        elif isinstance(asked, Mapping):
            known = set(map(str, task.labels))
            faults += [Fault(f"params.{name}.{label}", f"is no label of the task; they are {', '.join(sorted(known))}")
                       for label in map(str, asked) if label not in known]
    return faults
