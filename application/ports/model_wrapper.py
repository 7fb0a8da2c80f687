"""Making a model file of another maker into one of the contract's form."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.model_mapping import ModelMapping
from domain.task import Task


@dataclass(frozen=True, eq=False, slots=True)
class ModelSource:
    """content: the file as its maker's tools left it. beside: path relative to it -> files that it may lean on."""

    content: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class WrappedModel:
    """model: a file of the contract's form, without any stamp. mapping: as it was understood, with what was found out.
    notes: what was guessed, or will be otherwise than one might expect, in words. producer: what the file says that
    made it."""

    model: bytes
    mapping: ModelMapping
    notes: tuple[str, ...]
    producer: str


class ModelWrapper(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def wrap(self, task: Task, source: ModelSource, mapping: ModelMapping) -> WrappedModel:
        """The same model, taking the task's columns as they are and giving `prediction` and `probabilities` in the
        order of the task's labels; the same bytes each time. It is read, and never run.

        Raises: InvalidInput with a fault for everything that is wrong or is left in doubt (`file`, `input x`,
        `outputs`, `labels`, `missing.x`, `picture.scale`); ModelCrashed if there is not the memory to open it.
        """
