"""What a model answers."""
from __future__ import annotations

from typing import NotRequired, TypedDict

from entrypoints.admin.api.datasets import PictureBody


class ExplanationBody(TypedDict):
    """label: of whose probability it tells; not there of a number."""

    label: NotRequired[str | int]
    base: float
    contributions: dict[str, float]


class AnswerBody(TypedDict):
    request_id: str
    experiment_id: int
    prediction: str | float
    probabilities: dict[str, float] | None
    explanation: NotRequired[ExplanationBody]


class RowsBody(TypedDict):
    """The answers to a list of rows."""

    request_id: str
    experiment_id: int
    predictions: list[str | float]


class ClassAnswerBody(AnswerBody):
    """image: a PNG in base64, None if none was asked for."""

    image: str | None
    width: int
    height: int


class PictureAnswerBody(PictureBody):
    """images: layer -> PNG in base64."""

    request_id: str
    experiment_id: int
    images: dict[str, str]
