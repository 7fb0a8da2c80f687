"""Connected parts of masks, against those that scipy finds."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from domain import connected
from domain.connected import ConnectedParts, connected_parts
from domain.picture import VOID

LABELS = ("ground", "cell", "dirt")
SHAPES = st.tuples(st.integers(1, 24), st.integers(1, 24))


def scipys(mask, number):
    found, count = ndimage.label(mask == number, np.ones((3, 3)))
    sizes = np.bincount(found.ravel())[1:]
    return ConnectedParts(count, float(np.median(sizes)) if count else None, tuple(sorted(sizes.tolist())[::-1][:100]))


@given(SHAPES.flatmap(lambda shape: arrays.arrays(np.uint8, shape, elements=st.sampled_from([0, 1, 1, 2, VOID]))))
@settings(deadline=None, max_examples=150)
def test_they_are_those_of_scipy(mask):
    assert connected_parts(mask, LABELS) == {"cell": scipys(mask, 1), "dirt": scipys(mask, 2)}


def test_one_that_winds():
    """A spiral: its two ends are one part, and what lies in it is another."""
    mask = np.zeros((201, 201), np.uint8)
    row, column, length, steps = 100, 100, 2, [(0, 1), (1, 0), (0, -1), (-1, 0)]
    for turn in range(96):
        down, right = steps[turn % 4]
        for _ in range(length):
            mask[row, column] = 1
            row, column = row + down, column + right
        length += 2 * (turn % 2)
    assert connected_parts(mask, LABELS)["cell"] == scipys(mask, 1) and scipys(mask, 1).count == 1


def test_nothing_is_there():
    assert connected_parts(np.zeros((3, 4), np.uint8), LABELS) == dict.fromkeys(
        ("cell", "dirt"), ConnectedParts(0, None, ()))


def test_many_and_large():
    mask = np.zeros((300, 300), np.uint8)
    mask[::3, ::3] = 1
    mask[150:, 150:] = 2
    found = connected_parts(mask, LABELS)
    assert found == {"cell": scipys(mask, 1), "dirt": scipys(mask, 2)}
    assert len(found["cell"].sizes_px) == 100 < found["cell"].count


def test_noise_is_not_counted(monkeypatch):
    monkeypatch.setattr(connected, "MAX_RUNS", 10)
    mask = np.tile(np.array([0, 1], np.uint8), (2, 5))
    assert connected_parts(mask, LABELS)["cell"].count == 5
    assert connected_parts(np.tile(mask, (2, 1)), LABELS) is None


@pytest.mark.parametrize("labels", [(0, 1), ("ground", "cell")])
def test_by_label(labels):
    assert set(connected_parts(np.ones((2, 2), np.uint8), labels)) == {str(labels[1])}
