"""What a model answers."""
from __future__ import annotations

from typing import TypedDict

from entrypoints.admin.api.datasets import PictureBody


class AnswerBody(TypedDict):
    request_id: str
    experiment_id: int
    prediction: str | float
    probabilities: dict[str, float] | None


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
