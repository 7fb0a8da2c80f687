"""The kinds of task. A new one takes a half of `inputs` and a half of `answers`, or brings a half of its own."""
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from domain.kinds.answers import GivesMasks, GivesNumbers, GivesOneOfMany, GivesOneOfTwo
from domain.kinds.inputs import FromPictures, FromTables
from domain.kinds.kind import Kind, Problem, TaskRules


class BinaryTable(FromTables, GivesOneOfTwo):
    """Which of two classes a row is of."""


class MulticlassTable(FromTables, GivesOneOfMany):
    """Which of several classes a row is of."""


class RegressionTable(FromTables, GivesNumbers):
    """Which number belongs to a row."""


class Segmentation(FromPictures, GivesMasks):
    """Which class each pixel of a picture is of."""


KINDS = (BinaryTable(), MulticlassTable(), RegressionTable(), Segmentation())
RULES: Mapping[tuple[Kind, Problem], TaskRules] = MappingProxyType({
    (rules.kind, rules.problem): rules for rules in KINDS})
MAIN_METRICS: Mapping[Problem, str] = MappingProxyType({rules.problem: rules.main_metric for rules in KINDS})
