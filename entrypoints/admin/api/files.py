"""Files that are to make a task, or to be added to one."""
from __future__ import annotations

from typing import NotRequired, TypedDict

from entrypoints.admin.api.tasks import ColumnBody, TaskDocument


class OtherBody(TypedDict):
    """column: None where the values cannot be read so. problem, labels: of a target, where they would be others."""

    why: str
    column: ColumnBody | None
    problem: str | None
    labels: list[str | int]


class FactsBody(TypedDict):
    """Of a column of a file. missing: share of the rows."""

    name: str
    type: str
    role: str
    missing: float
    distinct: int
    distinct_is_exact: bool
    examples: list[str]
    why: str
    certainty: str
    instead: OtherBody | None


class ReadBody(TypedDict):
    """What a file with a table was read as."""

    format: str
    charset: str | None
    separator: str | None
    sheet: str | None
    left_out: list[str]


class LookedBody(TypedDict):
    """needs: what has to be said of the file to make a task."""

    kind: str
    needs: list[str]
    rows: int | None
    columns: list[FactsBody]
    read: ReadBody | None


class InferredBody(TypedDict):
    rows: int
    rows_without_target: int
    columns: list[FactsBody]


class CreatedBody(TaskDocument):
    """A task with what was found out of its first data. inferred: None of pictures."""

    rows_added: int
    inferred: InferredBody | None
    warnings: list[str]
    passed_over: NotRequired[list[str]]


class AddedBody(TypedDict):
    dataset_version: int
    duplicate: bool
