"""Fitting a model to labelled rows."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.errors import ModelFailure
from domain.prediction import Predictions
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.trainer_card import TrainerCard


class TrainingFailed(ModelFailure):
    """The rows cannot be fitted: one class alone, no usable column, or the library gave up; says which."""

    code = "training_failed"


class TrainedModel(Protocol):
    """What a training made, still in the trainer's own form."""

    learning_curve: Sequence[Mapping[str, float]]  # one entry an iteration: iteration, train, valid
    importance: Mapping[str, float]  # feature -> share of the whole, summing to 1
    borders: Mapping[str, NDArray[np.float32]]  # number feature -> float32 values at which the model changes its mind
    # The answers to `parts.valid` of the model before it learned from these rows too; None if it never did.
    unseen_valid: Predictions | None = None
    # Fits the same model once more on other rows, to the end that `valid` has chosen; None if it cannot be.
    refit: Callable[[Table], TrainedModel] | None = None

    @abstractmethod
    def predict(self, table: Table) -> Predictions:
        """The trainer's own answer, the reference for what is exported."""

    @abstractmethod
    def export(self) -> bytes:
        """The model file, without any stamp: the same bytes for the same data, parameters and seed."""

    @abstractmethod
    def native(self) -> bytes:
        """The trainer's own file format."""


class Trainer(Protocol):
    """Deterministic in the rows, the parameters and the seed. Thread-safe: no."""

    @abstractmethod
    def describe(self) -> TrainerCard:
        """Its name, what it can be asked for and its parameters, always the same. Imports no library of a training."""

    @abstractmethod
    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> TrainedModel:
        """Fits on `parts.train`, stops early on `parts.valid`, never looks at `parts.test`. Where rows are so few that
        the next one says little about when to stop, it may fit to the end, and then anew on both (`unseen_valid`).

        task.training.params: those of the card, those left out as its `resolved` gives them for all rows of `parts`.
        events: a folder for TensorBoard event files. on_iteration(iteration from 1, iterations, loss on valid) is
        called as the training goes. Raises: TrainingFailed.
        """
