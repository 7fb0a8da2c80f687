"""Which pixels of a picture the trees are trained on."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.picture import class_counts

# A rare class gets at least this share of its even part of the sample.
LEAST_SHARE = 0.5


def sample_pixels(mask: NDArray[np.uint8], classes: int, size: int, random: np.random.Generator
                  ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """int64[k] positions in the flat mask, rising, and float32[k] weights: how many pixels each one stands for.

    Rare classes are drawn more often than they occur, and weigh the less for it, so that probabilities stay true.
    mask: uint8[height, width] of class positions; a pixel that is VOID is never drawn.
    """
    counts = class_counts(mask, classes)
    if not counts.any():
        return np.empty(0, np.int64), np.empty(0, np.float32)
    wanted = np.maximum(counts / counts.sum(), LEAST_SHARE / np.count_nonzero(counts))
    quotas = np.minimum(counts, np.round(size * wanted / wanted[counts > 0].sum()).astype(np.int64).clip(1))
    drawn = [random.choice(np.flatnonzero(mask.ravel() == number), quotas[number], replace=False)
             for number in np.flatnonzero(counts)]
    positions = np.sort(np.concatenate(drawn))
    classes_drawn = mask.ravel()[positions]
    return positions, (counts[classes_drawn] / quotas[classes_drawn]).astype(np.float32)
