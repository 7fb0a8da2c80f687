"""What can train."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from domain.kinds.kind import Kind, Problem
from domain.trainer_card import Parameter, ParameterType, TrainerCard
from entrypoints.answers.answer import Answer, says

Value = bool | int | float | str | Mapping[str, float]


class ParameterAnswer(Answer):
    """A parameter of a trainer."""

    type: ParameterType
    default: Value
    low: Annotated[float | None, says("The least; null where there is no limit")]
    high: float | None
    meaning: str
    choices: Annotated[Sequence[str], says("Of a text; empty is any")] = ()
    tried: Annotated[Sequence[float] | None, says(
        "The least and the greatest that trials of a search take; empty if they leave it alone; null for all allowed"
    )] = None

    @classmethod
    def of(cls, parameter: Parameter) -> ParameterAnswer:
        return cls(parameter.type, parameter.default, parameter.low, parameter.high, parameter.meaning,
                   parameter.choices, parameter.tried)


class AdaptedAnswer(Answer):
    """Other defaults, for few rows."""

    kind: Kind
    up_to_rows: int
    params: Mapping[str, Value]
    problems: Annotated[Sequence[Problem], says("Of tasks with these alone; if none is named, of all")]


class TrainerAnswer(Answer):
    """A trainer, as it describes itself."""

    name: str
    kinds: Sequence[Kind]
    problems: Sequence[Problem]
    params: Mapping[str, ParameterAnswer]
    adapted: Annotated[Sequence[AdaptedAnswer], says(
        "Defaults that hold for tasks of a kind with up to so many rows: the first that suits")]
    refits: Annotated[bool, says("It takes `refit: all`")]
    ladder: Annotated[Sequence[Mapping[str, Value]], says(
        "The settings that `search: true` tries, each in the place of the usual ones; if none, it draws some")]

    @classmethod
    def of(cls, card: TrainerCard) -> TrainerAnswer:
        return cls(
            card.name, [Kind(kind) for kind in card.kinds], [Problem(problem) for problem in card.problems],
            {name: ParameterAnswer.of(parameter) for name, parameter in card.params.items()},
            [AdaptedAnswer(Kind(rung.kind), rung.up_to_rows, rung.params, list(map(Problem, rung.problems)))
             for rung in card.adapted], card.refits,
            card.ladder)


class TrainersAnswer(Answer):
    """Every trainer that can be asked for, by name."""

    trainers: Sequence[TrainerAnswer]

    @classmethod
    def of(cls, cards: Iterable[TrainerCard]) -> TrainersAnswer:
        return cls([TrainerAnswer.of(card) for card in cards])
