"""Tasks: what is predicted, from which columns, and what trains."""
from __future__ import annotations

from typing import NotRequired, TypedDict


class ColumnBody(TypedDict):
    """What is left out is as usual: a feature that may be empty and anybody may see."""

    name: str
    type: str
    role: NotRequired[str]
    nullable: NotRequired[bool]
    private: NotRequired[bool]
    missing: NotRequired[list[str]]
    description: NotRequired[str]


class TaskDocument(TypedDict):
    """labels: left out where the answers are numbers."""

    name: str
    kind: str
    problem: str
    description: NotRequired[str]
    columns: list[ColumnBody]
    labels: NotRequired[list[str | int]]
    training: dict[str, bool | float | str]


class ParameterBody(TypedDict):
    type: str
    default: bool | float | str
    meaning: str


class AdaptedBody(TypedDict):
    kind: str
    up_to_rows: int
    params: dict[str, bool | float | str]
    problems: NotRequired[list[str]]


class TrainerBody(TypedDict):
    """adapted: defaults for few rows, of which the first that suits holds. refits: a model can learn from the held-out
    rows at last."""

    name: str
    kinds: list[str]
    problems: list[str]
    params: dict[str, ParameterBody]
    adapted: list[AdaptedBody]
    refits: bool


class TrainersBody(TypedDict):
    trainers: list[TrainerBody]


class ServingBody(TypedDict):
    experiment_id: int
    generation: int
    created_at: str


class VersionBody(TypedDict):
    dataset_version: int
    batch_id: str
    rows_added: int
    rows: int
    created_at: str


class TaskBody(TaskDocument):
    """versions: oldest first. deployment: None while nothing serves."""

    schema_version: int
    versions: list[VersionBody]
    deployment: ServingBody | None


TasksBody = TypedDict("TasksBody", {"tasks": list[TaskDocument]})
