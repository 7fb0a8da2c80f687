"""The kinds of task. A new one takes a half of `inputs` and a half of `answers`, or brings a half of its own."""
from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from domain import sheet
from domain.kinds.answers import GivesLabels, GivesMasks, GivesNumbers, GivesOneOfMany, GivesOneOfTwo
from domain.kinds.inputs import FromPictures, FromTables
from domain.kinds.kind import Kind, Problem, TaskRules

if TYPE_CHECKING:
    from domain.prediction import Predictions
    from domain.table import Table
    from domain.task import Task


class BinaryTable(FromTables, GivesOneOfTwo):
    """Which of two classes a row is of."""


class MulticlassTable(FromTables, GivesOneOfMany):
    """Which of several classes a row is of."""


class RegressionTable(FromTables, GivesNumbers):
    """Which number belongs to a row."""


class Segmentation(FromPictures, GivesMasks):
    """Which class each pixel of a picture is of."""


class _LabelledPicture(FromPictures, GivesLabels, ABC):
    """Beside its numbers it has something to look at."""

    def sheets(self, task: Task, test: Table, predictions: Predictions) -> list[sheet.Sheet]:
        return sheet.label_sheets(task, test, predictions)


class BinaryPicture(_LabelledPicture, GivesOneOfTwo):
    """Which of two classes a picture is of."""


class MulticlassPicture(_LabelledPicture, GivesOneOfMany):
    """Which of several classes a picture is of."""


KINDS = (BinaryTable(), MulticlassTable(), RegressionTable(), Segmentation(), BinaryPicture(), MulticlassPicture())
RULES: Mapping[tuple[Kind, Problem], TaskRules] = MappingProxyType({
    (rules.kind, rules.problem): rules for rules in KINDS})
MAIN_METRICS: Mapping[Problem, str] = MappingProxyType({rules.problem: rules.main_metric for rules in KINDS})
