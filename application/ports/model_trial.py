"""Trying out a model that nobody here knows, where it can do no harm."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from application.ports.model_wrapper import ModelSource
from domain.errors import ModelFailure
from domain.experiment import Metrics
from domain.learned import Learned
from domain.makers_answers import MakersAnswers
from domain.model_mapping import ModelMapping
from domain.task import Task


class TooSlow(ModelFailure):
    """It was given its time and had not answered."""

    code = "too_slow"


@dataclass(frozen=True, eq=False, slots=True)
class TrialRun:
    """folder: holds train.parquet, valid.parquet and test.parquet, and takes what the trial leaves. makers: None where
    the maker's own answers are not known."""

    task: Task
    source: ModelSource
    mapping: ModelMapping
    folder: Path
    makers: MakersAnswers | None = None


@dataclass(frozen=True, eq=False, slots=True)
class TrialOutcome:
    """model: of the contract's form, with probe and reference in it, not yet stamped for an experiment. parity: the
    largest difference from the maker's answers, None where they are not known. files: artifact path -> file. learned:
    of its rows and columns."""

    model: bytes
    metrics: Metrics
    mapping: ModelMapping
    notes: Sequence[str]
    producer: str
    parity: float | None
    files: Mapping[str, Path]
    learned: Learned


class ModelTrial(Protocol):
    """Thread-safe: yes, each trial has a folder of its own."""

    @abstractmethod
    def run(self, run: TrialRun) -> TrialOutcome:
        """Wraps the model, tries it out, compares it with its maker's answers and judges it, in a process of its own
        that has only so much time and memory; what becomes of that process is told, and touches nobody else.

        Raises: InvalidInput, ModelRejected and ModelCrashed as what is done there (`TryModel`) does, ModelCrashed for a
        process that died too, TooSlow.
        """
