"""The connected parts of each class of a mask: how many there are, and how large."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.arrays import Array
from domain.labels import Label
from domain.picture import VOID

# A mask of more runs than that is noise and no count of anything; its parts would take minutes and gigabytes.
MAX_RUNS = 500_000
MAX_SIZES = 100


@dataclass(frozen=True, slots=True)
class ConnectedParts:
    """sizes_px: those of the largest parts, falling, MAX_SIZES at most. median_px: of all; None where there are none.
    """

    count: int
    median_px: float | None
    sizes_px: tuple[int, ...]


def connected_parts(mask: Array, labels: tuple[Label, ...]) -> Mapping[str, ConnectedParts] | None:
    """Of each class but the first, which is the background. Pixels that touch at a corner belong together.

    mask: uint8[height, width], positions in labels, or VOID. None if it has more than MAX_RUNS runs of one class.
    """
    runs = _runs(mask)
    if runs.shape[1] > MAX_RUNS:
        return None
    owner = _united(runs.shape[1], *_neighbours(runs, mask.shape[1]))
    sizes = np.bincount(owner, runs[2] - runs[1], minlength=runs.shape[1]).astype(np.int64)
    roots = np.flatnonzero(owner == np.arange(len(owner)))
    classes = runs[3][roots]
    return {str(label): _described(sizes[roots[classes == number]])
            for number, label in enumerate(labels) if number > 0}


def _described(sizes: Array) -> ConnectedParts:
    falling = np.sort(sizes)[::-1]
    return ConnectedParts(len(sizes), float(np.median(sizes)) if len(sizes) else None,
                          tuple(falling[:MAX_SIZES].tolist()))


def _runs(mask: Array) -> Array:
    """int64[4, n]: row, first column, column behind the last, class; from left to right and from top to bottom."""
    height, width = mask.shape
    bordered = np.zeros((height, width + 1), np.uint8)
    bordered[:, :width] = np.where(mask == VOID, 0, mask)
    flat = bordered.ravel()
    # The border between two rows is background, so that no run goes on in the next.
    starts = np.flatnonzero(np.diff(flat, prepend=np.uint8(0)))
    ends = np.append(starts[1:], len(flat))
    classes, (rows, first) = flat[starts], np.divmod(starts, width + 1)
    found = np.stack([rows, first, first + ends - starts, classes.astype(np.int64)])
    return found[:, classes > 0]


def _neighbours(runs: Array, width: int) -> tuple[Array, Array]:
    """Pairs of runs of one class, one under the other, that touch."""
    rows, first, behind, classes = runs
    stride = width + 2
    low = np.searchsorted(rows * stride + behind, (rows + 1) * stride + first, side="left")
    high = np.searchsorted(rows * stride + first, (rows + 1) * stride + behind, side="right")
    counts = np.maximum(high - low, 0)
    above = np.repeat(np.arange(len(rows)), counts)
    below = np.arange(counts.sum()) + np.repeat(low - np.append(0, np.cumsum(counts)[:-1]), counts)
    same = classes[above] == classes[below]
    return above[same], below[same]


def _united(count: int, one: Array, other: Array) -> Array:
    """int64[count]: for each run the first of its part; minimum labels along the pairs, with pointer jumping (Shiloach,
    Vishkin 1982, "An O(log n) parallel connectivity algorithm")."""
    owner = np.arange(count)
    while True:
        left, right = owner[one], owner[other]
        apart = left != right
        if not apart.any():
            return owner
        least = np.minimum(left, right)[apart]
        np.minimum.at(owner, left[apart], least)
        np.minimum.at(owner, right[apart], least)
        while not np.array_equal(shorter := owner[owner], owner):
            owner = shorter
