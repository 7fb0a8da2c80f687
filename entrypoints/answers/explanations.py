"""What each column of a row has to do with its answer."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, UnsetType

from domain.explaining import Explanation
from domain.labels import Label
from entrypoints.answers.answer import Answer, says


class ExplanationAnswer(Answer, kw_only=True):
    """Base and contributions add up to the answer: the number, or the probability of the predicted label."""

    label: Annotated[Label | UnsetType, says("The predicted one, of whose probability this tells; not of a number")
                     ] = UNSET
    base: Annotated[float, says("The mean answer to rows that the model has learned from")]
    contributions: Annotated[Mapping[str, float], says("By column, what its value adds to the base")]

    @classmethod
    def of(cls, said: Explanation) -> ExplanationAnswer:
        return cls(label=UNSET if said.label is None else said.label, base=said.base, contributions=said.contributions)


class ExplanationsAnswer(Answer, kw_only=True):
    """Of some rows, in their order."""

    label: Annotated[Sequence[Label] | UnsetType, says("The predicted ones; not of numbers")] = UNSET
    base: Annotated[Sequence[float], says("The mean answer to rows that the model has learned from, to each label")]
    contributions: Annotated[Mapping[str, Sequence[float]], says("By column, what its value adds to the base")]

    @classmethod
    def of(cls, said: Sequence[Explanation]) -> ExplanationsAnswer:
        """said: at least one."""
        labels = [one.label for one in said if one.label is not None]
        return cls(label=labels or UNSET, base=[one.base for one in said], contributions={
            name: [one.contributions[name] for one in said] for name in said[0].contributions})
