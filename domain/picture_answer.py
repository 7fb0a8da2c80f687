"""A model's answer about a picture in the forms in which it can be looked at."""
from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from domain.errors import Fault, InvalidInput
from domain.picture import class_shares
from domain.task import Task

# After Okabe and Ito (2008), told apart with any kind of colour blindness; then again, darker.
_COLOURS = np.array([(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0),
                     (204, 121, 167), (255, 255, 255)], np.float32)
COLOURS = np.concatenate([_COLOURS, _COLOURS * 0.5])
_PALETTE = np.concatenate([np.zeros((1, 3)), COLOURS[np.arange(255) % len(COLOURS)]]).astype(np.uint8)
OPACITY = 0.45
STRIP_ROWS = 256


class Output(StrEnum):
    """PICTURE: what was sent, as the overlay shows it. COLOURS: the mask for eyes. FOREGROUND: of each pixel the
    likeliest class but the background, for eyes; with the probability it gives the mask of any threshold."""

    MASK = "mask"
    OVERLAY = "overlay"
    PROBABILITY = "probability"
    PICTURE = "picture"
    COLOURS = "colours"
    FOREGROUND = "foreground"


def decide(probabilities: np.ndarray, threshold: float | None) -> np.ndarray:
    """uint8[height, width] class positions of float32[height, width, classes].

    threshold: a pixel is of its likeliest class but the first, the background, if those together reach it. None: of the
    likeliest class of all.
    """
    def decided(shares: np.ndarray) -> np.ndarray:
        if threshold is None:
            return shares.argmax(axis=2).astype(np.uint8)
        return np.where(1 - shares[:, :, 0] >= threshold, _foreground(shares), 0).astype(np.uint8)

    return in_strips(decided, probabilities)


def draw(output: Output, task: Task, picture: np.ndarray, probabilities: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """uint8 (of large mask values uint16) [height, width], or uint8[height, width, 3] of what is in colour."""
    if output is Output.PROBABILITY:
        return in_strips(lambda shares: np.round((1 - shares[:, :, 0]) * 255).astype(np.uint8), probabilities)
    if output is Output.PICTURE:
        stretch = stretch_of(picture)
        return in_strips(lambda pixels: for_eyes(stretch(pixels)), picture)
    if output is Output.FOREGROUND:
        return in_strips(lambda shares: _PALETTE[_foreground(shares)], probabilities)
    if output is Output.COLOURS:
        return coloured(mask)
    return overlay(picture, mask) if output is Output.OVERLAY else _mask(task, mask)


def draw_frame(output: Output, task: Task, picture: np.ndarray, probabilities: np.ndarray, mask: np.ndarray
               ) -> np.ndarray:
    """uint8[height, width, 1], or uint8[height, width, 3] of an overlay: as `draw`, but for the eye, as a video has to
    be looked at: the classes of a mask are levels of grey, evenly from black to white."""
    if output is Output.MASK:
        return np.linspace(0, 255, len(task.labels)).round().astype(np.uint8)[mask][:, :, None]
    drawn = draw(output, task, picture, probabilities, mask)
    return drawn if drawn.ndim == 3 else drawn[:, :, None]


def _foreground(probabilities: np.ndarray) -> np.ndarray:
    """The likeliest class but the first."""
    return probabilities[:, :, 1:].argmax(axis=2) + 1


def stretch_of(picture: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """What makes of a part of the picture float32[height, width, channels] from 0 to 255, whatever part of its range
    the picture uses."""
    low, high = np.percentile(picture, [1, 99.8])
    return lambda pixels: ((pixels - low) / max(high - low, 1)).clip(0, 1).astype(np.float32) * 255


def for_eyes(stretched: np.ndarray) -> np.ndarray:
    """uint8[height, width] if there is one channel, else uint8[height, width, 3]."""
    pixels = np.round(stretched).astype(np.uint8)
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def coloured(mask: np.ndarray) -> np.ndarray:
    """uint8[height, width, 3]: each class but the first in its colour, the first one black."""
    return in_strips(lambda classes: _PALETTE[classes], mask)


def overlay(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """uint8[height, width, 3]: the picture, stretched, with each class but the first in its colour."""
    stretch = stretch_of(picture)

    def mixed(pixels: np.ndarray, classes: np.ndarray) -> np.ndarray:
        ground = np.broadcast_to(stretch(pixels), (*classes.shape, 3))
        colours = COLOURS[(classes.astype(np.int64) - 1) % len(COLOURS)]
        shown = np.where(classes[:, :, None] > 0, ground * (1 - OPACITY) + colours * OPACITY, ground)
        return np.round(shown).astype(np.uint8)

    return in_strips(mixed, picture, mask)


def in_strips(make: Callable[..., np.ndarray], *arrays: np.ndarray, rows: int = STRIP_ROWS) -> np.ndarray:
    """Some rows at a time: what lies between may take ten times the memory of the picture."""
    return np.concatenate([make(*(array[row:row + rows] for array in arrays))
                           for row in range(0, len(arrays[0]), rows)])


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


def read_as_frames(text: str | None) -> bool:
    """Is a video to be answered by single pictures? Raises: InvalidInput."""
    wanted = (text or "video").strip().lower()
    if wanted not in ("video", "frames"):
        raise InvalidInput("X-Video is video or frames", [Fault("X-Video", "is video or frames")])
    return wanted == "frames"


def _mask(task: Task, mask: np.ndarray) -> np.ndarray:
    """In the pixel values of the task, so that an answer can be corrected and added as data."""
    values = task.schema.target.values or tuple(range(len(task.labels)))
    return np.array(values, np.uint8 if max(values) < 256 else np.uint16)[mask]
