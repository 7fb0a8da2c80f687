"""A model's answer about a picture in the forms in which it can be looked at."""
from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from domain.arrays import Array
from domain.picture import VOID, class_shares, drawn_mask

if TYPE_CHECKING:
    from domain.task import Task

# After Okabe and Ito (2008), told apart with any kind of colour blindness; then again, darker.
_COLOURS = np.array([(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0),
                     (204, 121, 167), (255, 255, 255)], np.float32)
COLOURS = np.concatenate([_COLOURS, _COLOURS * 0.5])
_PALETTE = np.concatenate([np.zeros((1, 3)), COLOURS[np.arange(255) % len(COLOURS)]]).astype(np.uint8)
_PALETTE[VOID] = 128
OPACITY = 0.45
STRIP_ROWS = 256


class Output(StrEnum):
    """PICTURE: what was sent, as the overlay shows it. COLOURS: the mask for eyes. FOREGROUND: of each pixel the
    likeliest class but the background, for eyes; with the probability it gives the mask of any threshold. HEATMAP: of
    a picture by class which regions decided."""

    MASK = "mask"
    OVERLAY = "overlay"
    PROBABILITY = "probability"
    PICTURE = "picture"
    COLOURS = "colours"
    FOREGROUND = "foreground"
    HEATMAP = "heatmap"


def decide(probabilities: Array, threshold: float | None) -> Array:
    """uint8[height, width] class positions of float32[height, width, classes].

    threshold: a pixel is of its likeliest class but the first, the background, if those together reach it. None: of the
    likeliest class of all.
    """
    def decided(shares: Array) -> Array:
        likeliest: Array = np.argmax(shares, axis=2) if threshold is None else np.where(
            1 - shares[:, :, 0] >= threshold, _foreground(shares), 0)
        return likeliest.astype(np.uint8)

    return in_strips(decided, probabilities)


def draw(output: Output, task: Task, picture: Array, probabilities: Array, mask: Array) -> Array:
    """uint8 (of large mask values uint16) [height, width], or uint8[height, width, 3] of what is in colour, a mask of
    colours too."""
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


def draw_frame(output: Output, task: Task, picture: Array, probabilities: Array, mask: Array
               ) -> Array:
    """uint8[height, width, 1], or uint8[height, width, 3] of an overlay: as `draw`, but for the eye, as a video has to
    be looked at: the classes of a mask are levels of grey, evenly from black to white."""
    if output is Output.MASK:
        return np.linspace(0, 255, len(task.labels)).round().astype(np.uint8)[mask][:, :, None]
    drawn = draw(output, task, picture, probabilities, mask)
    return drawn if drawn.ndim == 3 else drawn[:, :, None]


def _foreground(probabilities: Array) -> Array:
    """The likeliest class but the first."""
    likeliest: Array = np.argmax(probabilities[:, :, 1:], axis=2)
    return likeliest + 1


def stretch_of(picture: Array) -> Callable[[Array], Array]:
    """What makes of a part of the picture float32[height, width, channels] from 0 to 255, whatever part of its range
    the picture uses."""
    low, high = np.percentile(picture, [1, 99.8])
    return lambda pixels: ((pixels - low) / max(high - low, 1)).clip(0, 1).astype(np.float32) * 255


def for_eyes(stretched: Array) -> Array:
    """uint8[height, width] if there is one channel, else uint8[height, width, 3]."""
    pixels = np.round(stretched).astype(np.uint8)
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def coloured(mask: Array) -> Array:
    """uint8[height, width, 3]: each class but the first in its colour, the first one black, void grey."""
    return in_strips(lambda classes: _PALETTE[classes], mask)


def overlay(picture: Array, mask: Array) -> Array:
    """uint8[height, width, 3]: the picture, stretched, with each class but the first in its colour."""
    stretch = stretch_of(picture)

    def mixed(pixels: Array, classes: Array) -> Array:
        ground = np.broadcast_to(stretch(pixels), (*classes.shape, 3))
        colours = COLOURS[(classes.astype(np.int64) - 1) % len(COLOURS)]
        seen = (classes > 0) & (classes != VOID)
        shown = np.where(seen[:, :, None], ground * (1 - OPACITY) + colours * OPACITY, ground)
        return np.round(shown).astype(np.uint8)

    return in_strips(mixed, picture, mask)


# From what says nothing to what says most: black body, as "inferno" of matplotlib, thinned out.
_HEAT = np.array([(0, 0, 4), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164)], np.float32)


def heatmap(picture: Array, regions: Array) -> Array:
    """uint8[height, width, 3]: the picture, stretched and without colour, with the regions that spoke for the answer
    the brighter, the more they said. regions: float32[rows, columns], a grid over the whole picture."""
    stretch, heat = stretch_of(picture), np.clip(regions, 0, None)
    heat = heat / (heat.max() or 1)
    down, across = (_between(count, size) for count, size in zip(regions.shape, picture.shape[:2], strict=True))

    def mixed(pixels: Array, rows: Array) -> Array:
        ground, here = stretch(pixels).mean(axis=2, keepdims=True), rows @ heat @ across.T
        steps = np.linspace(0, 1, len(_HEAT))
        colours = np.stack([np.interp(here, steps, channel) for channel in _HEAT.T], axis=2)
        shown: Array = np.round(ground * (1 - OPACITY) + colours * OPACITY).astype(np.uint8)
        return shown

    return in_strips(mixed, picture, down)


def _between(count: int, size: int) -> Array:
    """float32[size, count]: the weights that make `size` values out of `count`, linear between their centres."""
    places = (np.arange(size) + 0.5) * count / size - 0.5
    apart: Array = np.abs(places.clip(0, count - 1)[:, None] - np.arange(count))
    weights: Array = np.clip(1 - apart, 0, 1)
    return weights


def in_strips(make: Callable[..., Array], *arrays: Array, rows: int = STRIP_ROWS) -> Array:
    """Some rows at a time: what lies between may take ten times the memory of the picture."""
    return np.concatenate([make(*(array[row:row + rows] for array in arrays))
                           for row in range(0, len(arrays[0]), rows)])


def summary(task: Task, mask: Array) -> dict[str, float]:
    """The share of the pixels that is of each class, by its label."""
    shares = class_shares(mask, len(task.labels))
    return {str(label): round(float(share), 6) for label, share in zip(task.labels, shares, strict=True)}


def _mask(task: Task, mask: Array) -> Array:
    """In the pixel values of the task, so that an answer can be corrected and added as data."""
    return drawn_mask(task.schema.target, len(task.labels), mask)
