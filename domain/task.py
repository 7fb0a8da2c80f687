"""A task: one prediction problem, with everything that is fixed about it."""
from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from domain.arrays import Array
from domain.cells import describe
from domain.columns import ColumnType
from domain.errors import Fault, InvalidInput
from domain.kinds import RULES
from domain.kinds.kind import Kind, Problem, TaskRules
from domain.labels import Label
from domain.schema import Role, Schema
from domain.training import Training

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_PREFIX_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class Split:
    """How rows are parted into train, valid and test.

    by: a column whose first `prefix_chars` characters name a group that stays together (a time stamp cut to its day
    holds out whole days); None parts single rows. by_time: a column of dates instead, of which the oldest train, newer
    ones stop and the newest judge. holdout and valid are shares of the groups, or of the rows by time, 0..1. By groups
    and single rows a row keeps its part in every later dataset version; by time see `domain/time_cuts.py`.
    """

    by: str | None = None
    prefix_chars: int = 10
    holdout: float = 0.2
    valid: float = 0.1
    seed: int = 42
    by_time: str | None = None

    @property
    def column(self) -> str | None:
        """What a row's part depends on, if not on its position."""
        return self.by_time or self.by


@dataclass(frozen=True)
class Task:
    """labels: the classes in the order of the model's probabilities; empty for regression. schema_version: counts the
    definitions that a task of this name has had, from 1; no part of the definition itself. rules: of its kind and
    problem."""

    name: str
    kind: Kind
    problem: Problem
    schema: Schema
    labels: tuple[Label, ...] = ()
    split: Split = Split()
    training: Training = Training()
    description: str = ""
    # Where demo data come from, for the tasks that ship with the product.
    demo: str | None = None
    schema_version: int = field(default=1, compare=False)
    rules: TaskRules = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if (self.kind, self.problem) not in RULES:
            raise InvalidInput(f"the task cannot be used: kind {_PAIRS}", [Fault("kind", _PAIRS)])
        object.__setattr__(self, "rules", RULES[self.kind, self.problem])
        if faults := _task_faults(self):
            raise InvalidInput(f"the task cannot be used: {faults[0].where} {faults[0].problem}", faults)

    @property
    def positive(self) -> Label:
        """The label whose probability scores a binary problem: the last one."""
        return self.labels[-1]

    def with_positive(self, label: object) -> Task:
        """The same with this one, as it is or in words, for the positive label. Raises: InvalidInput."""
        chosen = [known for known in self.labels if str(known) == str(label)]
        if self.problem is not Problem.BINARY:
            problem = f"is for two classes; the problem is {self.problem}"
        elif not chosen or isinstance(label, bool):
            problem = f"is one of {', '.join(map(str, self.labels))}, got {describe(label)}"
        else:
            return replace(self, labels=(*(known for known in self.labels if known not in chosen), *chosen))
        raise InvalidInput(f"positive {problem}", [Fault("positive", problem)])

    def targets(self, column: Array, first_row: int = 1) -> Array:
        """As the rules of the task's kind give them. Raises: InvalidInput for a label not in `labels`."""
        return self.rules.targets(self, column, first_row)


_PAIRS = ("image goes with the problems binary, multiclass and segmentation, tabular with binary, multiclass and "
          "regression")


def _task_faults(task: Task) -> list[Fault]:
    faults = []
    if not NAME.fullmatch(task.name):
        faults.append(Fault("name", "is a lower-case letter, then letters, digits and _, 40 characters at most"))
    if task.rules.class_counts is not None:
        low, high = task.rules.class_counts
        # How many different ones there are is not looked at among any number of them.
        if not low <= len(task.labels) <= high or len(set(map(str, task.labels))) < len(task.labels):
            faults.append(Fault("labels", f"a {task.problem} problem has {low} to {high} different labels"))
    if len({type(label) for label in task.labels}) > 1:
        faults.append(Fault("labels", "are all strings or all integers"))
    target = task.schema.target.type
    if target is not task.rules.target_type:
        faults.append(Fault(f"column {task.schema.target.name}", f"a {task.problem} target cannot be a {target}"))
    return faults + task.rules.column_faults(task) + _split_faults(task.split, task.schema)


def _split_faults(split: Split, schema: Schema) -> list[Fault]:
    faults = []
    if split.by is not None and split.by not in schema:
        faults.append(Fault("split.by", f"there is no column {split.by}"))
    elif split.by is not None and schema[split.by].role is Role.IGNORED:
        faults.append(Fault("split.by", f"the column {split.by} is ignored, so it is not stored"))
    faults += [Fault("split.by_time", problem) for problem in _time_problems(split, schema)]
    if not 0 < split.prefix_chars <= MAX_PREFIX_CHARS:
        faults.append(Fault("split.prefix_chars", f"is from 1 to {MAX_PREFIX_CHARS}"))
    if not 0 <= split.seed < 2**63:
        faults.append(Fault("split.seed", "is from 0 to 2^63 - 1"))
    if not (0 < split.holdout < 1 and 0 < split.valid < 1 and split.holdout + split.valid < 1):
        faults.append(Fault("split", "holdout and valid are shares above 0, and together below 1"))
    return faults


def _time_problems(split: Split, schema: Schema) -> list[str]:
    if split.by_time is None:
        return []
    if split.by_time not in schema:
        return [f"there is no column {split.by_time}"]
    column, problems = schema[split.by_time], []
    if split.by is not None:
        problems.append("rows are parted by time or by groups, not by both: leave out split.by")
    if column.role in (Role.IGNORED, Role.TARGET):
        problems.append(f"the column {column.name} is {_BY_ROLE[column.role]}")
    if column.type is not ColumnType.DATETIME:
        problems.append(f"the column {column.name} holds no dates: it is a {column.type}")
    elif column.nullable:
        problems.append(f"the column {column.name} may be without a date, and such a row has no place in time: say "
                        "nullable: false")
    return problems


_BY_ROLE = {Role.IGNORED: "ignored, so it is not stored", Role.TARGET: "the target"}
