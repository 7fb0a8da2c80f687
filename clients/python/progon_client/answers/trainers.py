"""What can train."""
from __future__ import annotations

from dataclasses import dataclass

from progon_client.answers.words import Kind, ParameterType, Problem

Value = bool | int | float | str | dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a trainer."""

    type: ParameterType
    default: Value
    #: The least; null where there is no limit
    low: float | None
    high: float | None
    meaning: str
    #: Of a text; empty is any
    choices: list[str] | None = None
    #: The least and the greatest that trials of a search take; empty if they leave it alone; null for all allowed
    tried: list[float] | None = None


@dataclass(frozen=True, kw_only=True)
class Adapted:
    """Other defaults, for few rows."""

    kind: Kind
    up_to_rows: int
    params: dict[str, Value]
    #: Of tasks with these alone; if none is named, of all
    problems: list[Problem]


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """A trainer, as it describes itself."""

    name: str
    kinds: list[Kind]
    problems: list[Problem]
    params: dict[str, Parameter]
    #: Defaults that hold for tasks of a kind with up to so many rows: the first that suits
    adapted: list[Adapted]
    #: It takes `refit: all`
    refits: bool
    #: The settings that `search: true` tries, each in the place of the usual ones; if none, it draws some
    ladder: list[dict[str, Value]]


@dataclass(frozen=True, kw_only=True)
class Trainers:
    """Every trainer that can be asked for, by name."""

    trainers: list[Trainer]
