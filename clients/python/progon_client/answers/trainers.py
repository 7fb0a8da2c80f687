"""What can train."""
from __future__ import annotations

from dataclasses import dataclass

from progon_client.answers.words import Kind, ParameterType, Problem


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a trainer."""

    type: ParameterType
    default: bool | int | float | str
    #: The least; null where there is no limit
    low: float | None
    high: float | None
    meaning: str
    #: Of a text; empty is any
    choices: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Adapted:
    """Other defaults, for few rows."""

    kind: Kind
    up_to_rows: int
    params: dict[str, bool | int | float | str]


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """A trainer, as it describes itself."""

    name: str
    kinds: list[Kind]
    problems: list[Problem]
    params: dict[str, Parameter]
    #: Defaults that hold for tasks of a kind with up to so many rows
    adapted: list[Adapted]
    #: It takes `refit: all`
    refits: bool


@dataclass(frozen=True, kw_only=True)
class Trainers:
    """Every trainer that can be asked for, by name."""

    trainers: list[Trainer]
