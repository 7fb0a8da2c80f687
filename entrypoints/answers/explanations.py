"""What each column of a row has to do with its answer."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, UnsetType

from domain.explaining import Explanations
from domain.labels import Label
from domain.prediction import Predictions
from entrypoints.answers.answer import Answer, says


class ExplanationAnswer(Answer, kw_only=True):
    """Base and contributions add up to the answer: the number, or the probability of the predicted label."""

    label: Annotated[Label | UnsetType, says("The predicted one, of whose probability this tells; not of a number")
                     ] = UNSET
    base: Annotated[float, says("The mean answer to rows that the model has learned from")]
    contributions: Annotated[Mapping[str, float], says("By column, what its value adds to the base")]

    @classmethod
    def of(cls, answers: Predictions, said: Explanations) -> ExplanationAnswer:
        """Of one row."""
        return cls(label=UNSET if answers.probabilities is None else answers.values.tolist()[0],
                   base=said.base.tolist()[0],
                   contributions={name: added.tolist()[0] for name, added in said.contributions.items()})


class ExplanationsAnswer(Answer, kw_only=True):
    """Of some rows, in their order."""

    label: Annotated[Sequence[Label] | UnsetType, says("The predicted ones; not of numbers")] = UNSET
    base: Annotated[Sequence[float], says("The mean answer to rows that the model has learned from, to each label")]
    contributions: Annotated[Mapping[str, Sequence[float]], says("By column, what its value adds to the base")]
