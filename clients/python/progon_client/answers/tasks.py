"""Tasks."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from progon_client.answers.files import ReadAs
from progon_client.answers.words import Certainty, ColumnType, Kind, Problem, Role


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a task."""

    name: str
    type: ColumnType
    role: Role | None = None
    nullable: bool | None = None
    #: Texts that mean no value, beside the empty one
    missing: list[str] | None = None
    private: bool | None = None
    description: str | None = None
    #: Of a picture or a mask: 1 (grey) or 3
    channels: int | None = None
    #: Of a picture: 8 or 16 for each channel
    bits: int | None = None
    #: Of codes: how wide they are, filled with zeros in front; 0 for as wide as they are. 501, 501.0 and 00501 are
    #: one of them then
    digits: int | None = None
    #: Of dates: 31/12/2024, or 12/31/2024 where it is false; null for ISO 8601 alone
    day_first: bool | None = None
    #: Of a mask: the pixel value of each label; 0, 1, 2, ... if left out; of one in colour 0xRRGGBB
    values: list[int] | None = None
    #: Of a mask: the value of pixels that are neither trained on nor judged
    void: int | None = None
    #: Schema version that took it in; rows from before have no value there
    since: int | None = None


@dataclass(frozen=True, kw_only=True)
class Split:
    """How rows are parted into train, valid and test."""

    by: str | None = None
    by_time: str | None = None
    prefix_chars: int | None = None
    holdout: float | None = None
    valid: float | None = None
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class TaskDocument:
    """A task, as its YAML file has it."""

    name: str
    kind: Kind
    problem: Problem
    description: str | None = None
    columns: list[Column]
    #: The classes, in the order of a model's probabilities
    labels: list[str | int] | None = None
    split: Split | None = None
    #: What the task says of it: the trainer, if not catboost, and its parameters; GET /trainers has them all
    training: dict[str, Any] | None = None
    demo: str | None = None


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """Every task, by name."""

    tasks: list[TaskDocument]


@dataclass(frozen=True, kw_only=True)
class Version:
    """A dataset version: one batch more than the version before."""

    dataset_version: int
    batch_id: str
    rows_added: int
    rows: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Served:
    """What serves a task."""

    experiment_id: int
    generation: int
    #: When it began to serve
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Task(TaskDocument):
    """A task, its data and what serves it."""

    #: Counts its definitions; a change makes the next one
    schema_version: int
    #: Oldest first
    versions: list[Version]
    #: null while nothing serves it
    deployment: Served | None


@dataclass(frozen=True, kw_only=True)
class DeletedTask:
    """A task that is there no more."""

    task: str
    #: The last that it had
    schema_version: int


@dataclass(frozen=True, kw_only=True)
class OtherReading:
    """What a column may be instead; a task document with it is how to have it so."""

    #: What speaks for it, or what to do
    why: str
    #: null where the values cannot be read so as they are written
    column: Column | None
    #: Of a target: what the task would be
    problem: Problem | None
    #: Of a target: the classes, the positive one last
    labels: list[str | int]


@dataclass(frozen=True, kw_only=True)
class ColumnFacts:
    """What was seen of a column, and what was made of it."""

    name: str
    type: ColumnType
    role: Role
    #: Share of the rows
    missing: float
    distinct: int
    #: Counting stops at some number
    distinct_is_exact: bool
    #: The first different values as they are written, long ones cut
    examples: list[str]
    why: str
    #: unsure: as much speaks for what stands in `instead`
    certainty: Certainty
    #: null where nothing speaks for another reading
    instead: OtherReading | None


@dataclass(frozen=True, kw_only=True)
class Inferred:
    """How a task was made of a table."""

    rows: int
    #: They are left out
    rows_without_target: int
    columns: list[ColumnFacts]


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a file holds, before it makes a task."""

    kind: Kind
    #: What has to be said of it to make a task
    needs: list[str]
    #: null of pictures
    rows: int | None
    #: What each would be beside another one as the target; none of pictures
    columns: list[ColumnFacts]
    #: Of a table; null of pictures
    read: ReadAs | None


@dataclass(frozen=True, kw_only=True)
class CreatedTask:
    """A new task, and its first data."""

    name: str
    kind: Kind
    problem: Problem
    description: str | None = None
    columns: list[Column]
    #: The classes, in the order of a model's probabilities
    labels: list[str | int] | None = None
    split: Split | None = None
    #: What the task says of it: the trainer, if not catboost, and its parameters; GET /trainers has them all
    training: dict[str, Any] | None = None
    demo: str | None = None
    #: null without data
    dataset_version: int | None
    rows_added: int
    #: null for a task that came as a document, and of pictures
    inferred: Inferred | None
    #: Of a table; null without one
    read: ReadAs | None = None
    #: Nothing was stored
    dry_run: bool | None = None
    #: What keeps a model from learning or being judged, what gives the target away, and what to do
    warnings: list[str] | None = None
    #: Columns that are answers of a model, files of no use in a zip
    passed_over: list[str] | None = None
