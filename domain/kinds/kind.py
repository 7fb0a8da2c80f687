"""What has to be known of a kind of task: what comes in, what is learned from it, and how it is judged."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Protocol

from domain.arrays import Array
from domain.columns import ColumnType

if TYPE_CHECKING:
    from domain.errors import Fault
    from domain.influence import Influences
    from domain.prediction import Predictions
    from domain.report import Plot
    from domain.schema import Column
    from domain.sheet import Sheet
    from domain.table import Table
    from domain.target_summary import TargetSummary
    from domain.task import Task

Metrics = dict[str, float]


class Kind(StrEnum):
    """What a task learns from: rows of a table, or pictures."""

    TABULAR = "tabular"
    IMAGE = "image"


class Problem(StrEnum):
    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
    SEGMENTATION = "segmentation"


class Scorer(Protocol):
    """Metrics of rows that come part by part."""

    def add(self, targets: Array, predictions: Predictions) -> None:
        """targets: as `TaskRules.targets` gives them."""

    def metrics(self) -> Metrics:
        """Of all rows added. A metric that has no value for them is left out. Raises: InvalidInput if there are
        none."""

    def influences(self) -> Influences:
        """By metric how far each row added draws it, in their order; at least one row."""


class TaskRules(ABC):
    """One object for each kind of task, found by what it learns from and what problem it solves. Whoever has a task
    asks `task.rules`, never which kind it is. A subclass takes one of the halves below from each side.
    """

    kind: ClassVar[Kind]
    problem: ClassVar[Problem]

    # --- what comes in

    # What a model of another maker is tried by before it answers all rows, and how many rows are one step then.
    trial_rows: ClassVar[int]
    step_rows: ClassVar[int]
    # A few real rows may be carried by a model file.
    rows_are_small: ClassVar[bool]

    @abstractmethod
    def column_faults(self, task: Task) -> list[Fault]:
        """What is wrong with the columns of a task of this kind."""

    @abstractmethod
    def made_rows(self, columns: Sequence[Column], sample: Table, borders: Mapping[str, Array],
                  seed: int = 0) -> Table:
        """Rows where exports go wrong, drawn around real ones.

        columns: the features. sample: at least one row of real data. borders: float32 values by number column, at which
        the model changes its mind."""

    # --- what is learned

    target_type: ClassVar[ColumnType]
    # The least and the greatest number of labels; None where there are none.
    class_counts: ClassVar[tuple[int, int] | None]
    # Labels that a text may stand for, in a file of rows.
    labels_are_texts: ClassVar[bool]
    # True labels may come later than the answers, and then tell how good these were.
    labels_come_late: ClassVar[bool]

    @abstractmethod
    def targets(self, task: Task, column: Array, first_row: int) -> Array:
        """The target column as numbers: int64[n] class positions, float64[n] of a regression, or object[n] of
        uint8[height, width] class positions, or VOID.

        first_row: the number of the first one in the caller's words. Raises: InvalidInput for a label the task lacks.
        """

    @abstractmethod
    def summary(self, task: Task, targets: Array) -> TargetSummary:
        """What targets are like. targets: at least one."""

    @abstractmethod
    def logged(self, task: Task, predictions: Sequence[str], scores: Sequence[float],
               probabilities: Sequence[Sequence[float] | None]) -> Predictions:
        """Answers as the prediction log has them; only where labels come late."""

    # --- how it is judged

    # By name; the first one is what experiments are ranked by.
    metrics: ClassVar[tuple[str, ...]]
    loss: ClassVar[str]

    @property
    def main_metric(self) -> str:
        return self.metrics[0]

    @abstractmethod
    def scorer(self, task: Task) -> Scorer:
        """A new one, for one set of rows."""

    @abstractmethod
    def plots(self, task: Task, targets: Array, predictions: Predictions) -> list[Plot]:
        """What an evaluation is judged by beside its metrics."""

    def sheets(self, task: Task, test: Table, predictions: Predictions) -> list[Sheet]:
        """Cases to be looked at, if there is something to see. test: the rows of `predictions`, with their target."""
        return []
