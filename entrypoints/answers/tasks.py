"""Tasks as documents, and what is told of them beside."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, Meta, field
from msgspec.structs import asdict

from application.use_cases.create_task import CreatedTask
from domain.cells import MAX_TEXT_CHARS, USABLE
from domain.columns import ColumnType
from domain.dataset import DatasetVersion
from domain.deployment import Deployment, begun_with
from domain.kinds.kind import Kind, Problem
from domain.labels import Label
from domain.reading import Certainty, Reading
from domain.schema import Column, Role
from domain.schema_inference import ColumnFacts, InferredTask
from domain.task import NAME, Split, Task
from domain.task_document import INTEGER_LIMIT
from entrypoints.answers.answer import Answer, Json, Moment, says
from entrypoints.answers.files import PassedOver, ReadAnswer, told_of
from entrypoints.answers.versions import VersionAnswer
from entrypoints.formats.formats import FileRows, Formats, Looked
from entrypoints.formats.table_format import FileFacts

_Count = Annotated[int, Meta(ge=0, lt=INTEGER_LIMIT)]
_Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARS, pattern=USABLE)]
_Name = Annotated[str, Meta(pattern=f"^{NAME.pattern}$")]


class ColumnDocument(Answer, kw_only=True, omit_defaults=True):
    """A column of a task. What has its default is left out."""

    name: str
    type: ColumnType
    role: Role = Role.FEATURE
    nullable: bool = True
    missing: Annotated[Sequence[str], says("Texts that mean no value, beside the empty one")] = ()
    private: bool = False
    description: _Text = ""
    channels: Annotated[_Count, says("Of a picture or a mask: 1 (grey) or 3")] = 1
    bits: Annotated[_Count, says("Of a picture: 8 or 16 for each channel")] = 8
    digits: Annotated[_Count | None, says("Of codes: how wide they are, filled with zeros in front; 0 for as wide "
                                          "as they are. 501, 501.0 and 00501 are one of them then")] = None
    day_first: Annotated[bool | None, says("Of dates: 31/12/2024, or 12/31/2024 where it is false; null for ISO 8601 "
                                           "alone")] = None
    values: Annotated[Sequence[_Count], says("Of a mask: the pixel value of each label; 0, 1, 2, ... if left "
                                             "out; of one in colour 0xRRGGBB")] = ()
    void: Annotated[_Count | None, says("Of a mask: the value of pixels that are neither trained on nor judged")] = None
    since: Annotated[_Count, says("Schema version that took it in; rows from before have no value there")] = 1

    @classmethod
    def of(cls, column: Column) -> ColumnDocument:
        return cls(
            name=column.name, type=column.type, role=column.role, nullable=column.nullable, missing=column.missing,
            private=column.private, description=column.description, channels=column.channels, bits=column.bits,
            digits=column.digits, day_first=column.day_first, values=column.values, void=column.void,
            since=column.since)


class _Document(Answer, kw_only=True, omit_defaults=True):
    name: _Name
    kind: Kind
    problem: Problem
    description: _Text = ""
    columns: Sequence[ColumnDocument]
    labels: Annotated[Sequence[Label], says("The classes, in the order of a model's probabilities")] = ()
    split: Split = field(default_factory=Split)
    training: Annotated[Mapping[str, Json], says(
        "What the task says of it: the trainer, if not catboost, and its parameters; GET /trainers has them all"
    )] = field(default_factory=dict)
    demo: _Text | None = None


class TaskDocument(_Document):
    """A task, as its YAML file has it. What has its default is left out."""

    @classmethod
    def of(cls, task: Task) -> TaskDocument:
        return cls(
            name=task.name, kind=task.kind, problem=task.problem, description=task.description,
            columns=[ColumnDocument.of(column) for column in task.schema.columns], labels=task.labels,
            split=task.split, training=task.training.said(), demo=task.demo or None)


class TasksAnswer(Answer):
    """Every task, by name."""

    tasks: Sequence[TaskDocument]

    @classmethod
    def of(cls, tasks: Iterable[Task]) -> TasksAnswer:
        return cls([TaskDocument.of(task) for task in tasks])


class ServedAnswer(Answer):
    """What serves a task."""

    experiment_id: int
    generation: int
    created_at: Annotated[Moment, says("When it began to serve")]

    @classmethod
    def of(cls, history: Sequence[Deployment]) -> ServedAnswer:
        """history: newest first, not empty."""
        return cls(history[0].experiment_id, history[0].generation, begun_with(history).created_at)


class TaskAnswer(_Document, kw_only=True):
    """A task, its data and what serves it."""

    schema_version: Annotated[int, says("Counts its definitions; a change makes the next one")]
    versions: Annotated[Sequence[VersionAnswer], says("Oldest first")]
    deployment: Annotated[ServedAnswer | None, says("null while nothing serves it")]

    @classmethod
    def of(cls, task: Task, versions: Iterable[DatasetVersion], history: Sequence[Deployment]) -> TaskAnswer:
        """history: of its deployments, newest first."""
        return cls(**asdict(TaskDocument.of(task)), schema_version=task.schema_version,
                   versions=[VersionAnswer.of(version) for version in versions],
                   deployment=ServedAnswer.of(history) if history else None)


class DeletedTaskAnswer(Answer):
    """A task that is there no more."""

    task: str
    schema_version: Annotated[int, says("The last that it had")]


class OtherReadingAnswer(Answer):
    """What a column may be instead; a task document with it is how to have it so."""

    why: Annotated[str, says("What speaks for it, or what to do")]
    column: Annotated[ColumnDocument | None, says("null where the values cannot be read so as they are written")]
    problem: Annotated[Problem | None, says("Of a target: what the task would be")]
    labels: Annotated[Sequence[Label], says("Of a target: the classes, the positive one last")]

    @classmethod
    def of(cls, reading: Reading) -> OtherReadingAnswer:
        column = ColumnDocument.of(reading.instead) if reading.instead else None
        return cls(reading.why, column, reading.problem, reading.labels)


class ColumnFactsAnswer(Answer):
    """What was seen of a column, and what was made of it."""

    name: str
    type: ColumnType
    role: Role
    missing: Annotated[float, says("Share of the rows")]
    distinct: int
    distinct_is_exact: Annotated[bool, says("Counting stops at some number")]
    examples: Annotated[Sequence[str], says("The first different values as they are written, long ones cut")]
    why: str
    certainty: Annotated[Certainty, says("unsure: as much speaks for what stands in `instead`")]
    instead: Annotated[OtherReadingAnswer | None, says("null where nothing speaks for another reading")]

    @classmethod
    def of(cls, facts: ColumnFacts) -> ColumnFactsAnswer:
        column = facts.column
        return cls(column.name, column.type, column.role, facts.missing, facts.distinct, facts.distinct_is_exact,
                   facts.examples, column.description, facts.reading.certainty,
                   OtherReadingAnswer.of(facts.reading) if facts.reading.why else None)

    @classmethod
    def left_out(cls, what: str) -> ColumnFactsAnswer:
        return cls("", ColumnType.CATEGORY, Role.IGNORED, 1.0, 0, True, (), f"left out: {what}", Certainty.SURE, None)


class InferredAnswer(Answer):
    """How a task was made of a table."""

    rows: int
    rows_without_target: Annotated[int, says("They are left out")]
    columns: Sequence[ColumnFactsAnswer]

    @classmethod
    def of(cls, inferred: InferredTask, read: FileFacts | None) -> InferredAnswer:
        """With a line for each column that has no name."""
        columns = [ColumnFactsAnswer.of(facts) for facts in inferred.columns]
        left_out = [what for what in (read.left_out if read else ()) if what.startswith("column ")]
        return cls(inferred.rows, inferred.rows_without_target,
                   [*columns, *map(ColumnFactsAnswer.left_out, left_out)])


class LookedAnswer(Answer):
    """What a file holds, before it makes a task."""

    kind: Kind
    needs: Annotated[Sequence[str], says("What has to be said of it to make a task: fields of POST /tasks")]
    rows: Annotated[int | None, says("null of pictures")]
    columns: Annotated[Sequence[ColumnFactsAnswer], says(
        "What each would be beside another one as the target; none of pictures")]
    read: Annotated[ReadAnswer | None, says("Of a table; null of pictures")]

    @classmethod
    def of(cls, formats: Formats, looked: Looked) -> LookedAnswer:
        return cls(formats.kind, formats.needs, looked.rows, [ColumnFactsAnswer.of(facts) for facts in looked.columns],
                   ReadAnswer.of(looked.read) if looked.read else None)


class CreatedTaskAnswer(_Document, kw_only=True):
    """A new task, and its first data."""

    dataset_version: Annotated[int | None, says("null without data")]
    rows_added: int
    inferred: Annotated[InferredAnswer | None, says("null for a task that came as a document, and of pictures")]
    read: Annotated[ReadAnswer | None, says("Of a table; null without one")] = None
    dry_run: Annotated[bool, says("Nothing was stored")] = False
    warnings: Annotated[Sequence[str], says(
        "What keeps a model from learning or being judged, what gives the target away, and what to do")] = ()
    passed_over: PassedOver = UNSET

    @classmethod
    def of(cls, created: CreatedTask, inferred: InferredTask | None, file: FileRows,
           dry_run: bool = False, warnings: Sequence[str] = ()) -> CreatedTaskAnswer:
        version, (read, passed_over) = created.version, told_of(file)
        return cls(**asdict(TaskDocument.of(created.task)), dataset_version=version.version if version else None,
                   rows_added=version.rows_added if version else 0,
                   inferred=InferredAnswer.of(inferred, file.read) if inferred else None,
                   read=read or None, dry_run=dry_run, warnings=warnings, passed_over=passed_over)
