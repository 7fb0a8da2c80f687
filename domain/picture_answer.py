"""A model's answer about a picture in the forms in which it can be looked at."""
from __future__ import annotations

from enum import StrEnum

import numpy as np

from domain.errors import Fault, InvalidInput
from domain.picture import class_shares
from domain.task import Task

# After Okabe and Ito (2008), told apart with any kind of colour blindness; then again, darker.
_COLOURS = np.array([(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0),
                     (204, 121, 167), (255, 255, 255)], np.float32)
COLOURS = np.concatenate([_COLOURS, _COLOURS * 0.5])
OPACITY = 0.45


class Output(StrEnum):
    MASK = "mask"
    OVERLAY = "overlay"
    PROBABILITY = "probability"


def decide(probabilities: np.ndarray, threshold: float | None) -> np.ndarray:
    """uint8[height, width] class positions of float32[height, width, classes].

    threshold: a pixel is of its likeliest class but the first, the background, if those together reach it. None: of the
    likeliest class of all.
    """
    if threshold is None:
        return probabilities.argmax(axis=2).astype(np.uint8)
    best = probabilities[:, :, 1:].argmax(axis=2) + 1
    return np.where(1 - probabilities[:, :, 0] >= threshold, best, 0).astype(np.uint8)


def draw(output: Output, task: Task, picture: np.ndarray, probabilities: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """uint8 (of large mask values uint16) [height, width], or uint8[height, width, 3] of an overlay."""
    if output is Output.PROBABILITY:
        return np.round((1 - probabilities[:, :, 0]) * 255).astype(np.uint8)
    return overlay(picture, mask) if output is Output.OVERLAY else _mask(task, mask)


def overlay(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """uint8[height, width, 3]: the picture, stretched, with each class but the first in its colour."""
    low, high = np.percentile(picture, [1, 99.8])
    shown = ((picture - low) / max(high - low, 1)).clip(0, 1).astype(np.float32) * 255
    ground = np.broadcast_to(shown, (*mask.shape, 3))
    colours = COLOURS[(mask.astype(np.int64) - 1) % len(COLOURS)]
    mixed = np.where(mask[:, :, None] > 0, ground * (1 - OPACITY) + colours * OPACITY, ground)
    return np.round(mixed).astype(np.uint8)


def summary(task: Task, mask: np.ndarray) -> dict[str, float]:
    """The share of the pixels that is of each class, by its label."""
    shares = class_shares(mask, len(task.labels))
    return {str(label): round(float(share), 6) for label, share in zip(task.labels, shares, strict=True)}


def read_threshold(text: str | None) -> float | None:
    """Raises: InvalidInput."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not 0 <= value <= 1:
        raise InvalidInput("X-Threshold is a number from 0 to 1", [Fault("X-Threshold", "is a number from 0 to 1")])
    return value


def read_output(text: str | None) -> Output:
    """Raises: InvalidInput."""
    try:
        return Output((text or Output.MASK).strip().lower())
    except ValueError as failure:
        known = ", ".join(Output)
        raise InvalidInput(f"X-Output is one of {known}", [Fault("X-Output", f"is one of {known}")]) from failure


def _mask(task: Task, mask: np.ndarray) -> np.ndarray:
    """In the pixel values of the task, so that an answer can be corrected and added as data."""
    values = task.schema.target.values or tuple(range(len(task.labels)))
    return np.array(values, np.uint8 if max(values) < 256 else np.uint16)[mask]
